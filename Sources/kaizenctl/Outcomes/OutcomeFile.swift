import DataFiles
import Domain
import Wire

/// One row of a file of outcomes.
struct OutcomeRecord: Equatable, Sendable {
  /// Counted from 1, below the header of a CSV file.
  let row: Int
  let id: String
  let label: String
  let observedAt: Timestamp?
  /// nil: what the command says.
  let channel: String?
  let samplingProbability: Double?
}

/// A row that is no outcome.
struct UnreadableRow: Error, Equatable {
  let row: Int
  /// What is wrong, for a sentence after the row's number.
  let why: String
}

/// Where the columns (or JSON members) of a file of outcomes are.
struct OutcomeColumns {
  let id: String
  let label: String
  /// nil: `defaultObservedAt` where the file has it.
  let observedAt: String?
  /// nil: the file does not say.
  let channel: String?
  let probability: String?

  static let usualID = "id"
  static let usualLabel = "label"
  static let defaultObservedAt = "observed_at"
}

/// Reads outcomes row by row from .csv or .jsonl, gzip or plain; memory is bounded by one row.
enum OutcomeFile {
  case csv(CSVReader, Indexes)
  case jsonLines(LineFile, OutcomeColumns)

  /// Columns of a CSV file.
  struct Indexes {
    let id: Int
    let label: Int
    let observedAt: Int?
    let channel: Int?
    let probability: Int?
  }

  init(path: String, columns: OutcomeColumns) throws {
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    switch name {
    case _ where name.hasSuffix(".csv"):
      self = try Self.data {
        () throws(DataFault) in
        let reader = try CSVReader(path: path)
        func index(_ column: String?) throws(DataFault) -> Int? {
          guard let column else { return nil }
          return try reader.index(of: column)
        }
        return .csv(
          reader,
          Indexes(
            id: try reader.index(of: columns.id), label: try reader.index(of: columns.label),
            observedAt: columns.observedAt == nil
              ? reader.indexIfPresent(of: OutcomeColumns.defaultObservedAt) : try index(columns.observedAt),
            channel: try index(columns.channel), probability: try index(columns.probability)))
      }
    case _ where name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson"):
      self = .jsonLines(try Self.data { () throws(DataFault) in try LineFile(path: path) }, columns)
    default:
      throw Failure(.usage, "\(path) is neither .csv nor .jsonl by its name, with or without .gz.")
    }
  }

  /// The next outcome, nil at the end.
  /// - Throws: `UnreadableRow`, after which reading can go on, or `Failure`.
  func next() throws -> OutcomeRecord? {
    switch self {
    case .csv(let reader, let columns):
      let record: OutcomeRecord
      do throws(DataFault) {
        guard let row = try reader.next() else { return nil }
        record = try Self.record(row, columns)
      } catch {
        // Behind a quote that is not closed nobody knows where the next row starts.
        guard let row = error.row, reader.isBetweenRows else { throw Self.failure(error) }
        let why = error.sentence.trimmingPrefix("row \(row), ").trimmingPrefix("row \(row): ")
        throw UnreadableRow(row: row, why: String(why))
      }
      return try Self.checked(record)
    case .jsonLines(let reader, let columns):
      guard let line = try Self.data({ () throws(DataFault) in try reader.next() }) else { return nil }
      return try Self.checked(Self.parse(line, row: reader.lineNumber, columns))
    }
  }

  private static func record(_ row: CSVRow, _ columns: Indexes) throws(DataFault) -> OutcomeRecord {
    func text(_ column: Int?) throws(DataFault) -> String? {
      guard let column, !row.isEmpty(column) else { return nil }
      return try row.text(column)
    }
    var time: Timestamp?
    if let column = columns.observedAt, !row.isEmpty(column) { time = try row.timestamp(column) }
    var probability: Double?
    if let column = columns.probability, let text = try text(column) {
      // Read as text: a 32-bit number would not be the one that was written.
      probability = Double(text)
      guard let probability, OutcomeChannel.isProbability(probability) else {
        throw DataFault(row: row.number, "the sampling probability \"\(text.prefix(40))\" is not from 0.0001 to 1")
      }
    }
    return OutcomeRecord(
      row: row.number, id: try row.text(columns.id), label: try row.text(columns.label), observedAt: time,
      channel: try text(columns.channel), samplingProbability: probability)
  }

  private static func checked(_ record: OutcomeRecord) throws -> OutcomeRecord {
    func refuse(_ why: String) -> UnreadableRow { UnreadableRow(row: record.row, why: why) }
    guard !record.id.isEmpty else { throw refuse("the part's id is empty") }
    guard record.id.utf8.count <= InferRequest.idBytesMax else {
      throw refuse("the part's id is longer than \(InferRequest.idBytesMax) bytes")
    }
    guard record.id.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
      throw refuse("the part's id holds control characters")
    }
    guard !record.label.isEmpty else { throw refuse("the label is empty; leave out parts without outcome") }
    guard record.label.utf8.count <= JSONLimits.textBytesMax else { throw refuse("the label is a text, not a class") }
    guard (record.channel ?? "").utf8.count <= OutcomeChannel.nameBytesMax else {
      throw refuse("the channel is longer than \(OutcomeChannel.nameBytesMax) bytes")
    }
    return record
  }

  private static func parse(_ line: [UInt8], row: Int, _ columns: OutcomeColumns) throws -> OutcomeRecord {
    func refuse(_ why: String) -> UnreadableRow { UnreadableRow(row: row, why: why) }
    let value: JSONValue
    do { value = try JSONValue(parsing: line) } catch { throw refuse(error.sentence) }
    guard let id = word(value[columns.id]) else { throw refuse("there is no \"\(columns.id)\" with the part's id") }
    guard let label = word(value[columns.label]) else { throw refuse("there is no \"\(columns.label)\"") }
    let name = columns.observedAt ?? OutcomeColumns.defaultObservedAt
    var time: Timestamp?
    if let given = member(name, of: value) {
      time = given.text.flatMap { Timestamp($0) }
      guard time != nil else { throw refuse("\"\(name)\" is not a time such as 2019-01-02T07:00:00Z") }
    }
    var channel: String?
    if let name = columns.channel, let given = member(name, of: value) {
      channel = word(given)
      guard channel != nil else { throw refuse("\"\(name)\" is not the name of a channel") }
    }
    var probability: Double?
    if let name = columns.probability, let given = member(name, of: value) {
      probability = given.number
      guard let probability, OutcomeChannel.isProbability(probability) else {
        throw refuse("\"\(name)\" is not a number from 0.0001 to 1")
      }
    }
    return OutcomeRecord(
      row: row, id: id, label: label, observedAt: time, channel: channel, samplingProbability: probability)
  }

  /// nil also where `null` stands.
  private static func member(_ name: String, of value: JSONValue) -> JSONValue? {
    switch value[name] {
    case nil, .null?: nil
    case .some(let given): given
    }
  }

  /// A text or a whole number: serial numbers are often written as numbers.
  private static func word(_ value: JSONValue?) -> String? { value?.text ?? value?.integer.map { String($0) } }

  private static func data<Value>(_ body: () throws(DataFault) -> Value) throws -> Value {
    do {
      return try body()
    } catch {
      throw failure(error)
    }
  }

  private static func failure(_ fault: DataFault) -> Failure {
    Failure(fault.kind == .unreadable ? .noInput : .data, "\(fault.sentence).")
  }
}
