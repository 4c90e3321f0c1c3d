import Domain
import Engine
import Foundation
import Store
import Testing

@Suite struct LedgerJournalTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  private func open(_ ledger: SQLiteLedger, bootID: String = "boot-1") throws -> (LedgerJournal, Int) {
    let journal = try LedgerJournal.open(stateDirectory: folder.path, bootID: bootID)
    return (journal, try journal.recover(into: ledger).rows)
  }

  private func parts(_ range: Range<Int>) throws -> [Prediction] {
    try range.map { try prediction("p\(1000 + $0)", second: Int64($0), inputs: [Float($0), .nan, -0.0]) }
  }

  private func stored(_ name: String = "ledger.db") throws -> [String] {
    try RawDatabase(folder.file(name)).texts("SELECT part FROM prediction ORDER BY id")
  }

  @Test func `rows outlive a process that ends without a word, in the order of their answers`() throws {
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    do {
      let (journal, found) = try open(ledger)
      #expect(found == 0)
      try journal.append(try parts(0..<3))
      journal.turnOver()
      try journal.append(try parts(3..<4))
      try journal.append(try parts(4..<9))
    }
    let (_, found) = try open(ledger, bootID: "boot-2")
    #expect(found == 9)
    #expect(try stored() == (0..<9).map { "p\(1000 + $0)" })
    let first = try parts(0..<1)[0]
    guard case .repeated(let kept) = try ledger.add(first) else {
      Issue.record("the first row is not in the ledger")
      return
    }
    #expect(kept.inputs.map(\.bitPattern) == first.inputs.map(\.bitPattern))
    #expect(kept.logits == first.logits && kept.receipt == first.receipt && kept.time == first.time)
    let boots = try RawDatabase(folder.file("ledger.db"))
      .texts("SELECT DISTINCT boot_id FROM clock JOIN prediction ON clock.id = prediction.clock")
    #expect(boots == ["boot-1"])
    #expect(try open(ledger).1 == 0)
  }

  @Test func `what the ledger has already is not stored twice`() throws {
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    let rows = try parts(0..<5)
    do {
      let (journal, _) = try open(ledger)
      try journal.append(rows)
      journal.turnOver()
      // The process ends after the ledger's commit and before the journal forgets.
      for row in rows { try ledger.add(row) }
    }
    _ = try open(ledger)
    #expect(try ledger.totals(line: nil).predictions == 5)
  }

  @Test func `forgotten rows are gone, later ones stay`() throws {
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    do {
      let (journal, _) = try open(ledger)
      try journal.append(try parts(0..<5))
      journal.turnOver()
      try journal.append(try parts(5..<6))
      journal.forget()
      journal.turnOver()
      try journal.append(try parts(6..<7))
    }
    #expect(try open(ledger).1 == 2)
  }

  @Test func `a file that is no journal of ours is left as it is`() throws {
    let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
    let strange = Data("kzLJ9999 of a later version".utf8)
    try strange.write(to: URL(filePath: folder.file("ledger-journal-1")))
    #expect(throws: StorageFailure.self) { try open(ledger) }
    #expect(try Data(contentsOf: URL(filePath: folder.file("ledger-journal-1"))) == strange)
  }

  @Test func `a journal cut anywhere gives its whole rows, and a changed byte ends it`() throws {
    let whole: [UInt8]
    do {
      let ledger = try SQLiteLedger(.file(folder.file("ledger.db")))
      let (journal, _) = try open(ledger)
      try journal.append(try parts(0..<4))
      whole = try Array(Data(contentsOf: URL(filePath: folder.file("ledger-journal-0"))))
    }
    var seeded = SeededRandom(seed: 5)
    var counts: Set<Int> = []
    for trial in 0..<400 {
      var bytes = whole
      if trial < whole.count / 4 { bytes = Array(whole.prefix(trial * 4)) }
      if trial % 2 == 1, bytes.count > 8 {
        bytes[8 + Int(seeded.next() % UInt64(bytes.count - 8))] ^= 1 << (seeded.next() % 8)
      }
      try Data(bytes).write(to: URL(filePath: folder.file("ledger-journal-0")))
      let ledger = try SQLiteLedger(.memory)
      let found = try open(ledger).1
      counts.insert(found)
      #expect(try ledger.totals(line: nil).predictions == found)
      #expect(try ledger.greatestPart(line: try line()) == (found > 0 ? "p\(999 + found)" : nil))
    }
    #expect(counts == [0, 1, 2, 3, 4])
  }
}
