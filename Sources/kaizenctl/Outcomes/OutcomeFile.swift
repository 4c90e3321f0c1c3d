import DataFiles
import Domain
import Wire

/// One row of a file of outcomes.
struct OutcomeRecord: Equatable {
  /// Counted from 1, below the header of a CSV file.
  let row: Int
  let id: String
  let label: String
  let observedAt: Timestamp?
}

/// Where the columns (or JSON members) of a file of outcomes are.
struct OutcomeColumns {
  let id: String
  let label: String
  /// nil: `defaultObservedAt` where the file has it.
  let observedAt: String?

  static let defaultObservedAt = "observed_at"
}

/// Reads outcomes row by row from .csv, .csv.gz or .jsonl; memory is bounded by one row.
enum OutcomeFile {
  case csv(CSVReader, id: Int, label: Int, observedAt: Int?)
  case jsonLines(LineReader, OutcomeColumns)

  init(path: String, columns: OutcomeColumns) throws {
    switch path {
    case _ where path.hasSuffix(".csv") || path.hasSuffix(".csv.gz"):
      self = try Self.data {
        () throws(DataFault) in
        let reader = try CSVReader(path: path)
        let time = columns.observedAt
        return .csv(
          reader, id: try reader.index(of: columns.id), label: try reader.index(of: columns.label),
          observedAt: time == nil
            ? reader.indexIfPresent(of: OutcomeColumns.defaultObservedAt) : try reader.index(of: time ?? ""))
      }
    case _ where path.hasSuffix(".jsonl") || path.hasSuffix(".ndjson"):
      self = .jsonLines(try LineReader(path: path), columns)
    default:
      throw Failure(.usage, "\(path) is neither .csv, .csv.gz nor .jsonl by its name.")
    }
  }

  /// The next outcome, nil at the end.
  func next() throws -> OutcomeRecord? {
    switch self {
    case .csv(let reader, let id, let label, let observedAt):
      let record = try Self.data { () throws(DataFault) -> OutcomeRecord? in
        guard let row = try reader.next() else { return nil }
        let time: Timestamp? =
          if let observedAt, !row.isEmpty(observedAt) { try row.timestamp(observedAt) } else { nil }
        return OutcomeRecord(row: row.number, id: try row.text(id), label: try row.text(label), observedAt: time)
      }
      return try record.map(Self.checked)
    case .jsonLines(let reader, let columns):
      return try reader.next().map { try Self.checked(Self.parse($0, row: reader.lineNumber, columns)) }
    }
  }

  private static func checked(_ record: OutcomeRecord) throws -> OutcomeRecord {
    guard !record.id.isEmpty else { throw fault(record.row, "the part's id is empty") }
    guard record.id.utf8.count <= InferRequest.idBytesMax else {
      throw fault(record.row, "the part's id is longer than \(InferRequest.idBytesMax) bytes")
    }
    guard !record.label.isEmpty else { throw fault(record.row, "the label is empty; leave out parts without outcome") }
    return record
  }

  private static func parse(_ line: [UInt8], row: Int, _ columns: OutcomeColumns) throws -> OutcomeRecord {
    let value: JSONValue
    do { value = try JSONValue(parsing: line) } catch { throw fault(row, error.sentence) }
    guard let id = word(value[columns.id]) else { throw fault(row, "there is no \"\(columns.id)\" with the part's id") }
    guard let label = word(value[columns.label]) else { throw fault(row, "there is no \"\(columns.label)\"") }
    let name = columns.observedAt ?? OutcomeColumns.defaultObservedAt
    var time: Timestamp?
    switch value[name] {
    case nil, .null?: break
    case .some(let given):
      time = given.text.flatMap { Timestamp($0) }
      guard time != nil else { throw fault(row, "\"\(name)\" is not a time such as 2019-01-02T07:00:00Z") }
    }
    return OutcomeRecord(row: row, id: id, label: label, observedAt: time)
  }

  /// A text or a whole number: serial numbers are often written as numbers.
  private static func word(_ value: JSONValue?) -> String? { value?.text ?? value?.integer.map { String($0) } }

  private static func fault(_ row: Int, _ what: String) -> Failure {
    Failure(.data, "row \(row): \(what). Nothing was sent.")
  }

  private static func data<Value>(_ body: () throws(DataFault) -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw Failure(error.kind == .unreadable ? .noInput : .data, "\(error.sentence). Nothing was sent.")
    }
  }
}
