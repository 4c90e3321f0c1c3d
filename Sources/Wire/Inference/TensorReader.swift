/// Reads `{"name","shape","datatype","data"}`, whose members may stand in any order, or the same with
/// `"parameters":{"binary_data_size"}` in the place of `data`.
///
/// `data` goes straight into an array of its type when shape and datatype came before it, as every known client sends
/// them; else it is passed over and read afterwards.
struct TensorReader {
  private var name = ""
  private var shape: [Int]?
  private var datatype: TensorDatatype?
  private var data: (content: TensorData, nesting: Nesting, datatype: TensorDatatype)?
  private var dataStart: Int?
  private var binarySize: Int?

  /// - Parameter tail: where the bytes of a binary tensor are taken from.
  static func read(from reader: inout JSONReader, tail: inout BinaryTail) throws(WireFault) -> Tensor {
    try reader.requireObject("a tensor")
    var tensor = TensorReader()
    try reader.members { (reader, key) throws(WireFault) in try tensor.readMember(key, from: &reader) }
    return try tensor.finished(&reader, &tail)
  }

  private mutating func readMember(_ key: JSONName, from reader: inout JSONReader) throws(WireFault) {
    if reader.says(key, "name") {
      name = try reader.requiredText("name")
    } else if reader.says(key, "shape") {
      shape = try readShape(from: &reader)
    } else if reader.says(key, "datatype") {
      datatype = try readDatatype(from: &reader)
    } else if reader.says(key, "data") {
      _ = try reader.peek()
      dataStart = reader.index
      data = nil
      if let datatype, shape != nil {
        try readData(datatype, from: &reader)
      } else {
        try reader.skipValue()
      }
    } else if reader.says(key, "parameters") {
      binarySize = try readBinarySize(from: &reader)
    } else {
      try reader.skipValue()
    }
  }

  private func readDatatype(from reader: inout JSONReader) throws(WireFault) -> TensorDatatype {
    guard try reader.peek() == UInt8(ascii: "\"") else { throw .badMessage("\"datatype\" is a string") }
    let word = try reader.name()
    if reader.says(word, "FP32") { return .fp32 }
    let text = reader.text(of: word)
    guard let known = TensorDatatype(rawValue: text) else {
      throw bad("datatype \"\(text)\" is none of the protocol's")
    }
    return known
  }

  private func readBinarySize(from reader: inout JSONReader) throws(WireFault) -> Int? {
    guard try reader.peek() == UInt8(ascii: "{") else {
      try reader.skipValue()
      return nil
    }
    var size: Int?
    try reader.members { (reader, key) throws(WireFault) in
      guard reader.says(key, "binary_data_size") else { return try reader.skipValue() }
      guard let value = try reader.integer(), value >= 0 else {
        throw bad("\"\(BinaryTensor.sizeParameter)\" is a whole number from 0 on")
      }
      size = Int(value)
    }
    return size
  }

  private mutating func finished(_ reader: inout JSONReader, _ tail: inout BinaryTail) throws(WireFault) -> Tensor {
    guard !name.isEmpty else { throw .badMessage("a tensor has no \"name\"") }
    guard let shape else { throw bad("\"shape\" is missing") }
    guard let datatype else { throw bad("\"datatype\" is missing") }
    if let binarySize {
      guard dataStart == nil else {
        throw bad("it has both \"data\" and \"\(BinaryTensor.sizeParameter)\"; send one of them")
      }
      let bytes = try tail.take(binarySize, name: name)
      let data = try BinaryTensor.data(bytes, datatype: datatype, shape: shape, name: name)
      return Tensor(name: name, shape: shape, datatype: datatype, data: data)
    }
    guard let dataStart else { throw bad("\"data\" is missing") }
    if data?.datatype != datatype {
      let end = reader.index
      reader.index = dataStart
      try readData(datatype, from: &reader)
      reader.index = end
    }
    guard let data else { throw bad("\"data\" is missing") }
    guard let expected = Tensor.elementCount(shape), expected == data.content.count else {
      throw bad("shape \(shape) does not hold the \(data.content.count) elements of \"data\"")
    }
    guard data.nesting.fits(shape) else {
      throw bad("\"data\" is nested as \(data.nesting.lengths), the shape says \(shape)")
    }
    return Tensor(name: name, shape: shape, datatype: datatype, data: data.content)
  }

  private func bad(_ reason: String) -> WireFault { .badTensor(name: name, reason: reason) }

  private func readShape(from reader: inout JSONReader) throws(WireFault) -> [Int] {
    try reader.requireArray("shape")
    var dimensions: [Int] = []
    // Most have one or two.
    dimensions.reserveCapacity(2)
    try reader.array { (reader, _) throws(WireFault) in
      guard let dimension = try reader.integer(), dimension >= 0 else {
        throw bad("\"shape\" holds whole numbers from 0 on")
      }
      dimensions.append(Int(dimension))
      guard dimensions.count <= Tensor.rankMax else { throw bad("more than \(Tensor.rankMax) dimensions") }
    }
    return dimensions
  }

  private mutating func readData(_ datatype: TensorDatatype, from reader: inout JSONReader) throws(WireFault) {
    // At least two bytes an element: a shape alone cannot make us reserve more than the body could fill.
    let capacity = min(Tensor.elementCount(shape ?? []) ?? 0, (reader.end - reader.index) / 2)
    let name = self.name
    switch datatype {
    case .fp32, .fp64:
      let (values, nesting) = try NestedList.read(
        from: &reader, name: name, capacity: capacity,
        plain: { (reader, values) in reader.plainFloats(into: &values) },
        leaf: { (reader, position) throws(WireFault) -> Float in
          try reader.finiteFloat(name: name, position: position)
        })
      data = (.floats(values), nesting, datatype)
    case .bool:
      let (values, nesting) = try NestedList.read(from: &reader, name: name, capacity: capacity) {
        (reader, position) throws(WireFault) -> Bool in
        let byte = try reader.peek()
        guard byte == UInt8(ascii: "t") || byte == UInt8(ascii: "f") else {
          throw .badTensor(name: name, reason: "element \(position) is neither true nor false")
        }
        return try reader.flag()
      }
      data = (.bools(values), nesting, datatype)
    case .bytes:
      let (values, nesting) = try NestedList.read(from: &reader, name: name, capacity: capacity) {
        (reader, position) throws(WireFault) -> String in
        guard try reader.peek() == UInt8(ascii: "\"") else {
          throw .badTensor(name: name, reason: "element \(position) is not a string")
        }
        return try reader.text()
      }
      data = (.bytes(values), nesting, datatype)
    case .fp16, .bf16: throw bad("\(datatype.rawValue) has no JSON form; send FP32, or raw bytes")
    default:
      let range = datatype.integerRange ?? 0...0
      let (values, nesting) = try NestedList.read(from: &reader, name: name, capacity: capacity) {
        (reader, position) throws(WireFault) -> Int64 in
        try reader.integer(in: range, name: name, position: position)
      }
      data = (.ints(values), nesting, datatype)
    }
  }
}

extension JSONReader {
  @inline(__always)
  fileprivate mutating func finiteFloat(name: String, position: Int) throws(WireFault) -> Float {
    let byte = try peek()
    if byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") <= 9 {
      if byte == UInt8(ascii: "-"), index + 1 < end, bytes[index + 1] == UInt8(ascii: "I") {
        throw .nonFinite(name: name, index: position)
      }
      let value = float(try scanNumber())
      guard value.isFinite else { throw .nonFinite(name: name, index: position) }
      return value
    }
    // NaN and Infinity are not JSON, but Python's json module writes them.
    if byte == UInt8(ascii: "N") || byte == UInt8(ascii: "I") { throw .nonFinite(name: name, index: position) }
    throw .badTensor(name: name, reason: "element \(position) is not a number")
  }

  fileprivate mutating func integer(in range: ClosedRange<Int64>, name: String, position: Int) throws(WireFault)
    -> Int64
  {
    let byte = try peek()
    guard byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") <= 9 else {
      throw .badTensor(name: name, reason: "element \(position) is not a number")
    }
    guard let value = try scanNumber().integer, range.contains(value) else {
      throw .badTensor(name: name, reason: "element \(position) is no whole number in \(range)")
    }
    return value
  }
}
