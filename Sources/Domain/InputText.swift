/// Inputs as people write and read them.
extension InputShape {
  /// The input that `window:1024`, `window:2x1024`, `image:28x28` or `image:28x28x3` names; nil for `vector`, whose
  /// length the feature columns say.
  ///
  /// - Throws: `InvalidName` with a sentence that says how an input is written.
  public static func named(_ text: String) throws(InvalidName) -> InputShape? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let sizes = parts.count == 2 ? wholeSizes(parts[1]) : nil
    let shape: InputShape? =
      switch (parts.first, sizes?.count) {
      case ("window", 1): sizes.map { .window(channels: 1, length: $0[0]) }
      case ("window", 2): sizes.map { .window(channels: $0[0], length: $0[1]) }
      case ("image", 2): sizes.map { .image(height: $0[0], width: $0[1], channels: 1) }
      case ("image", 3): sizes.map { .image(height: $0[0], width: $0[1], channels: $0[2]) }
      default: nil
      }
    if text == "vector" { return nil }
    guard let shape else {
      throw InvalidName(
        "\"\(text.prefix(60))\" is no input; write vector, window:LENGTH, window:CHANNELSxLENGTH, image:HEIGHTxWIDTH or"
          + " image:HEIGHTxWIDTHxCHANNELS, such as window:1024 or image:28x28")
    }
    guard shape.isValid else {
      throw InvalidName(
        "an input has 1 to \(countMaximum) numbers (a grey picture of 256x256), and \(text.prefix(60)) has not; send"
          + " smaller windows or pictures")
    }
    return shape
  }

  /// Digits between x's; nil for anything else and for numbers no size can be.
  private static func wholeSizes(_ text: Substring) -> [Int]? {
    let words = text.split(separator: "x", omittingEmptySubsequences: false)
    let sizes = words.compactMap { word -> Int? in
      guard !word.isEmpty, word.count <= 9, word.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
      return Int(word)
    }
    return sizes.count == words.count ? sizes : nil
  }

  /// The input of a kind and its sizes as messages have them; nil where they do not fit together.
  public init?(kind: String, sizes: [Int]) {
    switch (kind, sizes.count) {
    case ("vector", 1): self = .vector(count: sizes[0])
    case ("window", 2): self = .window(channels: sizes[0], length: sizes[1])
    case ("image", 3): self = .image(height: sizes[0], width: sizes[1], channels: sizes[2])
    default: return nil
    }
    guard isValid else { return nil }
  }

  /// `vector`, `window` or `image`.
  public var kind: String {
    switch self {
    case .vector: "vector"
    case .window: "window"
    case .image: "image"
    }
  }

  /// Shapes of a tensor that is one part: the natural one first, then without an only channel, then one plain list.
  public var partShapes: [[Int]] {
    switch self {
    case .vector: [sizes]
    case .window(let channels, let length): channels == 1 ? [sizes, [length]] : [sizes, [count]]
    case .image(let height, let width, let channels):
      channels == 1 ? [sizes, [height, width], [count]] : [sizes, [count]]
    }
  }

  /// Where the value at `index` of a part stands, counted from 0 as arrays are: `channel 1, sample 512`.
  public func place(of index: Int) -> String {
    switch self {
    case .vector: return "value \(index)"
    case .window(let channels, let length):
      let sample = "sample \(index % length)"
      return channels == 1 ? sample : "channel \(index / length), \(sample)"
    case .image(_, let width, let channels):
      let position = index / channels
      let pixel = "row \(position / width), column \(position % width)"
      return channels == 1 ? pixel : "\(pixel), channel \(index % channels)"
    }
  }
}
