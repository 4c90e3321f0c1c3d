import Crypto
import Domain
import Engine

/// The hash that ties an audit entry to all before it.
///
/// SHA-256 over the previous hash and every field, each led by a mark of presence and its length, so that no two entries
/// share an encoding: moving a character from one field to the next, or none to empty, changes the hash.
enum AuditChain {
  /// What the first entry has for a previous hash.
  static let origin = ""

  /// Lower-case hex.
  static func hash(_ entry: AuditEntry, sequence: Int, previous: String) -> String {
    hash(AuditRow(entry, sequence: sequence), previous: previous)
  }

  static func hash(_ row: AuditRow, previous: String) -> String {
    var encoder = FieldEncoder()
    encoder.add("kaizend audit 1")
    encoder.add(previous)
    encoder.add(Int64(row.sequence))
    encoder.add(row.time)
    encoder.add(row.uid)
    encoder.add(row.login)
    encoder.add(row.event)
    encoder.add(row.line)
    encoder.add(row.group)
    encoder.add(row.run)
    encoder.add(row.sentence)
    return hexText(SHA256.hash(data: encoder.bytes))
  }
}

/// An entry as its row holds it, before anything is made of its values: a tampered row must still be hashed.
struct AuditRow {
  let sequence: Int64
  let time: Int64
  let uid: Int64
  let login: String
  let event: String
  let line: String?
  let group: String?
  let run: Int64?
  let sentence: String

  init(_ entry: AuditEntry, sequence: Int) {
    self.sequence = Int64(sequence)
    time = entry.time.microseconds
    uid = Int64(entry.actor.uid)
    login = entry.actor.login
    event = entry.event.rawValue
    line = entry.line?.text
    group = entry.group
    run = entry.run.map(Int64.init)
    sentence = entry.sentence
  }

  static let columns = "sequence, time, uid, login, event, line, group_text, run, sentence, hash"

  init(_ row: Statement) {
    sequence = row.int64(0)
    time = row.int64(1)
    uid = row.int64(2)
    login = row.text(3)
    event = row.text(4)
    line = row.optionalText(5)
    group = row.optionalText(6)
    run = row.isNull(7) ? nil : row.int64(7)
    sentence = row.text(8)
  }

  func bind(to statement: Statement) {
    statement.bind(1, sequence)
    statement.bind(2, time)
    statement.bind(3, uid)
    statement.bind(4, login)
    statement.bind(5, event)
    statement.bind(6, line)
    statement.bind(7, group)
    statement.bind(8, run)
    statement.bind(9, sentence)
  }
}

/// Mark of presence (1 byte), length (8 bytes, little-endian), bytes; a number is 8 bytes, little-endian.
private struct FieldEncoder {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ text: String?) {
    guard let text else { return bytes.append(0) }
    bytes.append(1)
    append(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  mutating func add(_ number: Int64?) {
    guard let number else { return bytes.append(0) }
    bytes.append(1)
    append(8)
    append(UInt64(bitPattern: number))
  }

  private mutating func append(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}

/// Lower-case hex.
func hexText(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

/// Lower-case hex SHA-256, as `ModelRecord.sha256` holds it.
public func sha256Text(_ bytes: [UInt8]) -> String {
  hexText(SHA256.hash(data: bytes))
}
