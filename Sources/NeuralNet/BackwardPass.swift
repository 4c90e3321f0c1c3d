import CKernels

/// All layers once from last to first, in memory that stays where it is while this value lives.
struct BackwardPass {
  let instructionSet: Int32
  let forward: Layout
  let layout: GradientLayout
  let parameters: UnsafePointer<Float>
  /// As the forward pass left them.
  let activations: UnsafePointer<Float>
  let logitGradient: UnsafePointer<Float>
  let cells: UnsafePointer<UInt16>?
  /// All 0 at first; every layer adds to it.
  let gradient: UnsafeMutablePointer<Float>
  let deltas: UnsafeMutablePointer<Float>
  /// Room for every layer's weights.
  let transposed: UnsafeMutablePointer<Float>

  private var layers: [StudentShape.Layer] { forward.shape.layers }

  func run(rowCount: Int) {
    transposeWeights()
    for run in forward.runs.reversed() where run.layers.upperBound > layout.first {
      if run.isDense {
        for index in run.layers.reversed() where index >= layout.first { dense(index, rowCount: rowCount) }
      } else {
        for row in 0..<rowCount {
          for index in run.layers.reversed() where index >= layout.first { onePart(index, row: row) }
        }
      }
    }
  }

  private func transposeWeights() {
    for (index, layer) in layers.enumerated() where index > layout.first && layer.weightCount > 0 {
      let from = parameters + layer.weightOffset
      let to = transposed + layer.weightOffset
      if layer.isDense {
        kz_transpose(instructionSet, from, to, layer.input.count, layer.output.count)
      } else {
        let size = layer.input.channels * layer.output.channels
        for (place, tap) in layout.taps[index].enumerated() {
          kz_transpose(
            instructionSet, from + tap * size, to + place * size, layer.input.channels, layer.output.channels)
        }
      }
    }
  }

  /// What a layer read, where a ReLU gave it out: its gradient ends where that is 0.
  private func mask(_ index: Int, row: Int) -> UnsafePointer<Float>? {
    guard index > 0, layers[index - 1].endsInReLU else { return nil }
    return activations + forward.inputs[index].base(row: row)
  }

  private func dense(_ index: Int, rowCount: Int) {
    let layer = layers[index]
    let outCount = layer.output.count
    let isLast = index + 1 == layers.count
    for first in stride(from: 0, to: rowCount, by: ProductTable.denseRowCount) {
      let count = min(ProductTable.denseRowCount, rowCount - first)
      let dy =
        isLast ? logitGradient + first * outCount : UnsafePointer(deltas + layout.outputs[index].base(row: first))
      let weights = layout.weights[index]
      weights.multiply(
        stepCount: count, activations + forward.inputs[index].base(row: first), dy, count: count * outCount,
        columns: outCount, into: gradient + layer.weightOffset, ending: KZ_ADD, on: instructionSet)
      kz_add_rows(instructionSet, weights.steps, count, dy, outCount, gradient + layer.biasOffset)
      for table in layout.inputs[index] {
        table.multiply(
          rowCount: count, dy, transposed + layer.weightOffset, count: layer.weightCount, columns: layer.input.count,
          mask: mask(index, row: first), into: deltas + layout.outputs[index - 1].base(row: first),
          ending: KZ_PLAIN, on: instructionSet)
      }
    }
  }

  private func onePart(_ index: Int, row: Int) {
    let layer = layers[index]
    switch layer.kind {
    case .dense: preconditionFailure("dense layers take whole batches")
    case .convolution: convolution(index, row: row)
    case .maxPool:
      guard let cells, let pool = layer.pool(from: layout.outputs[index - 1].grid, to: layout.outputs[index].grid)
      else { return }
      kz_max_pool_gradient(
        instructionSet, pool, cells + layout.cells[index].base(row: row),
        deltas + layout.outputs[index].start(row: row), deltas + layout.outputs[index - 1].start(row: row))
    case .averagePool, .globalAveragePool:
      guard let pool = layer.pool(from: layout.outputs[index - 1].grid, to: layout.outputs[index].grid) else { return }
      kz_mean_pool_gradient(
        instructionSet, pool, deltas + layout.outputs[index].start(row: row),
        deltas + layout.outputs[index - 1].start(row: row),
        mask(index, row: row).map { $0 + forward.inputs[index].grid.start }, forward.inputs[index].grid.rowStride)
    }
  }

  private func convolution(_ index: Int, row: Int) {
    let layer = layers[index]
    let channels = layer.output.channels
    let place = layout.bordered[index] ?? layout.outputs[index]
    if layout.bordered[index] != nil { spread(layout.outputs[index], to: place, row: row) }
    let dy = deltas + place.base(row: row)
    let weights = layout.weights[index]
    weights.multiply(
      activations + forward.inputs[index].base(row: row), dy, count: place.grid.count, columns: channels,
      into: gradient + layer.weightOffset, ending: KZ_ADD, on: instructionSet)
    kz_add_rows(instructionSet, weights.steps, weights.steps.count, dy, channels, gradient + layer.biasOffset)
    for table in layout.inputs[index] {
      table.multiply(
        dy, transposed + layer.weightOffset, count: layer.weightCount, columns: layer.input.channels,
        mask: mask(index, row: row), into: deltas + layout.outputs[index - 1].base(row: row), ending: KZ_PLAIN,
        on: instructionSet)
    }
  }

  /// Part `row` into a grid with a border.
  private func spread(_ from: Place, to: Place, row: Int) {
    let count = from.grid.rowStride
    for line in 0..<from.grid.volume.height {
      let target = deltas + to.base(row: row) + to.grid.offset(row: line, column: 0)
      target.update(from: deltas + from.base(row: row) + line * count, count: count)
    }
  }
}
