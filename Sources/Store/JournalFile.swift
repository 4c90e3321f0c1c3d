import Domain
import Engine

/// What a journal's file holds: whole records up to the first that is not.
struct JournalFile {
  static let mark = Array("kzLJ0001".utf8)
  /// A boot id is a UUID in 36 characters.
  static let bootByteCount = 36
  static var headByteCount: Int { mark.count + bootByteCount }

  let name: String
  let bootID: String
  let rows: [Prediction]
  /// Bytes behind the last whole record: of a write that was cut short, or all that follows a damaged record.
  let strayByteCount: Int

  init(_ bytes: [UInt8], name: String) {
    self.name = name
    let start = Self.headByteCount
    guard bytes.count >= start, bytes.starts(with: Self.mark) else {
      bootID = ""
      rows = []
      strayByteCount = Self.countToLastNonZero(bytes[...])
      return
    }
    bootID = String(decoding: bytes[Self.mark.count..<start].prefix { $0 != 0x20 }, as: UTF8.self)
    var rest = bytes[start...]
    var rows: [Prediction] = []
    while let (row, count) = JournalRecord.read(rest) {
      rows.append(row)
      rest = rest.dropFirst(count)
    }
    self.rows = rows
    strayByteCount = Self.countToLastNonZero(rest)
  }

  /// A power cut may leave zeros where the rest of the mark was to come, or all of it.
  static func mayBeOurs(_ bytes: [UInt8]) -> Bool { zip(bytes, mark).allSatisfy { $0 == $1 || $0 == 0 } }

  /// Zeros at the end were never written.
  private static func countToLastNonZero(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.lastIndex { $0 != 0 }.map { $0 - bytes.startIndex + 1 } ?? 0
  }

  static func header(bootID: String) -> [UInt8] {
    // "unknown" is shorter than a UUID.
    let boot = Array(bootID.utf8.prefix(bootByteCount))
    return mark + boot + repeatElement(0x20, count: bootByteCount - boot.count)
  }

  /// nil where everything could be read.
  var remark: String? {
    guard strayByteCount > 0 else { return nil }
    return
      "\(name) ended with \(strayByteCount) bytes that are no whole answer, after \(rows.count) that are, and they "
      + "were left out: a write that was cut short, or damage if there are many"
  }

  /// Whether its rows were answered before those of another; monotonic times compare only within one start of the
  /// machine, and this one is the last.
  func isOlder(than other: JournalFile, now: String) -> Bool {
    guard let mine = rows.first?.receipt, let others = other.rows.first?.receipt else { return !rows.isEmpty }
    if bootID == other.bootID { return mine.monotonicMicroseconds < others.monotonicMicroseconds }
    if (bootID == now) != (other.bootID == now) { return other.bootID == now }
    return mine.wallClock < others.wallClock
  }

  /// Rows that the ledger took before the process ended are there already, and are left.
  func store(into ledger: any Ledger) throws(StorageFailure) {
    for row in rows { _ = try ledger.append(row, bootID: bootID) }
  }
}
