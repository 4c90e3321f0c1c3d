import Store
import Testing

@Suite struct LedgerLogTests {
  @Test func `what a reader holds back is counted, and copied once it has gone`() throws {
    let state = try StateFolder()
    let path = state.folder.file("ledger.db")
    #expect(try LedgerLog(path: path).settle() == 0)
    let reader = try RawDatabase(path)
    try reader.execute("BEGIN")
    _ = try reader.number("SELECT count(*) FROM prediction")
    try state.append(200..<3000)
    let held = try LedgerLog(path: path).settle()
    #expect(held > 100_000 && held <= StoreFile.logByteCount(path))
    try reader.execute("ROLLBACK")
    #expect(try LedgerLog(path: path).settle() == 0)
    #expect(throws: OpenFailure.self) { try LedgerLog(path: state.folder.file("nothing.db")) }
  }
}
