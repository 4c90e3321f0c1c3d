/// The cells of one record: their bytes without quotes, one after the other.
struct Record: Sendable {
  fileprivate(set) var bytes: [UInt8] = []
  /// Offset behind each cell.
  fileprivate(set) var ends: [Int] = []

  var count: Int { ends.count }
  var isBlank: Bool { ends.count == 1 && bytes.isEmpty }

  func cell(_ index: Int) -> ArraySlice<UInt8> {
    bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
  }

  /// Nil when the bytes are not UTF-8.
  func text(_ index: Int) -> String? { String(validating: cell(index), as: UTF8.self) }

  /// The cell without the blanks around it.
  func trimmed(_ index: Int) -> ArraySlice<UInt8> {
    var cell = cell(index)
    while let first = cell.first, Self.isBlank(first) { cell.removeFirst() }
    while let last = cell.last, Self.isBlank(last) { cell.removeLast() }
    return cell
  }

  /// A zip or Excel file, or UTF-16 text.
  var startsLikeOtherFormat: Bool {
    bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0xFF, 0xFE])
      || bytes.starts(with: [0xFE, 0xFF]) || bytes.contains(0)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}

/// Cuts a byte stream into records (RFC 4180, section 2).
struct RecordReader {
  private let source: ByteSource
  private let limits: DataLimits
  private var chunk: [UInt8] = []
  private var offset = 0
  private var isAtStart = true
  private var isAfterCarriageReturn = false

  private static let comma = UInt8(ascii: ",")
  private static let quote = UInt8(ascii: "\"")
  private static let lineFeed = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")

  private enum State {
    case cellStart, bare, quoted, quoteInQuoted
  }

  init(source: ByteSource, limits: DataLimits) {
    self.source = source
    self.limits = limits
  }

  /// The next record, nil at the end of the file.
  /// - Parameter row: the number to name in a fault; nil for the header.
  mutating func next(row: Int?) throws(DataFault) -> Record? {
    var record = Record()
    var state = State.cellStart
    var recordBytes = 0
    while let byte = try nextByte() {
      if isAfterCarriageReturn {
        isAfterCarriageReturn = false
        if byte == Self.lineFeed { continue }
      }
      recordBytes += 1
      guard recordBytes <= limits.recordBytesMax else {
        throw DataFault(
          row: row,
          "this line is longer than \(limits.recordBytesMax) bytes; a quote opened and never closed is the usual cause")
      }
      switch (state, byte) {
      case (.quoted, Self.quote):
        state = .quoteInQuoted
      case (.quoted, _):
        record.bytes.append(byte)
      case (.quoteInQuoted, Self.quote):
        record.bytes.append(byte)
        state = .quoted
      case (.cellStart, Self.quote):
        state = .quoted
      case (_, Self.comma):
        try endCell(&record, row: row)
        state = .cellStart
      case (_, Self.lineFeed), (_, Self.carriageReturn):
        isAfterCarriageReturn = byte == Self.carriageReturn
        try endCell(&record, row: row)
        return record
      case (.quoteInQuoted, _):
        throw DataFault(row: row, "there is text behind a closing quote; write a quote inside a text as two quotes")
      case (.cellStart, _), (.bare, _):
        record.bytes.append(byte)
        state = .bare
      }
    }
    if state == .quoted {
      throw DataFault(row: row, "a quote is opened here and never closed; close it or write it as two quotes")
    }
    // A last line without a line end is a record; nothing behind the last line end is not.
    guard recordBytes > 0 else { return nil }
    try endCell(&record, row: row)
    return record
  }

  private func endCell(_ record: inout Record, row: Int?) throws(DataFault) {
    record.ends.append(record.bytes.count)
    guard record.ends.count <= limits.columnsMax else {
      throw DataFault(row: row, "this line has more than \(limits.columnsMax) cells; remove columns that say nothing")
    }
  }

  private mutating func nextByte() throws(DataFault) -> UInt8? {
    if offset == chunk.count {
      chunk = try source.next()
      offset = 0
      if isAtStart {
        isAtStart = false
        // A chunk starts with a whole byte-order mark unless the file is shorter than one.
        if chunk.starts(with: [0xEF, 0xBB, 0xBF]) { offset = 3 }
      }
      if offset == chunk.count { return nil }
    }
    defer { offset += 1 }
    return chunk[offset]
  }
}
