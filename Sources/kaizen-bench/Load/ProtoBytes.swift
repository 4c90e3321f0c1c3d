/// As much of protobuf's encoding as the messages of an inference need.
struct ProtoBytes {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: Int, _ text: String) { add(field, bytes: Array(text.utf8)) }

  mutating func add(_ field: Int, bytes value: [UInt8]) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(value.count))
    bytes += value
  }

  mutating func add(_ field: Int, _ body: (inout ProtoBytes) -> Void) {
    var inner = ProtoBytes()
    body(&inner)
    add(field, bytes: inner.bytes)
  }

  /// A repeated number, packed.
  mutating func add(_ field: Int, packed values: [Int]) {
    var inner = ProtoBytes()
    for value in values { inner.varint(UInt64(value)) }
    add(field, bytes: inner.bytes)
  }

  private mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The fields of a message that have lengths, in their order, each with the place where it begins.
  /// - Throws: `BenchFailure` for anything but those and varints, which are passed over.
  static func fields(_ bytes: [UInt8]) throws -> [(field: Int, start: Int, value: ArraySlice<UInt8>)] {
    var place = 0
    func varint() throws -> UInt64 {
      var (value, shift): (UInt64, UInt64) = (0, 0)
      while place < bytes.count, shift < 64 {
        let byte = bytes[place]
        place += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      throw BenchFailure("an answer in protobuf ends in the middle of a number")
    }
    var found: [(field: Int, start: Int, value: ArraySlice<UInt8>)] = []
    while place < bytes.count {
      let start = place
      let key = try varint()
      let value = try varint()
      guard key & 7 != 0 else { continue }
      guard key & 7 == 2, value <= UInt64(bytes.count - place) else {
        throw BenchFailure("an answer in protobuf has a field that no answer here has")
      }
      found.append((Int(key >> 3), start, bytes[place..<place + Int(value)]))
      place += Int(value)
    }
    return found
  }
}
