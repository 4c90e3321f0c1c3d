/// What one part looks like to a line's student: numbers side by side, a signal over time, or a picture.
///
/// Values of a part stand in one row-major list of `count` numbers, in the order of `sizes`.
public enum InputShape: Sendable, Hashable, Codable {
  /// Measurements of any kind and unit.
  case vector(count: Int)
  /// A stretch of signal (vibration, current): `[channels, length]`.
  case window(channels: Int, length: Int)
  /// A grey or colour picture: `[height, width, channels]`.
  case image(height: Int, width: Int, channels: Int)

  /// A 256 x 256 grey picture; larger ones are scaled down or cut out before they are asked about.
  public static let countMaximum = 65_536

  /// Numbers of one part.
  public var count: Int { sizes.reduce(1, *) }

  /// The dimensions of one part, as a tensor has them.
  public var sizes: [Int] {
    switch self {
    case .vector(let count): [count]
    case .window(let channels, let length): [channels, length]
    case .image(let height, let width, let channels): [height, width, channels]
    }
  }

  /// Whether every dimension is positive and `count` is at most `countMaximum`.
  public var isValid: Bool {
    var product = 1
    for size in sizes {
      guard size > 0, size <= Self.countMaximum, product * size <= Self.countMaximum else { return false }
      product *= size
    }
    return true
  }

  /// All values share one unit and may be scaled by one number: pixels and samples do, measurements do not.
  public var sharesUnit: Bool {
    switch self {
    case .vector: false
    case .window, .image: true
    }
  }
}

extension InputShape: CustomStringConvertible {
  /// `vector 23`, `window 2x1024`, `image 28x28x1`.
  public var description: String {
    "\(kind) \(sizes.map { String($0) }.joined(separator: "x"))"
  }
}
