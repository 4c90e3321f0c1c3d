import CKernels
import Domain

/// All layers once over a batch, in memory that stays where it is while this value lives.
struct ForwardPass {
  let instructionSet: Int32
  let layout: Layout
  let standardizer: Standardizer
  let parameters: UnsafePointer<Float>
  /// Room of `layout.size`.
  let activations: UnsafeMutablePointer<Float>
  let logits: UnsafeMutablePointer<Float>
  /// Room for the cells that max pooling took, where a backward pass will ask for them.
  let cells: Cells?

  struct Cells {
    let layout: GradientLayout
    let room: UnsafeMutablePointer<UInt16>
  }

  /// At most as many rows as the layout has room for.
  func run(_ inputs: UnsafePointer<Float>, rowCount: Int) {
    let inputCount = layout.shape.inputCount
    for run in layout.runs {
      let isFirst = run.layers.lowerBound == 0
      if run.isDense {
        if isFirst {
          for row in 0..<rowCount { standardize(inputs + row * inputCount, row: row) }
        }
        for index in run.layers { dense(index, rowCount: rowCount) }
      } else {
        for row in 0..<rowCount {
          if isFirst { standardize(inputs + row * inputCount, row: row) }
          for index in run.layers { onePart(index, row: row) }
        }
      }
    }
  }

  private func standardize(_ input: UnsafePointer<Float>, row: Int) {
    let place = layout.inputs[0]
    let grid = place.grid
    let to = activations + place.start(row: row)
    func part(_ from: Int, _ to: UnsafeMutablePointer<Float>, count: Int, step: Int) {
      standardizer.mean.withUnsafeBufferPointer { mean in
        standardizer.inverseScale.withUnsafeBufferPointer { scale in
          guard let mean = mean.baseAddress, let scale = scale.baseAddress else { return }
          kz_standardize(
            instructionSet, input + from, mean + from, scale + from, to, count, step, Standardizer.limit)
        }
      }
    }
    switch layout.shape.input {
    case .vector(let count):
      part(0, to, count: count, step: 1)
    case .window(let channels, let length):
      // Stored channel by channel; kernels want the channels of one moment side by side.
      for channel in 0..<channels { part(channel * length, to + channel, count: length, step: channels) }
    case .image(let height, let width, let channels):
      let count = width * channels
      for row in 0..<height { part(row * count, to + row * grid.rowStride, count: count, step: 1) }
    }
  }

  /// Where layer `index` writes part `row`.
  private func output(_ index: Int, row: Int) -> UnsafeMutablePointer<Float> {
    guard index + 1 < layout.inputs.count else { return logits + row * layout.shape.classCount }
    return activations + layout.inputs[index + 1].start(row: row)
  }

  private func dense(_ index: Int, rowCount: Int) {
    let layer = layout.shape.layers[index]
    let isLast = index + 1 == layout.inputs.count
    for first in stride(from: 0, to: rowCount, by: ProductTable.denseRowCount) {
      layout.tables[index].multiply(
        rowCount: min(ProductTable.denseRowCount, rowCount - first),
        activations + layout.inputs[index].start(row: first), parameters + layer.weightOffset,
        count: layer.parameterCount, columns: layer.output.channels, bias: parameters + layer.biasOffset,
        into: output(index, row: first), ending: isLast ? KZ_PLAIN : KZ_RELU, on: instructionSet)
    }
  }

  private func onePart(_ index: Int, row: Int) {
    let layer = layout.shape.layers[index]
    let place = layout.inputs[index]
    switch layer.kind {
    case .dense: preconditionFailure("dense layers take whole batches")
    case .convolution:
      let window = layout.windows[index]
      let target = layout.inputs[window > 0 ? index + 2 : index + 1]
      layout.tables[index].multiply(
        activations + place.base(row: row), parameters + layer.weightOffset, count: layer.parameterCount,
        columns: layer.output.channels, bias: parameters + layer.biasOffset,
        into: activations + target.base(row: row), ending: KZ_RELU, window: window,
        cells: window > 0 ? cells(index + 1, row: row) : nil, on: instructionSet)
    case .maxPool where index > 0 && layout.windows[index - 1] > 0: break
    case .maxPool, .averagePool, .globalAveragePool: pool(index, from: activations + place.start(row: row), row: row)
    }
  }

  private func pool(_ index: Int, from: UnsafePointer<Float>, row: Int) {
    let layer = layout.shape.layers[index]
    let place = layout.inputs[index]
    guard let pool = layer.pool(from: place.grid, to: layout.inputs[index + 1].grid) else { return }
    guard case .maxPool = layer.kind else {
      kz_mean_pool(instructionSet, pool, from, output(index, row: row))
      return
    }
    let isPositive = index > 0 && layout.shape.layers[index - 1].endsInReLU
    kz_max_pool(
      instructionSet, pool, from, output(index, row: row),
      cells(index, row: row), isPositive ? 1 : 0)
  }

  private func cells(_ index: Int, row: Int) -> UnsafeMutablePointer<UInt16>? {
    cells.map { $0.room + $0.layout.cells[index].base(row: row) }
  }
}
