import Domain
import Engine
import Glibc
import NeuralNet
import Store
import Testing

/// A disk that fails to say that it has something may have lost it, whatever it says afterwards.
@Suite struct FailedSyncTests {
  /// A day in which retention wrote to the log between parts: its row, not synced, was lost beneath synced ones.
  @Test(arguments: [236]) func `what was written before a sync that failed is under nothing that is believed`(
    seed: UInt64
  )
    async throws
  {
    let scenario = CrashScenario(kind: .fault(.syncError, .power), seed: seed)
    #expect(try await scenario.run() == [])
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `pages that a failed sync may have lost are copied again before the log begins anew`(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/ledger.db"
    let disk = ListedDisk()
    let ledger = try SQLiteLedger(.file(path), bootID: "boot", durability: .power, disk: disk.disk)
    var count = 0
    func add() throws {
      count += 1
      let row = try part(count)
      try ledger.transaction { () throws(StorageFailure) in _ = try ledger.append(row) }
    }
    for _ in 0..<50 { try add() }
    // SQLite leaves a copy that a reader keeps from the log's end unsynced.
    var reader: RawRows? = try RawRows(path)
    _ = try reader?.rows("BEGIN")
    _ = try reader?.rows("SELECT count(*) FROM prediction")
    for _ in 0..<10 { try add() }
    // The log's sync is well, the file's is not.
    disk.fail(.syncError, after: 1, count: 1)
    try ledger.checkpointAside {}
    while disk.failures == 0 { sched_yield() }
    disk.release()
    reader = nil
    let failed = disk.count
    repeat {
      // Another may be copying.
      try? ledger.checkpoint()
      try add()
    } while !disk.logBeganAnew(since: failed)
    var random = Generator(seed: seed)
    let state = try CrashState(disk.afterPowerCut(at: disk.count, isTearing: false, random: &random))
    #expect(state.faults == [])
    #expect(state.parts.count == count)
  }

  private func part(_ number: Int) throws -> Prediction {
    let now = Timestamp(seconds: 1_800_000_000 + Int64(number))
    return Prediction(
      line: try LineID("press-1"), part: "A-\(number)", cell: Cell(["A"]), version: ModelVersion(1), inputs: [0.5, 0],
      logits: [0, 1], predictedClass: 1, confidence: 0.7, time: now,
      receipt: Receipt(wallClock: now, monotonicMicroseconds: Int64(number), peerUID: 1000))
  }
}

extension ListedDisk {
  fileprivate func logBeganAnew(since start: Int) -> Bool {
    (start..<count).contains { index in
      if case .write("ledger.db-wal", offset: 0, _) = self[index] { true } else { false }
    }
  }
}
