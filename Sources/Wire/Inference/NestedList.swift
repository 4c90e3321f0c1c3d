/// How long the arrays of each level were, from the outermost in.
struct Nesting {
  /// -1 until the first array of a level has closed.
  fileprivate var storage = InlineArray<8, Int>(repeating: -1)
  fileprivate(set) var levels = 1

  var lengths: [Int] { (0..<levels).map { storage[$0] } }

  /// Flat, or nested as the shape says; `[[], []]` cannot show the dimensions inside an empty one.
  func fits(_ shape: [Int]) -> Bool {
    if levels == 1 { return true }
    guard levels <= shape.count, (0..<levels).allSatisfy({ storage[$0] == shape[$0] }) else { return false }
    return levels == shape.count || storage[levels - 1] == 0
  }
}

/// Arrays of arrays of elements, every array of a level equally long.
struct NestedList {
  private var nesting = Nesting()
  /// Elements so far of each open array.
  private var counts = InlineArray<8, Int>(repeating: 0)
  /// Open arrays.
  private var depth = 1

  /// - Parameters:
  ///   - plain: reads as many elements of one array as it can, with the commas between them, and says how many.
  ///   - leaf: reads one element, whose position it gets, or says what is wrong with it.
  /// - Returns: the elements in row-major order.
  static func read<Element>(
    from reader: inout JSONReader, name: String, capacity: Int,
    plain: (inout JSONReader, inout [Element]) -> Int = { _, _ in 0 },
    leaf: (inout JSONReader, Int) throws(WireFault) -> Element
  ) throws(WireFault) -> (values: [Element], nesting: Nesting) {
    guard try reader.peek() == UInt8(ascii: "[") else { throw .badTensor(name: name, reason: "\"data\" is an array") }
    reader.index += 1
    var values: [Element] = []
    values.reserveCapacity(capacity)
    var list = NestedList()
    var mayClose = true
    while true {
      let byte = try reader.peek()
      if byte == UInt8(ascii: "[") {
        try list.open(isFirst: values.isEmpty, name: name)
        reader.index += 1
        mayClose = true
        continue
      }
      if !(mayClose && byte == UInt8(ascii: "]")) {
        guard list.depth == list.nesting.levels else { throw mixed(name) }
        var count = plain(&reader, &values)
        if count == 0 {
          values.append(try leaf(&reader, values.count))
          count = 1
        }
        list.counts[list.depth - 1] += count
      }
      mayClose = false
      if try list.close(&reader, name: name) { return (values, list.nesting) }
    }
  }

  private static func mixed(_ name: String) -> WireFault {
    .badTensor(name: name, reason: "\"data\" mixes arrays and elements")
  }

  private mutating func open(isFirst: Bool, name: String) throws(WireFault) {
    guard isFirst || depth < nesting.levels else { throw Self.mixed(name) }
    guard depth < Tensor.rankMax else {
      throw .badTensor(name: name, reason: "\"data\" is nested deeper than \(Tensor.rankMax)")
    }
    if depth == nesting.levels {
      guard nesting.storage[depth - 1] < 0, counts[depth - 1] == 0 else {
        throw .badTensor(name: name, reason: "\"data\" is not a full array")
      }
      nesting.levels += 1
    }
    counts[depth] = 0
    depth += 1
  }

  /// Reads closing brackets and the comma after them; true when the outermost array has closed.
  private mutating func close(_ reader: inout JSONReader, name: String) throws(WireFault) -> Bool {
    while true {
      let byte = try reader.peek()
      if byte == UInt8(ascii: ",") {
        reader.index += 1
        return false
      }
      guard byte == UInt8(ascii: "]") else { throw reader.fault("',' or ']' expected") }
      reader.index += 1
      let level = depth - 1
      let (count, length) = (counts[level], nesting.storage[level])
      if length < 0 { nesting.storage[level] = count }
      guard length < 0 || length == count else {
        throw .badTensor(name: name, reason: "\"data\" holds rows of \(length) and of \(count) elements")
      }
      guard level > 0 else { return true }
      depth = level
      counts[level - 1] += 1
    }
  }
}
