import CBench
import Domain
import NeuralNet
import Store

/// Transactions that were timed.
struct LedgerStretch {
  /// Of whole transactions.
  var histogram = Histogram()
  var rows = 0
  /// What the transactions took together.
  var seconds = 0.0
}

/// A ledger written by SQLite's own interface in C, with the ledger's statements on the ledger's tables.
final class FloorLedger {
  private let handle: OpaquePointer
  private let features: UnsafeMutablePointer<Float>
  private let logits: UnsafeMutablePointer<Float>

  /// - Parameter path: of a file that has each line with each of its cells.
  init(path: String, rows: LedgerRows) throws {
    let shape = rows.bench.student.shape
    let (features, logits) = (
      Self.copied(rows.bench.parts.flatMap(\.values)), Self.copied(rows.logits.flatMap(\.self))
    )
    var result = kb_ledger_result()
    let opened = path.withCString { path in
      SQLiteLedger.connectionSettings.withCString { settings in
        var plan = kb_ledger_plan()
        plan.path = path
        plan.settings = settings
        plan.line_count = Int32(LedgerRows.lineCount)
        plan.cell_count = Int32(LedgerRows.cellCount)
        plan.part_count = Int32(rows.bench.parts.count)
        plan.feature_count = Int32(shape.inputCount)
        plan.class_count = Int32(shape.classCount)
        plan.features = UnsafePointer(features)
        plan.logits = UnsafePointer(logits)
        plan.first_time = LedgerRows.firstTime.microseconds
        plan.seed = rows.seed
        return kb_ledger_open(&plan, &result)
      }
    }
    guard let opened else {
      features.deallocate()
      logits.deallocate()
      throw BenchFailure("\(path) cannot be opened in C: \(Self.reason(result))")
    }
    (handle, self.features, self.logits) = (opened, features, logits)
  }

  deinit {
    kb_ledger_close(handle)
    features.deallocate()
    logits.deallocate()
  }

  /// Appends the rows from `first` on, until there are `count` or their transactions have taken `seconds`.
  func append(_ ids: PartIDs, from first: Int, count: Int = .max, batch: Int, seconds: Double) throws -> LedgerStretch {
    var stretch = LedgerStretch()
    var result = kb_ledger_result()
    let code = stretch.histogram.counts.withUnsafeMutableBufferPointer { histogram in
      kb_ledger_append(
        handle, ids.inC, ids.rowCount, UInt64(first), UInt64(count), Int32(batch), seconds, histogram.baseAddress,
        &result)
    }
    guard code == 0 else { throw BenchFailure("the C loop could not write: \(Self.reason(result))") }
    stretch.rows = Int(result.rows)
    stretch.seconds = result.seconds
    return stretch
  }

  func execute(_ sql: String) throws {
    var result = kb_ledger_result()
    guard kb_ledger_execute(handle, sql, &result) == 0 else { throw BenchFailure("\(sql): \(Self.reason(result))") }
  }

  private static func copied(_ values: [Float]) -> UnsafeMutablePointer<Float> {
    let copy = UnsafeMutablePointer<Float>.allocate(capacity: values.count)
    copy.initialize(from: values, count: values.count)
    return copy
  }

  private static func reason(_ result: kb_ledger_result) -> String {
    withUnsafeBytes(of: result.error) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
