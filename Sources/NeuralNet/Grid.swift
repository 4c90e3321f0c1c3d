/// How a layer's input, output or gradient stands in memory: positions x channels, with a border of zeros where a
/// kernel reaches over the edge.
struct Grid: Sendable, Equatable {
  let volume: StudentShape.Volume
  let top: Int
  let left: Int
  /// Positions from one row to the next.
  let rowWidth: Int
  let rowCount: Int

  var channels: Int { volume.channels }
  var hasBorder: Bool { rowWidth != volume.width || rowCount != volume.height }
  /// Floats of one part.
  var count: Int { rowCount * rowStride }
  /// Floats from one row of positions to the next.
  var rowStride: Int { rowWidth * channels }
  /// Where the first position stands.
  var start: Int { offset(row: 0, column: 0) }

  init(_ volume: StudentShape.Volume, rows: Border = .none, columns: Border = .none) {
    self.volume = volume
    top = rows.before
    left = columns.before
    rowWidth = volume.width + columns.before + columns.after
    rowCount = volume.height + rows.before + rows.after
  }

  func offset(row: Int, column: Int) -> Int { ((row + top) * rowWidth + column + left) * channels }
}

/// Positions of zeros before the first and after the last of a row or column.
struct Border: Sendable, Equatable {
  let before: Int
  let after: Int

  static let none = Border(before: 0, after: 0)
}

/// One direction of a convolution: its kernel, stride and padding, and how many positions it reads and gives.
struct Sweep: Sendable {
  let kernel: Int
  let stride: Int
  let padding: Int
  let inCount: Int
  let outCount: Int

  /// Zeros around the input, so that every kernel reads inside memory.
  var inputBorder: Border {
    let reach = (outCount - 1) * stride + kernel - 1 - padding
    return Border(before: padding, after: max(0, reach - (inCount - 1)))
  }

  /// Zeros around the output's gradient, so that every input position reads it at all its taps.
  var gradientBorder: Border {
    Border(
      before: max(0, (kernel - 1) / stride - padding / stride),
      after: max(0, (inCount - 1 + padding) / stride - (outCount - 1)))
  }

  /// Taps of the kernel that reach input positions i with (i + padding) % stride == `phase`.
  func taps(phase: Int) -> [Int] { Array(Swift.stride(from: phase, to: kernel, by: stride)) }

  /// Input positions of this phase.
  func positions(phase: Int) -> [Int] { (0..<inCount).filter { ($0 + padding) % stride == phase } }
}

extension StudentShape.Layer {
  /// Down and across the input of a convolution; nil for other layers.
  var sweeps: (down: Sweep, across: Sweep)? {
    guard case .convolution(_, let kernel, let stride, let padding) = kind else { return nil }
    let across = Sweep(
      kernel: kernel, stride: stride, padding: padding, inCount: input.width, outCount: output.width)
    // A signal has one row, which its kernel does not leave.
    let down =
      input.isFlat
      ? Sweep(kernel: 1, stride: 1, padding: 0, inCount: 1, outCount: 1)
      : Sweep(kernel: kernel, stride: stride, padding: padding, inCount: input.height, outCount: output.height)
    return (down, across)
  }

  /// Whether the layer's outputs went through a ReLU, when it is not the last.
  var endsInReLU: Bool { weightCount > 0 }

  var isDense: Bool {
    if case .dense = kind { true } else { false }
  }
}
