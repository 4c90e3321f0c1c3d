import Testing
import Wire

private func line(_ format: ExportFormat, _ values: [ExportRows.Value]) -> String {
  var rows = ExportRows(format)
  rows.begin()
  for (index, value) in values.enumerated() { rows.add("k\(index)", value) }
  rows.end()
  return String(decoding: rows.bytes, as: UTF8.self)
}

@Test func `CSV quotes what needs it, tells nothing from empty, and keeps what is no number`() {
  #expect(
    line(.csv, [.text("a"), .none, .text(""), .text("x,y"), .text("a\"b\nc")]) == "a,,\"\",\"x,y\",\"a\"\"b\nc\"\n")
  #expect(line(.csv, [.integer(-7), .number(0.1), .single(0.1), .flag(true)]) == "-7,0.1,0.1,true\n")
  #expect(line(.parquetCSV, [.single(.nan), .single(.infinity), .single(-.infinity), .none]) == "nan,inf,-inf,\n")
  #expect(line(.csv, [.numbers([1.5, .nan, -2])]) == "\"[1.5,null,-2.0]\"\n")
  #expect(String(decoding: ExportRows.header(["a", "b,c"], .csv), as: UTF8.self) == "a,\"b,c\"\n")
}

@Test func `JSON lines have every key, null for what is not known`() {
  #expect(
    line(
      .jsonl, [.text("a\"\n"), .none, .number(.nan), .single(1), .flag(false), .numbers([1, .infinity]), .integer(3)])
      == "{\"k0\":\"a\\\"\\n\",\"k1\":null,\"k2\":null,\"k3\":1.0,\"k4\":false,\"k5\":[1.0,null],\"k6\":3}\n")
  #expect(ExportRows.header(["a"], .jsonl).isEmpty)
}
