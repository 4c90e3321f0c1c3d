import Domain

/// What a row of the array `x` is, and which of its numbers are features.
enum ArchiveInput {
  /// Colours of a picture: grey, red-green-blue, and either with transparency.
  private static let colourCounts = 1...4

  /// - Throws: `DataFault` when the array's sizes do not say it, or do not fit what the request says.
  static func shape(of x: NpyReader, request: PartsRequest) throws(DataFault) -> InputShape {
    let sizes = Array(x.header.shape.dropFirst())
    if let input = request.input {
      guard fits(sizes, input) else {
        if case .image(let height, let width, let channels) = input, sizes == [channels, height, width] {
          throw channelsFirst(x)
        }
        throw DataFault(
          array: x.name, "its shape is \(x.header.shape), and \(input) asks for \([x.rowCount] + input.sizes)")
      }
      return input
    }
    switch sizes.count {
    case 1: return .vector(count: sizes[0])
    case 2:
      throw DataFault(
        array: x.name,
        "its shape \(x.header.shape) may be windows of \(sizes[0]) channels or grey pictures; say which with"
          + " --input window:\(sizes[0])x\(sizes[1]) or --input image:\(sizes[0])x\(sizes[1])")
    case 3:
      guard colourCounts.contains(sizes[2]) else {
        if colourCounts.contains(sizes[0]) { throw channelsFirst(x) }
        throw DataFault(
          array: x.name, "pictures have the shape [parts, height, width, 1 to 4 colours], and this is \(x.header.shape)"
        )
      }
      return .image(height: sizes[0], width: sizes[1], channels: sizes[2])
    default:
      throw DataFault(
        array: x.name,
        "its shape \(x.header.shape) has too many dimensions; a part is a list, a window or a picture")
    }
  }

  /// Whether a row of these sizes holds the input's numbers in the input's order.
  private static func fits(_ sizes: [Int], _ input: InputShape) -> Bool {
    if sizes == input.sizes || sizes == [input.count] { return true }
    switch input {
    case .vector: return false
    case .window(let channels, let length): return channels == 1 && sizes == [length]
    case .image(let height, let width, let channels): return channels == 1 && sizes == [height, width]
    }
  }

  private static func channelsFirst(_ x: NpyReader) -> DataFault {
    DataFault(
      array: x.name,
      "its pictures have their colours first (\(x.header.shape)); save x.transpose(0, 2, 3, 1), and send parts like"
        + " that too")
  }

  /// The features' names, and their places in a row where they are not all of it.
  /// - Throws: `DataFault` for names there are none of, and where a window or picture is to be taken apart.
  static func choose(_ features: PartsRequest.Features, of given: [String]?, input: InputShape)
    throws(DataFault) -> (indexes: [Int]?, names: [String])
  {
    let names = given ?? generatedNames(input)
    let wanted: [Int]
    switch features {
    case .allExcept(let excluded) where excluded.isEmpty: return (nil, names)
    case .allExcept(let excluded):
      let left = try matches(excluded, names)
      wanted = names.indices.filter { !left.contains($0) }
    case .named(let chosen):
      var indexes: [Int] = []
      for name in chosen {
        guard let index = names.firstIndex(of: name) else { throw missing(name, names) }
        guard !indexes.contains(index) else { throw DataFault(column: name, "this feature is named twice") }
        indexes.append(index)
      }
      wanted = indexes
    }
    guard case .vector = input else {
      throw DataFault("a \(input) goes to the student whole; leave --features and --exclude out")
    }
    guard !wanted.isEmpty else { throw DataFault("no feature is left; name some or exclude fewer") }
    return (wanted, wanted.map { names[$0] })
  }

  private static func matches(_ patterns: [String], _ names: [String]) throws(DataFault) -> Set<Int> {
    var result: Set<Int> = []
    for pattern in patterns {
      let found = names.indices.filter {
        pattern.hasSuffix("*") ? names[$0].hasPrefix(pattern.dropLast()) : names[$0] == pattern
      }
      guard !found.isEmpty else { throw missing(pattern, names) }
      result.formUnion(found)
    }
    return result
  }

  private static func missing(_ name: String, _ names: [String]) -> DataFault {
    let nearest = nearestName(to: name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
    return DataFault(column: name, "no number of x has this name\(nearest)")
  }

  /// `f0` ... for a list, `c0_t0` ... for a window, `y0_x0_c0` ... for a picture, in the order of the values.
  static func generatedNames(_ input: InputShape) -> [String] {
    switch input {
    case .vector(let count): (0..<count).map { "f\($0)" }
    case .window(let channels, let length):
      (0..<channels).flatMap { channel in (0..<length).map { "c\(channel)_t\($0)" } }
    case .image(let height, let width, let channels):
      (0..<height).flatMap { y in
        (0..<width).flatMap { x in
          (0..<channels).map { channels == 1 ? "y\(y)_x\(x)" : "y\(y)_x\(x)_c\($0)" }
        }
      }
    }
  }
}
