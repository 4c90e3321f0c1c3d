import DataFiles
import Domain
import Testing

private func rows(_ text: String) throws -> [[String]] {
  let file = try TemporaryFile(text)
  let reader = try CSVReader(path: file.path)
  var result = [reader.columns]
  while let row = try reader.next() {
    result.append(try reader.columns.indices.map { try row.text($0) })
  }
  return result
}

private func fault(_ text: String, limits: DataLimits = DataLimits()) throws -> DataFault? {
  let file = try TemporaryFile(text)
  do {
    let reader = try CSVReader(path: file.path, limits: limits)
    while try reader.next() != nil {}
    return nil
  } catch {
    return error
  }
}

@Test func `quotes, commas and line ends inside quotes are text`() throws {
  let found = try rows("a,b\n\"x, y\",\"he said \"\"no\"\"\"\n\"two\r\nlines\",2\n")
  #expect(found == [["a", "b"], ["x, y", "he said \"no\""], ["two\r\nlines", "2"]])
}

@Test func `every line end is read and a last line needs none`() throws {
  #expect(try rows("a,b\r\n1,2\r\n3,4") == [["a", "b"], ["1", "2"], ["3", "4"]])
  #expect(try rows("a,b\r1,2\r3,4\r") == [["a", "b"], ["1", "2"], ["3", "4"]])
  #expect(try rows("a,b\n\n1,2\n\n\n") == [["a", "b"], ["1", "2"]])
  #expect(try rows("a,b\n1,") == [["a", "b"], ["1", ""]])
}

@Test func `a byte order mark is not part of the first name`() throws {
  #expect(try rows("\u{FEFF}a,b\n1,2\n") == [["a", "b"], ["1", "2"]])
  #expect(try rows("\u{FEFF}\"a\",b\n1,2\n") == [["a", "b"], ["1", "2"]])
}

@Test func `a file of one column may hold empty cells`() throws {
  #expect(try rows("a\n1\n\n2\n") == [["a"], ["1"], [""], ["2"]])
}

@Test func `records longer than a chunk are put together`() throws {
  let long = String(repeating: "x", count: 100_000)
  #expect(try rows("a,b\n\(long),1\n\"\(long)\",2\n") == [["a", "b"], [long, "1"], [long, "2"]])
}

@Test func `numbers are read to the nearest float`() throws {
  let texts = [
    "1", "-1.5", "+2", "1e3", "1.5E-3", ".5", "5.", " 7 ", "0.1", "123456789012345678901234567890", "1e-50", "-0",
    "3.4028234e38", "0.30000001192092896", "16777217", "2.2250738585072014e-308", "00012", "1e0005",
  ]
  let file = try TemporaryFile("a,b\n" + texts.map { "\($0),x\n" }.joined())
  let reader = try CSVReader(path: file.path)
  for text in texts {
    let row = try #require(try reader.next())
    #expect(try row.number(0) == Float(text.filter { $0 != " " && $0 != "+" }), "\(text)")
  }
}

@Test func `any float written out is read back`() throws {
  var random = SplitMix(state: 7)
  var values: [Float] = []
  while values.count < 2000 {
    let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    if value.isFinite { values.append(value) }
  }
  let file = try TemporaryFile("a,b\n" + values.map { "\($0),\(Double($0))\n" }.joined())
  let reader = try CSVReader(path: file.path)
  for value in values {
    let row = try #require(try reader.next())
    #expect(try row.number(0) == value)
    #expect(try row.number(1) == value)
  }
}

@Test(arguments: [
  ("abc", "is not a number"), ("1,5", "is not a number"), ("0x10", "is not a number"), ("1e", "is not a number"),
  ("--1", "is not a number"), ("1 2", "is not a number"), ("nan", "is not a finite number"),
  ("-Inf", "is not a finite number"), ("infinity", "is not a finite number"), ("1e999", "is not a finite number"),
  ("1e39", "too large"), ("", "the cell is empty"), ("  ", "the cell is empty"), (".", "is not a number"),
])
func `a cell that is no number is named with row and column`(cell: String, what: String) throws {
  let file = try TemporaryFile("a,temp\n1,2\n1,\"\(cell)\"\n")
  let reader = try CSVReader(path: file.path)
  _ = try reader.next()
  let row = try #require(try reader.next())
  let fault = #expect(throws: DataFault.self) { _ = try row.number(1) }
  #expect(fault?.row == 2)
  #expect(fault?.column == "temp")
  #expect(fault?.sentence.hasPrefix("row 2, column \"temp\": ") == true)
  #expect(fault?.sentence.contains(what) == true)
}

@Test func `times are read and a wrong one is named`() throws {
  let file = try TemporaryFile("t,x\n2019-01-02,1\n2019-01-02T07:00:00+09:00,1\nyesterday,1\n")
  let reader = try CSVReader(path: file.path)
  #expect(try reader.next()?.timestamp(0).description == "2019-01-02T00:00:00Z")
  #expect(try reader.next()?.timestamp(0).description == "2019-01-01T22:00:00Z")
  let row = try #require(try reader.next())
  let fault = #expect(throws: DataFault.self) { _ = try row.timestamp(0) }
  #expect(fault?.sentence.contains("row 3, column \"t\"") == true)
}

@Test func `a ragged row is named`() throws {
  let short = try #require(try fault("a,b,c\n1,2,3\n1,2\n"))
  #expect(short.row == 2)
  #expect(short.sentence.contains("2 cells and the header has 3"))
  #expect(try fault("a,b\n1,2,3\n")?.row == 1)
}

@Test(arguments: [
  ("a,b,a\n1,2,3\n", "twice"), ("", "is empty"), ("a,,b\n", "column 2 has no name"), ("a;b;c\n1;2;3\n", "semicolons"),
  ("a,b\n\"1,2\n", "never closed"), ("a,b\n\"1\"x,2\n", "behind a closing quote"), ("PK\u{3}\u{4}abc,d\n", "Excel"),
  ("a\0b,c\n", "UTF-16"),
])
func `a file that cannot be used is explained`(text: String, what: String) throws {
  let fault = try #require(try fault(text))
  #expect(fault.sentence.contains(what), "\(fault.sentence)")
  #expect(fault.kind == .content)
}

@Test func `limits end a reading with a sentence`() throws {
  var limits = DataLimits()
  limits.recordBytesMax = 20
  #expect(try fault("a,b\n1,\"2\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n", limits: limits)?.row == 1)
  limits = DataLimits()
  limits.columnsMax = 2
  #expect(try fault("a,b,c\n", limits: limits)?.sentence.contains("more than 2 cells") == true)
  limits = DataLimits()
  limits.decompressedBytesMax = 1000
  let long = "a,b\n" + String(repeating: "1,2\n", count: 300)
  #expect(try fault(long, limits: limits)?.sentence.contains("MiB of text") == true)
}

@Test func `a missing column is named with the nearest one`() throws {
  let file = try TemporaryFile("cast_pressure,molten_temp,label\n1,2,3\n")
  let reader = try CSVReader(path: file.path)
  #expect(try reader.index(of: "label") == 2)
  let near = #expect(throws: DataFault.self) { _ = try reader.index(of: "molten_tmp") }
  #expect(near?.sentence.contains("did you mean \"molten_temp\"?") == true)
  let far = #expect(throws: DataFault.self) { _ = try reader.index(of: "zzz") }
  #expect(far?.sentence.contains("did you mean") == false)
  #expect(far?.sentence.contains("cast_pressure, molten_temp, label") == true)
}

@Test func `a missing file and a folder are told apart from a bad file`() {
  let missing = #expect(throws: DataFault.self) { _ = try CSVReader(path: "/nonexistent/parts.csv") }
  #expect(missing?.kind == .unreadable)
  #expect(missing?.sentence.contains("there is no file /nonexistent/parts.csv") == true)
  let folder = #expect(throws: DataFault.self) { _ = try CSVReader(path: "/tmp") }
  #expect(folder?.kind == .unreadable)
}
