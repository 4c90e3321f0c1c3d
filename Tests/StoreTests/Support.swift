import CSQLite
import Domain
import Engine
import Foundation
import Store
import Testing

/// A temporary folder that goes when its test ends.
final class TestFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("store-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }

  /// Copies a database with its companions, as a killed process would leave them.
  func copyDatabase(_ name: String, to copy: String) throws {
    for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file(name + suffix)) {
      try FileManager.default.copyItem(atPath: file(name + suffix), toPath: file(copy + suffix))
    }
  }

  func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: file(name))
    return try #require((attributes[.posixPermissions] as? NSNumber)?.intValue)
  }
}

/// A second connection without any of the store's care.
final class RawDatabase {
  private var handle: OpaquePointer?

  init(_ path: String) throws {
    try #require(sqlite3_open(path, &handle) == SQLITE_OK)
    sqlite3_busy_timeout(handle, 2000)
  }

  deinit { sqlite3_close(handle) }

  func execute(_ sql: String) throws {
    var message: UnsafeMutablePointer<CChar>?
    let code = sqlite3_exec(handle, sql, nil, nil, &message)
    let text = message.map { String(cString: $0) } ?? ""
    sqlite3_free(message)
    guard code == SQLITE_OK else { throw RawError(text: text) }
  }

  /// First column of every row, as text.
  func texts(_ sql: String) throws -> [String] {
    var statement: OpaquePointer?
    try #require(sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK)
    defer { sqlite3_finalize(statement) }
    var texts: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      texts.append(sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? "NULL")
    }
    return texts
  }

  func number(_ sql: String) throws -> Int { try #require(Int(texts(sql).first ?? "")) }

  /// The steps of a query's plan.
  func plan(_ sql: String) throws -> [String] {
    var statement: OpaquePointer?
    try #require(sqlite3_prepare_v2(handle, "EXPLAIN QUERY PLAN " + sql, -1, &statement, nil) == SQLITE_OK)
    defer { sqlite3_finalize(statement) }
    var steps: [String] = []
    while sqlite3_step(statement) == SQLITE_ROW { steps.append(String(cString: sqlite3_column_text(statement, 3))) }
    return steps
  }
}

struct RawError: Error { let text: String }

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers on every machine.
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

// MARK: - Values

let day = Timestamp("2026-03-01T06:00:00Z") ?? Timestamp(seconds: 0)
let farFuture = Timestamp("2100-01-01") ?? Timestamp(seconds: 0)

func at(_ seconds: Int64) -> Timestamp { Timestamp(microseconds: day.microseconds + seconds * 1_000_000) }
func line(_ name: String = "press-3") throws -> LineID { try LineID(name) }

func prediction(
  _ part: String, line name: String = "press-3", cell: [String] = ["8412", "day"], second: Int64 = 0,
  predictedClass: Int = 0, inputs: [Float] = [1.5, -2, 3.25], advice: Advice = []
) throws -> Prediction {
  Prediction(
    line: try line(name), part: part, cell: Cell(cell), version: ModelVersion(1), inputs: inputs, logits: [0.25, -0.5],
    predictedClass: predictedClass, confidence: 0.68, time: at(second),
    receipt: Receipt(wallClock: at(second + 1), monotonicMicroseconds: 5_000_000 + second, peerUID: 1001),
    advice: advice)
}

func outcome(
  _ part: String, _ label: Int, line name: String = "press-3", amends: Bool = false, source: String = "audit"
) throws -> Outcome {
  Outcome(
    line: try line(name), part: part, label: label, observedAt: at(3600), arrivedAt: at(3601), source: source,
    amends: amends,
    receipt: Receipt(wallClock: at(3601), monotonicMicroseconds: 9_000_000, peerUID: 1002))
}

extension SQLiteLedger {
  /// One call in a transaction of its own.
  @discardableResult
  func add(_ prediction: Prediction) throws -> AppendResult {
    try transaction { () throws(StorageFailure) in try append(prediction) }
  }

  @discardableResult
  func add(_ outcome: Outcome) throws -> OutcomeStatus {
    try transaction { () throws(StorageFailure) in try record(outcome) }
  }

  /// Everything of a line that has matured, whatever its time.
  func everything(_ line: LineID) throws -> [MaturedPrediction] {
    try matured(line: line, after: 0, watermark: farFuture, future: farFuture, limit: Int.max, inputs: .none)
  }
}

/// Where a test's ledger lives.
enum Place: CaseIterable {
  case memory
  case disk

  func location(_ folder: TestFolder) -> StoreLocation {
    switch self {
    case .memory: .memory
    case .disk: .file(folder.file("ledger.db"))
    }
  }
}
