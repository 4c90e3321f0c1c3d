import DataFiles
import Domain
import Testing

private let request = PartsRequest(label: "y", groups: ["g"])
private let rowCount = 32

private func fault(_ bytes: [UInt8], limits: DataLimits = DataLimits()) throws -> DataFault? {
  let file = try TemporaryFile(bytes, suffix: ".npz")
  do throws(DataFault) {
    _ = try PartsTable.read(path: file.path, request: request, limits: limits)
    return nil
  } catch {
    return error
  }
}

/// A sound file, changed by the test.
private func archive(_ change: (inout ZipBuilder) -> Void = { _ in }) -> [UInt8] {
  var zip = ZipBuilder()
  zip.add("x", "<f4", "\(rowCount), 2", (0..<rowCount * 2).flatMap { word(Float($0)) })
  zip.add("y", "|i1", "\(rowCount),", (0..<rowCount).map { UInt8($0 % 2) })
  zip.add("g", "|S2", "\(rowCount),", (0..<rowCount).flatMap { [0x41, $0 % 3 == 0 ? 0x42 : 0] })
  change(&zip)
  return zip.bytes
}

private func word(_ value: Float) -> [UInt8] { ZipBuilder.number(Int(value.bitPattern), bytes: 4) }

private func replaced(_ name: String, _ type: String, _ shape: String, _ data: [UInt8]) -> [UInt8] {
  archive { zip in
    zip.entries.removeAll { $0.name == name + ".npy" }
    zip.add(name, type, shape, data)
  }
}

@Test func `the sound file the others are made from is read`() throws {
  #expect(try fault(archive()) == nil)
}

@Test func `a value that is not finite is named with its row and array`() throws {
  for (value, words) in [(Float.nan, "not a number"), (.infinity, "too large or infinite")] {
    var values = (0..<rowCount * 2).map { Float($0) }
    values[17] = value
    let fault = try #require(try fault(replaced("x", "<f4", "32, 2", values.flatMap(word))))
    #expect(fault.row == 9 && fault.column == "x")
    #expect(fault.sentence.hasPrefix("row 9, array \"x\": value 2 of this row is \(words)"), "\(fault.sentence)")
  }
  let large = (0..<rowCount * 2).flatMap { _ in ZipBuilder.number(Int(bitPattern: UInt((1e300).bitPattern)), bytes: 8) }
  #expect(try fault(replaced("x", "<f8", "32, 2", large))?.row == 1)
}

@Test(arguments: [
  ("|i1", "31,", 31, "one value for each of the 32 parts"), ("|i1", "32, 2", 64, "one value for each"),
  ("|i1", "32,", 31, "does not fit its 31 bytes"), ("|i1", "32,", 33, "does not fit its 33 bytes"),
  ("|i1", "9223372036854775807, 9223372036854775807", 32, "does not fit"), ("|i1", "-32,", 32, "what NumPy writes"),
  ("|i1", "0, 9223372036854775807", 0, "one value for each"), ("|i1", "99999999999999999999,", 32, "what NumPy writes"),
  ("<c8", "32,", 256, "type \"<c8\""), ("<M8[ns]", "32,", 256, "type \"<M8[ns]\""), (">i2", "32,", 64, "\"<i2\""),
  ("<U9999", "32,", 32, "longer than 1024"), ("", "32,", 32, "type \"\""),
  ("<U1", "32,", 128, "character that does not"),
  ("|S1", "32,", 32, "is not UTF-8"), ("<f4", "32,", 128, "not a whole number"),
])
func `a label array of a strange kind is refused by name`(
  type: String, shape: String, byteCount: Int, words: String
) throws {
  let fault = try #require(try fault(replaced("y", type, shape, [UInt8](repeating: 0xC1, count: byteCount))))
  #expect(fault.column == "y")
  #expect(fault.sentence.contains(words), "\(fault.sentence)")
}

@Test(arguments: [
  "{'descr': '<i1', 'fortran_order': False}", "{'descr': '<i1', 'fortran_order': False, 'shape': (32,), 'x': True}",
  "{'descr': '|i1', 'descr': '|i1', 'fortran_order': False, 'shape': (32,)}", "", "{", "{}", "[]",
  "{'descr': '|i1', 'fortran_order': None, 'shape': (32,)}", "{'descr': '|i1', 'fortran_order': False, 'shape': 32}",
  "{'descr': '|i1', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,32)}", "{'descr': '|i1",
])
func `a header that is not NumPy's is refused`(header: String) throws {
  let bytes = archive { $0.entries[1].data = ZipBuilder.npy(header, [UInt8](repeating: 1, count: rowCount)) }
  let fault = try #require(try fault(bytes))
  #expect(fault.column == "y" && fault.sentence.contains("header is not what NumPy writes"), "\(fault.sentence)")
}

@Test func `newer header formats are read and unknown ones refused`() throws {
  for version: UInt8 in 1...4 {
    let bytes = archive {
      $0.entries[1].data = ZipBuilder.npy(
        ZipBuilder.header("|i1", "32,"), (0..<rowCount).map { UInt8($0 % 2) }, version: version)
    }
    let fault = try fault(bytes)
    #expect(version < 4 ? fault == nil : fault?.sentence.contains("format 4.0 is not known") == true)
  }
}

@Test func `a table of contents that lies is found out`() throws {
  let lies: [((inout ZipBuilder) -> Void, String)] = [
    ({ $0.entries[1].claimedOffset = 0 }, "share the same bytes"),
    ({ $0.entries[0].claimedSize = 1 << 30 }, "share the same bytes"),
    ({ $0.entries[1].name = "x.npy" }, "\"x.npy\" twice"),
    ({ $0.entries[0].claimedOffset = 0xFFFF_FFFF }, "larger than the 4 GiB"),
    ({ $0.entries[1].flags = 1 }, "encrypted"),
    ({ $0.entries[1].method = 12 }, "packed in a way NumPy does not use"),
    ({ $0.entries = [] }, "without NumPy arrays"),
    (
      { zip in zip.entries = zip.entries.map { ZipBuilder.Entry(name: "xl/" + $0.name + ".xml", data: $0.data) } },
      "Excel"
    ),
    (
      { zip in zip.entries = (0..<2000).map { ZipBuilder.Entry(name: "\($0).npy", data: []) } }, "more than 1024 arrays"
    ),
  ]
  for (lie, words) in lies {
    let sentence = try #require(try fault(archive(lie))).sentence
    #expect(sentence.contains(words), "\(sentence)")
  }
}

@Test func `a file cut off anywhere is a fault and never a table`() throws {
  let bytes = archive()
  for length in 4..<bytes.count { #expect(try fault(Array(bytes.prefix(length))) != nil, "\(length) bytes") }
}

@Test func `a changed value is found by its checksum`() throws {
  var bytes = archive()
  bytes[200] ^= 1
  #expect(try fault(bytes)?.sentence.contains("do not match the file's table of contents") == true)
}

@Test func `a small packed file that grows beyond the limit is stopped by the limit`() throws {
  var writer = NpzWriter(compressed: true)
  writer.add("x", shape: [1000, 1000], [UInt8](repeating: 0, count: 1_000_000))
  writer.add("y", (0..<1000).map { $0 % 2 })
  writer.add("g", (0..<1000).map { "\($0 % 2)" })
  #expect(writer.file.count < 20_000)
  var limits = DataLimits()
  limits.valuesMax = 100_000
  let fault = try #require(try fault(writer.file, limits: limits))
  #expect(fault.row == 101 && fault.sentence.contains("larger than 100000 numbers"))
}
