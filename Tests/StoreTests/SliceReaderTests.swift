import Domain
import Engine
import Store
import Testing

@Suite struct SliceReaderTests {
  let folder: TestFolder
  let path: String

  /// Parts p0, p1, ...: every third without an outcome, every fifth answered wrongly; the odd ones of another cell.
  init() throws {
    folder = try TestFolder()
    path = folder.file("ledger.db")
    let ledger = try SQLiteLedger(.file(path))
    for index in 0..<60 {
      let cell = index.isMultiple(of: 2) ? ["8412", "day"] : ["8413", "day"]
      _ = try ledger.add(try prediction("p\(index)", cell: cell, second: Int64(index), inputs: [Float(index), 0, 0]))
      if !index.isMultiple(of: 3) { _ = try ledger.add(try outcome("p\(index)", index.isMultiple(of: 5) ? 1 : 0)) }
    }
    _ = try ledger.add(try prediction("other", line: "press-4", second: 3))
  }

  private func newest(watermark: Int64 = 1000, inputs: Int = 3, limit: Int = 100, cell: String? = nil) throws
    -> [SlicePart]
  {
    var parts: [SlicePart] = []
    try SliceReader(path: path).newest(
      of: try line(), watermark: at(watermark), inputs: inputs, limit: limit,
      wants: { found, version in version == ModelVersion(1) && (cell == nil || found.values[0] == cell) },
      each: { parts.append($0) })
    return parts
  }

  @Test func `the newest labelled parts come first, with their measurements and whether they are wrong`() throws {
    let parts = try newest()
    let expected = (0..<60).reversed().filter { !$0.isMultiple(of: 3) }
    #expect(parts.map { $0.inputs?[0] } == expected.map { Float($0) })
    #expect(parts.map(\.isWrong) == expected.map { $0.isMultiple(of: 5) })
    #expect(
      parts.allSatisfy {
        $0.cell.values[0] == ($0.inputs![0].truncatingRemainder(dividingBy: 2) == 0 ? "8412" : "8413")
      })
    #expect(try newest(inputs: 0).allSatisfy { $0.inputs == nil })
    #expect(try newest(inputs: 2)[0].inputs == [59, 0])
    #expect(try newest(limit: 3).map(\.row) == parts.prefix(3).map(\.row))
    #expect(try newest(watermark: 10).map { $0.inputs?[0] } == [10, 8, 7, 5, 4, 2, 1])
    #expect(try newest(cell: "8413").allSatisfy { $0.cell == Cell(["8413", "day"]) })
    #expect(try newest(limit: 0).isEmpty)
  }

  @Test func `later parts come in order, after the row they must be later than, until enough have come`() throws {
    let reader = try SliceReader(path: path)
    let last = try reader.lastRow(of: try line())
    #expect(try reader.lastRow(of: try line("nobody")) == 0)
    func later(_ row: Int64, stop: Int) throws -> [Int64] {
      var rows: [Int64] = []
      try reader.later(
        of: try line(), after: row, watermark: at(1000), inputs: 0, wants: { _, _ in true }
      ) {
        rows.append($0.row)
        return rows.count < stop ? .more : .stop
      }
      return rows
    }
    let all = try newest().map(\.row).reversed()
    #expect(try later(0, stop: 100) == Array(all))
    #expect(try later(all.dropFirst(4).first!, stop: 3) == Array(all.dropFirst(5).prefix(3)))
    #expect(try later(last, stop: 100).isEmpty)
  }

  @Test func `parts whose measurements are dropped come without them`() throws {
    try RawDatabase(path).execute("DELETE FROM input WHERE prediction <= 30")
    let parts = try newest()
    #expect(parts.count == 40 && parts.count { $0.inputs == nil } == 20)
  }
}
