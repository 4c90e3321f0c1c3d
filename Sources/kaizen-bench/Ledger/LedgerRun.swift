import Foundation
import Store

/// One measurement of ledgers, each in files of its own that are gone afterwards.
struct LedgerRun {
  let seconds: Double
  let rounds: Int
  let batches: [Int]
  let directory: String
  let rows: LedgerRows

  /// Rows of a transaction that only fills.
  private static let fillBatch = 10_000
  /// Rows of a transaction with outcomes: what a rework station sends together.
  private static let outcomeBatch = 64
  /// Unmeasured before each way of writing, as a share of a stretch.
  private static let warmUpShare = 0.1
  private static let startCount = 5
  /// Bytes of a row on disk, of two files, with what is appended while measuring, and of logs: more than is needed.
  private static let bytesPerRow = 1000.0
  private static let spareBytes = 2e9

  /// - Returns: nil where the disk has no room for it.
  func measure(_ rowCount: Int, isRandom: Bool = false) throws -> LedgerSize? {
    guard try freeBytes() > Double(rowCount) * Self.bytesPerRow + Self.spareBytes else { return nil }
    let folder = "\(directory)/kaizen-bench-\(getpid())-ledger-\(rowCount)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/\(StoreFile.ledger)"
    var size = try fill(path, rowCount, ids: isRandom ? .sorted(of: max(rowCount, LedgerRows.firstRows)) : .counter)
    size.startMilliseconds = try (0..<Self.startCount).map { _ in
      try OwnLedger.start(path: path, lines: rows.bench.lines)
    }
    let floorPath = "\(folder)/floor.db"
    try FileManager.default.copyItem(atPath: path, toPath: floorPath)
    let own = try OwnLedger(path: path, rows: rows)
    let floor = try FloorLedger(path: floorPath, rows: rows)
    var next = Next(own: max(rowCount, LedgerRows.firstRows))
    size.writes = try writes(own, floor, ids: isRandom ? .random : .counter, next: &next)
    if !isRandom { size.others = try others(own, folder: folder, rowCount: next.own) }
    size.statusMilliseconds = try (0..<Self.startCount).map { _ in try own.status() }
    return size
  }

  private func freeBytes() throws -> Double {
    let attributes = try FileManager.default.attributesOfFileSystem(forPath: directory)
    return (attributes[.systemFreeSize] as? NSNumber)?.doubleValue ?? 0
  }

  /// Makes the ledger as the daemon does, with a row of each cell, and lets the C loop write the others.
  private func fill(_ path: String, _ rowCount: Int, ids: PartIDs) throws -> LedgerSize {
    do {
      let own = try OwnLedger(path: path, rows: rows)
      _ = try own.append(
        ids, from: 0, count: LedgerRows.firstRows, batch: LedgerRows.firstRows, seconds: .infinity)
      try own.ledger.checkpoint()
    }
    let floor = try FloorLedger(path: path, rows: rows)
    let left = rowCount - LedgerRows.firstRows
    let filled =
      left > 0
      ? try floor.append(
        ids, from: LedgerRows.firstRows, count: left, batch: Self.fillBatch, seconds: .infinity) : LedgerStretch()
    try floor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? NSNumber
    return LedgerSize(rows: rowCount, bytes: bytes?.intValue ?? 0, fillSeconds: filled.seconds)
  }

  /// The next row's number in each file.
  private struct Next {
    var own: Int
    var floor: Int

    init(own: Int) { (self.own, floor) = (own, own) }
  }

  private func writes(_ own: OwnLedger, _ floor: FloorLedger, ids: PartIDs, next: inout Next) throws -> [LedgerWrites] {
    func stretchOwn(_ batch: Int, _ seconds: Double) throws -> LedgerStretch {
      try own.ledger.checkpoint()
      let stretch = try own.append(ids, from: next.own, batch: batch, seconds: seconds)
      next.own += stretch.rows
      return stretch
    }
    func stretchFloor(_ batch: Int, _ seconds: Double) throws -> LedgerStretch {
      try floor.execute("PRAGMA wal_checkpoint(PASSIVE)")
      let stretch = try floor.append(ids, from: next.floor, batch: batch, seconds: seconds)
      next.floor += stretch.rows
      return stretch
    }
    var all: [LedgerWrites] = []
    for sync in LedgerSync.allCases {
      try own.ledger.setWaitsForDisk(sync == .full)
      try floor.execute("PRAGMA synchronous = \(sync.rawValue)")
      for batch in batches {
        var writes = LedgerWrites(sync: sync, batch: batch)
        _ = try stretchOwn(batch, seconds * Self.warmUpShare)
        _ = try stretchFloor(batch, seconds * Self.warmUpShare)
        for round in 0..<rounds {
          // Whoever is first meets what the other left to the disk.
          if round.isMultiple(of: 2) { writes.own.append(LedgerRound(try stretchOwn(batch, seconds))) }
          writes.floor.append(LedgerRound(try stretchFloor(batch, seconds)))
          if !round.isMultiple(of: 2) { writes.own.append(LedgerRound(try stretchOwn(batch, seconds))) }
        }
        all.append(writes)
      }
    }
    try own.ledger.setWaitsForDisk(false)
    try own.ledger.checkpoint()
    return all
  }

  /// - Parameter rowCount: rows that are there by now.
  private func others(_ own: OwnLedger, folder: String, rowCount: Int) throws -> [LedgerOther] {
    let half = rowCount / 2
    func outcomes(_ numbers: some Sequence<Int>) throws -> LedgerRound {
      let stretch = try own.record(numbers, ids: .counter, batch: Self.outcomeBatch, seconds: seconds)
      try own.ledger.checkpoint()
      return LedgerRound(stretch)
    }
    let journal = try own.journal(folder: folder, from: rowCount, seconds: seconds)
    return [
      LedgerOther(kind: .journal, batch: 1, round: LedgerRound(journal)),
      LedgerOther(kind: .outcomesInOrder, batch: Self.outcomeBatch, round: try outcomes(half..<rowCount)),
      LedgerOther(kind: .outcomesAnywhere, batch: Self.outcomeBatch, round: try outcomes(Self.scattered(half))),
    ]
  }

  /// Every number below `count` once, far from the one before.
  static func scattered(_ count: Int) -> some Sequence<Int> {
    var stride = Int(Double(count) * 0.618)
    while stride > 1, greatestDivisor(stride, count) != 1 { stride -= 1 }
    let step = max(1, stride)
    return (0..<count).lazy.map { $0 * step % count }
  }

  private static func greatestDivisor(_ first: Int, _ second: Int) -> Int {
    second == 0 ? first : greatestDivisor(second, first % second)
  }
}
