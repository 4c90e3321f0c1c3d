import Domain
import Engine
import Store
import Testing

@Suite struct RecentRowsTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  private func fill(_ ledger: SQLiteLedger, _ rows: Range<Int>, cells: Int = 2) throws {
    try ledger.transaction { () throws(StorageFailure) in
      for index in rows {
        do {
          _ = try ledger.append(
            try prediction("p\(index)", cell: ["\(index % cells)"], second: Int64(index), inputs: [Float(index)]))
          _ = try ledger.append(try prediction("q\(index)", line: "other", second: Int64(index)))
        } catch let failure as StorageFailure {
          throw failure
        } catch {
          throw StorageFailure("\(error)", mayPass: false)
        }
      }
    }
  }

  @Test func `rows after a row come in the order they were stored, of one line alone`() throws {
    let ledger = try SQLiteLedger(.memory)
    try fill(ledger, 0..<50)
    let all = try ledger.recent(line: try line(), after: 0, limit: 1000, withInputs: true)
    #expect(all.rows.count == 50)
    #expect(all.rows.map(\.inputs) == (0..<50).map { [Float($0)] })
    #expect(all.rows.map(\.row) == all.rows.map(\.row).sorted())
    #expect(all.last == all.rows.last?.row)
    #expect(all.rows[3].cell == Cell(["1"]))
    #expect(all.rows[3].confidence == 0.68)
    #expect(all.rows[3].time == at(3))
    let rest = try ledger.recent(line: try line(), after: all.rows[40].row, limit: 1000, withInputs: false)
    #expect(rest.rows.map(\.row) == all.rows[41...].map(\.row))
    #expect(rest.rows.allSatisfy { $0.inputs.isEmpty })
    let none = try ledger.recent(line: try line(), after: all.last, limit: 1000, withInputs: true)
    #expect(none == RecentPredictions(rows: [], last: all.last))
    let unknown = try ledger.recent(line: try line("nobody"), after: 7, limit: 10, withInputs: true)
    #expect(unknown == RecentPredictions(rows: [], last: 7))
  }

  @Test func `a busy line gives a sample that is spread over all rows and follows no rhythm`() throws {
    let ledger = try SQLiteLedger(.memory)
    try fill(ledger, 0..<6000)
    let sample = try ledger.recent(line: try line(), after: 0, limit: 300, withInputs: true)
    #expect(sample.rows.count == 300)
    #expect(sample.last == 11_999, "where to go on is the last row, sampled or not")
    let thirds = (0..<3).map { third in
      sample.rows.count { (third * 2000..<(third + 1) * 2000).contains(Int($0.inputs[0])) }
    }
    #expect(thirds.allSatisfy { (70...130).contains($0) }, "\(thirds)")
    let even = sample.rows.count { $0.cell == Cell(["0"]) }
    #expect((110...190).contains(even), "\(even) of the first of two cells that take turns")
    #expect(try ledger.recent(line: try line(), after: 0, limit: 300, withInputs: true) == sample)
  }

  @Test func `parts whose features are not kept come without`() throws {
    let ledger = try SQLiteLedger(.memory)
    ledger.keepsInputs = false
    try fill(ledger, 0..<3)
    let rows = try ledger.recent(line: try line(), after: 0, limit: 10, withInputs: true).rows
    #expect(rows.count == 3)
    #expect(rows.allSatisfy { $0.inputs.isEmpty })
  }

  @Test func `the sample of a day has as much of a rare cell as there is, and what it leaves of the others`() throws {
    let ledger = try SQLiteLedger(Place.disk.location(folder))
    try fill(ledger, 0..<3000, cells: 1)
    for index in 0..<20 { try ledger.add(try prediction("r\(index)", cell: ["rare"], inputs: [1])) }
    try fill(ledger, 3000..<3100, cells: 1)
    let reader = try LedgerReader(path: folder.file("ledger.db"))
    var asked = 0
    let sample = try reader.sample(line: try line(), after: 0, through: 6020) { parts in
      asked = parts
      return 400
    }
    #expect(asked == 3020)
    #expect(sample.dayParts == 3020)
    #expect(sample.rows.count == 400)
    #expect(sample.rows.allSatisfy { $0.row <= 6020 && $0.inputs.count == 1 })
    // Of ten times as many rows as are wanted all were looked at.
    #expect(sample.rows.count { $0.cell == Cell(["rare"]) } == 20)
    let nothing = try reader.sample(line: try line("nobody"), after: 0, through: 6020) { _ in 10 }
    #expect(nothing.rows.isEmpty && nothing.dayParts == 0)
  }
}
