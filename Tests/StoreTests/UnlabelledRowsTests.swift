import Domain
import Engine
import Store
import Testing

@Suite struct UnlabelledRowsTests {
  /// 60 parts on three molds, times 0...59 in the order of storing; every third second has an outcome, and every
  /// seventh part was stored without its features.
  private func filled(_ folder: TestFolder) throws -> LedgerReader {
    let ledger = try SQLiteLedger(Place.disk.location(folder))
    for second in 0..<Int64(60) {
      ledger.keepsInputs = second % 7 != 0
      try ledger.add(try prediction("p\(second)", cell: ["\(second % 4)"], second: second, inputs: [Float(second)]))
      if second % 3 == 0 { try ledger.add(try outcome("p\(second)", 0)) }
    }
    return try LedgerReader(path: folder.file("ledger.db"))
  }

  private func wish(_ mold: String, _ since: Int64, _ until: Int64, _ limit: Int) -> UnlabelledWish {
    UnlabelledWish(cell: Cell([mold]), since: at(since), until: at(until), limit: limit)
  }

  @Test func `the newest rows nobody has labelled come, whose features are kept, cell by cell`() throws {
    let folder = try TestFolder()
    let reader = try filled(folder)
    func usable(_ mold: Int64, _ span: ClosedRange<Int64>) -> [Int64] {
      span.filter { $0 % 4 == mold && $0 % 3 != 0 && $0 % 7 != 0 }
    }
    let rows = try reader.unlabelledRows(line: try line(), [wish("1", 5, 50, 3), wish("2", 0, 59, 100)])
    let expected = (usable(1, 5...50).suffix(3) + usable(2, 0...59)).sorted()
    #expect(rows.map(\.time) == expected.map { at($0) })
    #expect(rows.map(\.inputs) == expected.map { [Float($0)] })
    #expect(rows.map(\.cell) == expected.map { Cell(["\($0 % 4)"]) })
  }

  @Test func `nothing is found for what is not there`() throws {
    let folder = try TestFolder()
    let reader = try filled(folder)
    #expect(try reader.unlabelledRows(line: try line(), []) == [])
    #expect(try reader.unlabelledRows(line: try line("x"), [wish("1", 0, 59, 9)]) == [])
    let none = [wish("9", 0, 59, 9), wish("1", 9, 3, 9), wish("1", 0, 59, 0)]
    #expect(try reader.unlabelledRows(line: try line(), none) == [])
  }
}
