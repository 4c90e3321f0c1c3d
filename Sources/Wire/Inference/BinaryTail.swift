/// The raw tensors behind a message's JSON, taken in the order of the tensors that have them.
struct BinaryTail {
  private let bytes: [UInt8]
  /// Where the JSON ends and the first tensor begins.
  let start: Int
  private let isAnnounced: Bool
  private var next: Int

  /// - Parameter headerLength: bytes of the JSON; nil for a body that is JSON alone.
  init(_ bytes: [UInt8], headerLength: Int?) throws(WireFault) {
    let start = headerLength ?? bytes.count
    guard 0...bytes.count ~= start else {
      throw .badMessage("\(BinaryTensor.lengthHeader) says \(start) bytes, but the body has \(bytes.count)")
    }
    self.bytes = bytes
    self.start = start
    isAnnounced = headerLength != nil
    next = start
  }

  mutating func take(_ count: Int, name: String) throws(WireFault) -> ArraySlice<UInt8> {
    guard isAnnounced else {
      throw .badTensor(
        name: name,
        reason: "it has \"\(BinaryTensor.sizeParameter)\", but the request has no header \(BinaryTensor.lengthHeader)")
    }
    guard count <= bytes.count - next else {
      throw .badTensor(
        name: name, reason: "\"\(BinaryTensor.sizeParameter)\" says \(count), but \(bytes.count - next) bytes are left")
    }
    next += count
    return bytes[next - count..<next]
  }

  /// The list of tensors starts anew: of a member named twice the last one holds.
  mutating func rewind() { next = start }

  func finish() throws(WireFault) {
    guard next == bytes.count else {
      throw .badMessage("\(bytes.count - next) bytes of the body belong to no tensor")
    }
  }
}
