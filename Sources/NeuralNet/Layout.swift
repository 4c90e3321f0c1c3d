import CKernels

/// One buffer for a batch: part r's grid, border included, starts at `offset + r * stride`.
struct Place: Sendable {
  let grid: Grid
  let offset: Int
  /// 0 where all parts share the room, one after the other.
  let stride: Int

  func base(row: Int) -> Int { offset + row * stride }
  /// Of its first position.
  func start(row: Int) -> Int { base(row: row) + grid.start }
}

/// Where the values between a student's layers stand, and which of them every layer multiplies.
///
/// Convolutions and pooling go through one part after the other, because one part's values fit the second-level cache
/// and a batch's do not; dense layers take the whole batch, because their weights are what is large.
final class Layout: Sendable {
  let shape: StudentShape
  let rowCapacity: Int
  /// What each layer reads.
  let inputs: [Place]
  /// Floats of all of them.
  let size: Int
  /// Each layer's product; an empty one for pooling.
  let tables: [ProductTable]
  /// For a convolution that takes the max pooling behind it along: the rows of one window. 0 for other layers.
  let windows: [Int]
  /// Layers in order, cut where whole batches and single parts take turns.
  let runs: [Run]

  struct Run: Sendable {
    let layers: Range<Int>
    let isDense: Bool
  }

  /// - Parameter keepsInputs: whether a backward pass will want every part's values.
  init(shape: StudentShape, rowCapacity: Int, keepsInputs: Bool) {
    let layers = shape.layers
    let grids = layers.map { layer -> Grid in
      guard let (down, across) = layer.sweeps else { return Grid(layer.input) }
      return Grid(layer.input, rows: down.inputBorder, columns: across.inputBorder)
    }
    windows = layers.indices.map { Self.window(layers, $0) }
    var inputs: [Place] = []
    var size = 0
    for (index, layer) in layers.enumerated() {
      if index > 0, windows[index - 1] > 0 {
        // Never written: the convolution before gives out what this layer would.
        inputs.append(Place(grid: grids[index], offset: 0, stride: 0))
        continue
      }
      let meetsDense = layer.isDense || (index > 0 && layers[index - 1].isDense)
      let isWanted = if case .maxPool = layer.kind { false } else { keepsInputs }
      let stride = meetsDense || isWanted ? grids[index].count : 0
      inputs.append(Place(grid: grids[index], offset: size, stride: stride))
      size += stride == 0 ? grids[index].count : rowCapacity * stride
    }
    var runs: [Run] = []
    for (index, layer) in layers.enumerated() {
      if let last = runs.last, last.isDense == layer.isDense {
        runs[runs.count - 1] = Run(layers: last.layers.lowerBound..<(index + 1), isDense: layer.isDense)
      } else {
        runs.append(Run(layers: index..<(index + 1), isDense: layer.isDense))
      }
    }
    self.shape = shape
    self.rowCapacity = rowCapacity
    self.inputs = inputs
    self.size = size
    self.runs = runs
    let windows = self.windows
    tables = layers.indices.map { index in
      let layer = layers[index]
      // The output stands as the next layer wants it; logits stand side by side.
      let output = index + 1 < layers.count ? grids[index + 1] : Grid(layer.output)
      if layer.isDense {
        return .dense(
          rowCount: min(rowCapacity, ProductTable.denseRowCount), inCount: layer.input.count,
          outCount: layer.output.count, outputStride: output.count)
      }
      if windows[index] > 0, let pool = layers[index + 1].pool(from: output, to: grids[index + 2]) {
        return .pooledConvolution(layer, from: grids[index], pool: pool, to: grids[index + 2])
      }
      return .convolution(layer, from: grids[index], to: output) ?? ProductTable()
    }
  }

  /// Windows of 2 or 4 positions, the usual ones, are pooled while their sums are still in registers.
  private static func window(_ layers: [StudentShape.Layer], _ index: Int) -> Int {
    guard layers[index].sweeps != nil, index + 1 < layers.count, case .maxPool(let size) = layers[index + 1].kind
    else { return 0 }
    let count = layers[index].output.isFlat ? size : size * size
    return count == 2 || count == 4 ? count : 0
  }
}

extension StudentShape.Layer {
  /// Cells and windows of a pooling layer between two grids; nil for other layers.
  func pool(from x: Grid, to y: Grid) -> kz_pool? {
    let (high, wide): (Int, Int)
    switch kind {
    case .maxPool(let size), .averagePool(let size): (high, wide) = (input.isFlat ? 1 : size, size)
    case .globalAveragePool: (high, wide) = (input.height, input.width)
    case .dense, .convolution: return nil
    }
    return kz_pool(
      down: output.height, across: output.width, high: high, wide: wide, channels: input.channels,
      x_row: x.rowStride, y_row: y.rowStride)
  }

  /// Rows and columns of a layer's input that it reads: windows leave out what is left over.
  var usedInput: (rows: Int, columns: Int) {
    switch kind {
    case .maxPool(let size), .averagePool(let size):
      (input.isFlat ? 1 : input.height / size * size, input.width / size * size)
    case .dense, .convolution, .globalAveragePool: (input.height, input.width)
    }
  }
}
