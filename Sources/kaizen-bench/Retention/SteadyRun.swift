import CBench
import Domain
import Engine
import Foundation
import Store

/// A ledger that takes away as much as comes, and one that only grows, in turn.
struct SteadyRun {
  let windowRows: Int
  let rows: LedgerRows

  /// Times that the window is replaced.
  private static let windowCount = 3
  /// Turns that both take within a window.
  private static let partCount = 4
  /// As many as the plant commits together.
  private static let batch = 512
  /// Transactions after which the log is copied into the file, as the plant does each second.
  private static let checkpointEvery = 16
  /// Of five parts, those that get an outcome.
  private static let labelled = 3
  /// Features go when their row has been there for a fourth of the window.
  private static let inputsShare = 4
  /// Labelled parts of a group whose features stay longer, as a share of those it has in the window.
  private static let keptShare = 8
  /// Pieces that follow a batch: the three walks have each room for it.
  private static let piecesMax = 8

  func measure() throws -> RetentionSteady {
    let folder = try TemporaryFolder.make("steady")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var keeping = Side(own: try OwnLedger(path: folder + "/keeping.db", rows: rows))
    var trimming = Side(own: try OwnLedger(path: folder + "/trimming.db", rows: rows), trims: true)
    // Until the window is full there is nothing to take away.
    _ = try advance(&keeping, by: windowRows)
    _ = try advance(&trimming, by: windowRows)
    var report = RetentionSteady(windowRows: windowRows)
    let part = max(1, windowRows / Self.partCount)
    for _ in 0..<Self.windowCount {
      var (keepingSeconds, trimmingSeconds) = (0.0, 0.0)
      for _ in 0..<Self.partCount {
        keepingSeconds += try advance(&keeping, by: part)
        trimmingSeconds += try advance(&trimming, by: part)
      }
      let count = Double(part * Self.partCount)
      report.keepingRowsPerSecond.append(count / keepingSeconds)
      report.trimmingRowsPerSecond.append(count / trimmingSeconds)
      let room = try trimming.own.ledger.room()
      report.bytes.append(room.used + room.reusable)
      report.freeBytes.append(room.reusable)
      let totals = try trimming.own.ledger.totals(line: nil)
      report.rows.append(totals.predictions)
    }
    return report
  }

  private struct Side {
    let own: OwnLedger
    var trims = false
    var next = 0
    var turns = 0
  }

  /// Rows, and outcomes of rows that came a while before.
  /// - Returns: seconds of what the ledger did.
  private func advance(_ side: inout Side, by count: Int) throws -> Double {
    let end = side.next + count
    var seconds = 0.0
    while side.next < end {
      let numbers = side.next..<min(end, side.next + Self.batch)
      let late = numbers.map { $0 - windowRows / (2 * Self.inputsShare) }.filter { $0 >= 0 && $0 % 5 < Self.labelled }
      let predictions = numbers.map { rows.prediction($0, ids: .counter) }
      let outcomes = late.map { rows.outcome(of: $0, ids: .counter) }
      let start = kb_nanoseconds()
      try side.own.ledger.transaction { () throws(StorageFailure) in
        for prediction in predictions { _ = try side.own.ledger.append(prediction) }
        for outcome in outcomes { _ = try side.own.ledger.record(outcome) }
      }
      if side.trims { try trim(side.own.ledger, newest: numbers.upperBound) }
      side.next = numbers.upperBound
      side.turns += 1
      if side.turns.isMultiple(of: Self.checkpointEvery) { try side.own.ledger.checkpoint() }
      seconds += Double(kb_nanoseconds() - start) * 1e-9
    }
    return seconds
  }

  private func trim(_ ledger: SQLiteLedger, newest: Int) throws {
    let order = RetentionOrder(
      inputsBefore: LedgerRows.time(newest - windowRows / Self.inputsShare),
      rowsBefore: LedgerRows.time(newest - windowRows), countedRowsBefore: nil,
      inputsPerGroup: windowRows / LedgerRows.firstRows / Self.keptShare)
    for _ in 0..<Self.piecesMax {
      let trimmed = try ledger.transaction { () throws(StorageFailure) in
        try ledger.setRetentionClock(LedgerRows.time(newest))
        return try ledger.trim(order, limit: Self.batch)
      }
      if trimmed.isDone { return }
    }
  }
}
