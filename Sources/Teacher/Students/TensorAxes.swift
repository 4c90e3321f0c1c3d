import Domain

/// Rows, columns and channels of one part between two layers; a list of numbers is all channels.
struct Extent: Equatable {
  var rows = 1
  var columns = 1
  var channels: Int

  var count: Int { rows * columns * channels }
  var positions: Int { rows * columns }

  subscript(axis: TensorAxes.Axis) -> Int {
    switch axis {
    case .rows: rows
    case .columns: columns
    case .channels: channels
    }
  }
}

/// What the dimensions of a model's tensor mean, the first one (the parts) left out.
///
/// PyTorch has channels first and a student last; by following every axis through the model's transposes and reshapes,
/// its weights can be put into the student's order.
struct TensorAxes: Equatable {
  enum Axis: CaseIterable { case rows, columns, channels }

  /// The axes that make up each dimension, slowest first; axes of one value are left out.
  private(set) var dims: [[Axis]]
  private(set) var extent: Extent

  /// The order of a student's own lists.
  static let studentOrder: [Axis] = [.rows, .columns, .channels]

  init(_ dims: [[Axis]], _ extent: Extent) {
    self.dims = dims.map { $0.filter { extent[$0] > 1 } }
    self.extent = extent
  }

  /// Sizes as the model sees them.
  var sizes: [Int] { dims.map { $0.reduce(1) { $0 * extent[$1] } } }

  func isOrdered(_ expected: [[Axis]]) -> Bool { self == TensorAxes(expected, extent) }

  /// - Parameter order: places of the dimensions, without that of the parts; nil unless it names each once.
  func transposed(_ order: [Int]) -> TensorAxes? {
    guard order.sorted() == Array(dims.indices) else { return nil }
    return TensorAxes(order.map { dims[$0] }, extent)
  }

  /// The same values cut into other dimensions; nil when a new dimension would cut through an axis.
  func reshaped(_ sizes: [Int]) -> TensorAxes? {
    var left = dims.flatMap { $0 }[...]
    var result: [[Axis]] = []
    for size in sizes {
      var axes: [Axis] = []
      var product = 1
      while product < size, let axis = left.popFirst() {
        axes.append(axis)
        product *= extent[axis]
      }
      guard product == size else { return nil }
      result.append(axes)
    }
    return left.isEmpty ? TensorAxes(result, extent) : nil
  }

  /// For each value in the model's order, its place in a list of this order of axes.
  func places(in order: [Axis]) -> [Int] {
    let steps = order.indices.map { index in order[(index + 1)...].reduce(1) { $0 * extent[$1] } }
    var places = [0]
    for axis in dims.flatMap({ $0 }) {
      let step = order.firstIndex(of: axis).map { steps[$0] } ?? 0
      places = places.flatMap { place in (0..<extent[axis]).map { place + $0 * step } }
    }
    return places
  }
}

extension InputShape {
  /// Sizes of one part, a window being a row of moments.
  var extent: Extent {
    switch self {
    case .vector(let count): Extent(channels: count)
    case .window(let channels, let length): Extent(columns: length, channels: channels)
    case .image(let height, let width, let channels): Extent(rows: height, columns: width, channels: channels)
    }
  }

  /// The axes in the order of `sizes`.
  var axisOrder: [TensorAxes.Axis] {
    switch self {
    case .vector: [.channels]
    case .window: [.channels, .columns]
    case .image: [.rows, .columns, .channels]
    }
  }

  /// Ways a model may take such a part, the usual first.
  private var arrangements: [[[TensorAxes.Axis]]] {
    switch self {
    case .vector: [[[.channels]]]
    case .window(let channels, _):
      [[[.channels], [.columns]], [[.channels, .columns]], [[.channels], [], [.columns]]]
        + (channels == 1 ? [[[.columns]]] : [])
    case .image(_, _, let channels):
      [[[.channels], [.rows], [.columns]], [[.rows], [.columns], [.channels]], [[.rows, .columns, .channels]]]
        + (channels == 1 ? [[[.rows], [.columns]]] : [])
    }
  }

  /// What a model's dimensions mean for such parts; nil when they do not fit.
  /// - Parameter dims: without the first; nil where they are free.
  func axes(of dims: [Int?]) -> TensorAxes? {
    // A model that leaves every size open takes channels first, as every exporter does.
    for arrangement in arrangements {
      let axes = TensorAxes(arrangement, extent)
      let fits = zip(dims, axes.sizes).allSatisfy { $0 == nil || $0 == $1 }
      if dims.count == axes.sizes.count, fits { return axes }
    }
    return nil
  }
}
