import Domain

/// One answered part as bytes: a length, a checksum, and the fields in the order they are named here, all little-endian.
///
/// Texts carry their length in one 16-bit word and vectors in a 32-bit one. A record that was not written whole, or of
/// which a power cut took a page, fails its checksum.
enum JournalRecord {
  /// Bytes before the fields: length of the fields and their CRC-32.
  static let headByteCount = 8
  /// A part of a million features and its names; a longer record can only be damage.
  static let fieldByteCountMaximum = 8 << 20

  static func append(_ row: Prediction, to bytes: inout [UInt8]) {
    let start = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: headByteCount))
    var writer = FieldWriter(bytes: bytes)
    bytes = []
    writer.text(row.line.text)
    writer.text(row.part)
    writer.integer(UInt16(row.cell.values.count))
    for value in row.cell.values { writer.text(value) }
    writer.integer(UInt32(row.version.number))
    writer.integer(UInt32(row.predictedClass))
    writer.integer(row.confidence.bitPattern)
    writer.integer(row.time.microseconds)
    writer.integer(row.receipt.wallClock.microseconds)
    writer.integer(row.receipt.monotonicMicroseconds)
    writer.integer(row.receipt.peerUID)
    writer.integer(row.advice.rawValue)
    writer.integer(UInt8(row.late ? 1 : 0) | row.receipt.clock.journalBits)
    writer.floats(row.inputs)
    writer.floats(row.logits)
    bytes = writer.bytes
    let fields = start + headByteCount
    bytes.store(UInt32(bytes.count - fields), at: start)
    bytes.store(crc32(bytes, from: fields, to: bytes.count), at: start + 4)
  }

  /// The record at the start of `bytes` and its length; nil where no whole record stands.
  static func read(_ bytes: ArraySlice<UInt8>) -> (row: Prediction, byteCount: Int)? {
    var head = FieldReader(bytes)
    guard let count = head.integer(UInt32.self).map({ Int($0) }), let checksum = head.integer(UInt32.self),
      count <= fieldByteCountMaximum, bytes.count - headByteCount >= count
    else { return nil }
    let start = bytes.startIndex + headByteCount
    let fields = bytes[start..<start + count]
    guard crc32(fields) == checksum, let row = prediction(fields) else { return nil }
    return (row, headByteCount + count)
  }

  private static func prediction(_ bytes: ArraySlice<UInt8>) -> Prediction? {
    var reader = FieldReader(bytes)
    guard let line = reader.text().flatMap({ try? LineID($0) }), let part = reader.text(),
      let valueCount = reader.integer(UInt16.self)
    else { return nil }
    var values: [String] = []
    for _ in 0..<valueCount {
      guard let value = reader.text() else { return nil }
      values.append(value)
    }
    guard let version = reader.integer(UInt32.self), version >= 1, let predicted = reader.integer(UInt32.self),
      let confidence = reader.integer(UInt32.self).map({ Float(bitPattern: $0) }), (0...1).contains(confidence),
      let time = reader.integer(Int64.self), let wallClock = reader.integer(Int64.self),
      let monotonic = reader.integer(Int64.self), let uid = reader.integer(UInt32.self),
      let advice = reader.integer(UInt8.self), let marks = reader.integer(UInt8.self), marks <= 5,
      let inputs = reader.floats(),
      let logits = reader.floats(), logits.indices.contains(Int(predicted)), reader.isAtEnd
    else { return nil }
    return Prediction(
      line: line, part: part, cell: Cell(values), version: ModelVersion(Int(version)), inputs: inputs, logits: logits,
      predictedClass: Int(predicted), confidence: confidence, time: Timestamp(microseconds: time),
      receipt: Receipt(
        wallClock: Timestamp(microseconds: wallClock), clock: ClockSync(journalBits: marks),
        monotonicMicroseconds: monotonic, peerUID: uid),
      advice: Advice(rawValue: advice), late: marks & 1 == 1)
  }
}

extension ClockSync {
  /// Above the lowest bit of the mark that also says whether a row was late: 0 is not known, as versions that did not
  /// ask have written it.
  fileprivate var journalBits: UInt8 {
    switch self {
    case .unknown: 0
    case .synchronized: 2
    case .unsynchronized: 4
    }
  }

  fileprivate init(journalBits: UInt8) {
    switch journalBits & 6 {
    case 2: self = .synchronized
    case 4: self = .unsynchronized
    default: self = .unknown
    }
  }
}

private struct FieldWriter {
  var bytes: [UInt8]

  mutating func integer(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func text(_ value: String) {
    let utf8 = value.utf8
    precondition(utf8.count <= Int(UInt16.max), "names and ids are bounded when they come in")
    integer(UInt16(utf8.count))
    bytes.append(contentsOf: utf8)
  }

  mutating func floats(_ values: [Float]) {
    integer(UInt32(values.count))
    #if _endian(little)
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
      for value in values { integer(value.bitPattern) }
    #endif
  }
}

private struct FieldReader {
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  var isAtEnd: Bool { index == bytes.endIndex }

  mutating func integer<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
    let width = MemoryLayout<Value>.size
    guard bytes.endIndex - index >= width else { return nil }
    var value: Value = 0
    for offset in (0..<width).reversed() { value = value << 8 | Value(truncatingIfNeeded: bytes[index + offset]) }
    index += width
    return value
  }

  mutating func text() -> String? {
    guard let count = integer(UInt16.self).map({ Int($0) }), bytes.endIndex - index >= count else { return nil }
    defer { index += count }
    return String(validating: bytes[index..<index + count], as: UTF8.self)
  }

  mutating func floats() -> [Float]? {
    guard let count = integer(UInt32.self).map({ Int($0) }), (bytes.endIndex - index) / 4 >= count else { return nil }
    var values: [Float] = []
    values.reserveCapacity(count)
    for _ in 0..<count {
      guard let bits = integer(UInt32.self) else { return nil }
      values.append(Float(bitPattern: bits))
    }
    return values
  }
}

extension [UInt8] {
  fileprivate mutating func store(_ value: UInt32, at index: Int) {
    for offset in 0..<4 { self[index + offset] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(offset))) }
  }
}
