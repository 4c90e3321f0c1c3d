/// The fields of one message in protocol buffer encoding, read from bytes anybody may have made.
///
/// Holds no copy: lengths are checked against what is left, so nothing is allocated by a size the bytes only claim.
struct ProtoReader {
  private var rest: ArraySlice<UInt8>

  enum Value {
    case number(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  struct Field {
    let number: UInt64
    let value: Value
  }

  init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

  /// The next field, nil after the last.
  /// - Throws: `OnnxFault` where the bytes are cut off or no such encoding.
  mutating func next() throws(OnnxFault) -> Field? {
    guard !rest.isEmpty else { return nil }
    let key = try varint()
    let value: Value
    switch key & 7 {
    case 0: value = .number(try varint())
    case 1: value = .fixed64(try fixed(8))
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else { throw .notOnnx }
      value = .bytes(take(Int(length)))
    case 5: value = .fixed32(UInt32(truncatingIfNeeded: try fixed(4)))
    default: throw .notOnnx
    }
    return Field(number: key >> 3, value: value)
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8> {
    let taken = rest.prefix(count)
    rest = rest.dropFirst(count)
    return taken
  }

  private mutating func varint() throws(OnnxFault) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { throw .notOnnx }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw .notOnnx
  }

  private mutating func fixed(_ count: Int) throws(OnnxFault) -> UInt64 {
    guard rest.count >= count else { throw .notOnnx }
    return take(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Numbers packed side by side.
  static func packed(_ bytes: ArraySlice<UInt8>, max: Int) throws(OnnxFault) -> [Int] {
    var reader = ProtoReader(bytes)
    var values: [Int] = []
    while !reader.rest.isEmpty {
      guard values.count < max else { throw .tooMany }
      values.append(Int(Int64(bitPattern: try reader.varint())))
    }
    return values
  }
}

extension ProtoReader.Field {
  /// - Throws: `OnnxFault` when the field holds something else.
  func bytes() throws(OnnxFault) -> ArraySlice<UInt8> {
    guard case .bytes(let bytes) = value else { throw .notOnnx }
    return bytes
  }

  /// Names are short; a longer text is cut, as it can only be looked at.
  func text() throws(OnnxFault) -> String {
    String(decoding: try bytes().prefix(OnnxModel.textBytesMax), as: UTF8.self)
  }

  func int() throws(OnnxFault) -> Int {
    guard case .number(let number) = value else { throw .notOnnx }
    return Int(Int64(bitPattern: number))
  }

  /// Adds one number, or several packed.
  /// - Throws: `OnnxFault` when the list grows beyond `max`: a number takes more room in memory than in the file.
  func add(to list: inout [Int], max: Int) throws(OnnxFault) {
    switch value {
    case .number(let number): list.append(Int(Int64(bitPattern: number)))
    case .bytes(let bytes): list += try ProtoReader.packed(bytes, max: max)
    default: throw .notOnnx
    }
    guard list.count <= max else { throw .tooMany }
  }

  func float() throws(OnnxFault) -> Float {
    guard case .fixed32(let bits) = value else { throw .notOnnx }
    return Float(bitPattern: bits)
  }
}
