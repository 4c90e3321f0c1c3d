import CKernels

/// Where the gradients between a student's layers stand, and which numbers their products multiply.
final class GradientLayout: Sendable {
  /// The first layer with parameters: what comes before it needs no gradient.
  let first: Int
  /// The gradient with respect to each layer's output, as the layer after it writes it.
  let outputs: [Place]
  /// The same with the border that a convolution's input gradient reads, where a dense layer cannot write it so.
  let bordered: [Place?]
  /// Floats of both.
  let size: Int
  /// The cells that max pooling took.
  let cells: [Place]
  let cellCount: Int
  /// Products for weights; empty for pooling.
  let weights: [ProductTable]
  /// Products for inputs, one for each phase of a stride; empty where none is needed.
  let inputs: [[ProductTable]]
  /// Convolutions' taps as those products read them.
  let taps: [[Int]]

  init(_ layout: Layout) {
    let layers = layout.shape.layers
    let first = layers.firstIndex { $0.weightCount > 0 } ?? 0
    var outputs: [Place] = []
    var bordered: [Place?] = []
    var cells: [Place] = []
    var size = 0
    var cellCount = 0
    func place(_ grid: Grid, isShared: Bool, _ end: inout Int) -> Place {
      defer { end += grid.count * (isShared ? 1 : layout.rowCapacity) }
      return Place(grid: grid, offset: end, stride: isShared ? 0 : grid.count)
    }
    for (index, layer) in layers.enumerated() {
      let plain = Grid(layer.output)
      var grid = plain
      if index > first, let (down, across) = layer.sweeps {
        grid = Grid(layer.output, rows: down.gradientBorder, columns: across.gradientBorder)
      }
      let isBeforeDense = index + 1 < layers.count && layers[index + 1].isDense
      let isShared = !layer.isDense && !isBeforeDense
      let isSplit = isBeforeDense && grid.hasBorder
      outputs.append(place(isSplit ? plain : grid, isShared: isShared, &size))
      bordered.append(isSplit ? place(grid, isShared: true, &size) : nil)
      if case .maxPool = layer.kind {
        cells.append(place(plain, isShared: false, &cellCount))
      } else {
        cells.append(Place(grid: plain, offset: 0, stride: 0))
      }
    }
    let gradientGrids = layers.indices.map { bordered[$0]?.grid ?? outputs[$0].grid }
    let rowCount = min(layout.rowCapacity, ProductTable.denseRowCount)
    self.first = first
    self.outputs = outputs
    self.bordered = bordered
    self.size = size
    self.cells = cells
    self.cellCount = cellCount
    taps = layers.map(ProductTable.transposedTaps)
    weights = layers.indices.map { index in
      let layer = layers[index]
      if layer.isDense {
        return .denseWeights(rowCount: rowCount, inCount: layer.input.count, outCount: layer.output.count)
      }
      return .convolutionWeights(
        layer, from: layout.inputs[index].grid, gradient: gradientGrids[index], used: layers[index + 1].usedInput)
        ?? ProductTable()
    }
    inputs = layers.indices.map { index in
      guard index > first else { return [] }
      let layer = layers[index]
      if layer.isDense {
        return [
          .dense(
            rowCount: rowCount, inCount: layer.output.count, outCount: layer.input.count,
            outputStride: layer.input.count)
        ]
      }
      return ProductTable.convolutionInputs(
        layer, gradient: gradientGrids[index], to: outputs[index - 1].grid, mask: layout.inputs[index].grid)
    }
  }
}
