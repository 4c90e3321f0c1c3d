import DataFiles
import Domain
import FoundationEssentials
import Testing

private func numpy(_ base64: String) throws -> [UInt8] {
  Array(try #require(Data(base64Encoded: base64)))
}

private func read(_ bytes: [UInt8], _ request: PartsRequest, limits: DataLimits = DataLimits()) throws -> PartsTable {
  let file = try TemporaryFile(bytes, suffix: ".npz")
  return try PartsTable.read(path: file.path, request: request, limits: limits)
}

private func fault(_ bytes: [UInt8], _ request: PartsRequest, limits: DataLimits = DataLimits()) throws -> DataFault {
  try #require(throws: DataFault.self) { _ = try read(bytes, request, limits: limits) }
}

private let usual = PartsRequest(label: "y", groups: ["product"])
private let both = PartsRequest(label: "y", groups: ["product", "camera"])

@Test func `a file NumPy wrote is read like a CSV of the same parts`() throws {
  var request = both
  request.teacherLogitsPrefix = "teacher"
  let table = try read(numpy(NumpyFiles.vectorStored), request)
  #expect(table.rowCount == 36 && table.firstRow == 1)
  #expect(table.input == .vector(count: 2) && table.featureNames == ["temp", "speed"])
  #expect(Array(table.features(row: 2)) == [2.5, -2])
  #expect(table.classNames == ["dent", "good"] && table.labels.prefix(2) == [1, 0])
  #expect(table.cell(row: 5) == Cell(["Cö", "1"]))
  #expect(table.splits?[2] == .validation && table.parts?[35] == "SN-35")
  #expect(table.teacherLogits?.prefix(4) == [0, 0.25, 1, 1.25])
}

@Test func `packed files, small types and rows without a label are read`() throws {
  var limits = DataLimits()
  limits.labelledRowsMin = 27
  let table = try read(numpy(NumpyFiles.vectorPacked), both, limits: limits)
  #expect(table.featureNames == ["f0", "f1"])
  #expect(Array(table.features(row: 35)) == [35.5, -35])
  #expect(table.classNames == ["0", "1", "2"] && table.labels.prefix(4) == [nil, 0, 1, 2])
  #expect(table.cell(row: 2) == Cell(["Cö", "0"]) && table.cell(row: 1) == Cell(["B2", "1"]))
  #expect(table.splits == nil && table.parts == nil)
}

@Test func `windows are read as they are asked for`() throws {
  var request = usual
  let bytes = try numpy(NumpyFiles.windows)
  #expect(try fault(bytes, request).sentence.contains("say which with --input window:2x5 or --input image:2x5"))
  request.input = .window(channels: 2, length: 5)
  let table = try read(bytes, request)
  #expect(table.input == .window(channels: 2, length: 5) && table.classNames == ["0", "1"])
  #expect(Array(table.features(row: 1)) == (10..<20).map { Float($0) })
  #expect(table.featureNames.first == "c0_t0" && table.featureNames.last == "c1_t4")
  request.input = .image(height: 2, width: 5, channels: 1)
  #expect(try read(bytes, request).featureNames.last == "y1_x4")
  request.input = .window(channels: 5, length: 2)
  #expect(try fault(bytes, request).sentence.contains("[36, 2, 5], and window 5x2 asks for [36, 5, 2]"))
  request.input = .vector(count: 10)
  #expect(try fault(bytes, request).column == "x")
}

@Test func `pictures say their own size`() throws {
  let table = try read(numpy(NumpyFiles.pictures), usual)
  #expect(table.input == .image(height: 4, width: 3, channels: 3))
  #expect(table.featureNames[3 * 3 + 1] == "y1_x0_c1" && table.featureNames.count == 36)
  #expect(Array(table.features(row: 7).prefix(2)) == [1, 2])
  #expect(table.classNames == ["0", "1", "2"])
}

@Test func `pictures with their colours first are refused with the way out`() throws {
  let bytes = try numpy(NumpyFiles.channelsFirst)
  #expect(try fault(bytes, usual).sentence.contains("x.transpose(0, 2, 3, 1)"))
  var request = usual
  request.input = .image(height: 8, width: 8, channels: 3)
  #expect(try fault(bytes, request).sentence.contains("x.transpose(0, 2, 3, 1)"))
}

@Test func `what Python alone can read, or nobody should guess, is refused with a sentence`() throws {
  let cases = [
    (NumpyFiles.objects, "y", "allow_pickle"), (NumpyFiles.records, "y", "several fields"),
    (NumpyFiles.columnMajor, "x", "np.ascontiguousarray(x)"), (NumpyFiles.bigEndian, "x", "\"<f4\""),
  ]
  for (file, array, words) in cases {
    let fault = try fault(numpy(file), usual)
    #expect(fault.column == array && fault.sentence.contains(words), "\(fault.sentence)")
  }
  #expect(try fault(numpy(NumpyFiles.singleArray), usual).sentence.contains("is a single NumPy array"))
}

@Test func `features are chosen and left out by their names`() throws {
  let bytes = try numpy(NumpyFiles.vectorStored)
  var request = both
  request.features = .named(["speed"])
  let table = try read(bytes, request)
  #expect(table.featureNames == ["speed"] && table.input == .vector(count: 1))
  #expect(Array(table.features(row: 3)) == [-3])
  request.features = .allExcept(["sp*"])
  #expect(try read(bytes, request).featureNames == ["temp"])
  request.features = .named(["tmp"])
  #expect(try fault(bytes, request).sentence.contains("did you mean \"temp\"?"))
  request.features = .allExcept(["*"])
  #expect(try fault(bytes, request).sentence.contains("no feature is left"))
  request = usual
  request.features = .named(["y0_x0_c0"])
  #expect(try fault(numpy(NumpyFiles.pictures), request).sentence.contains("goes to the student whole"))
}

@Test func `a range of rows is read by its numbers in the file too`() throws {
  var request = usual
  request.rows = 3...36
  let bytes = try numpy(NumpyFiles.vectorStored)
  let table = try read(bytes, request)
  #expect(table.rowCount == 34 && table.firstRow == 3 && table.features(row: 0).first == 2.5)
  request.rows = 3...37
  #expect(try fault(bytes, request).sentence.contains("has 36 rows"))
}

@Test func `a missing array is named with the nearest there is`() throws {
  var request = usual
  request.groups = ["produkt"]
  let fault = try fault(numpy(NumpyFiles.vectorStored), request)
  #expect(fault.column == "produkt" && fault.sentence.contains("did you mean \"product\"?"))
}

@Test func `our own file is read back as it was written, packed or not`() throws {
  for compressed in [false, true] {
    var writer = NpzWriter(compressed: compressed)
    let pixels = (0..<40 * 6).map { UInt8($0 % 256) }
    writer.add("x", shape: [40, 2, 3, 1], pixels)
    writer.add("y", (0..<40).map { $0 % 5 - 1 })
    writer.add("product", (0..<40).map { $0 % 2 == 0 ? "A" : "long 🐟 name" })
    writer.add("teacher", shape: [40, 4], (0..<160).map { Float($0) / 3 })
    var request = usual
    request.teacherLogitsPrefix = "teacher"
    let table = try read(writer.file, request)
    #expect(table.input == .image(height: 2, width: 3, channels: 1))
    #expect(table.features == pixels.map { Float($0) })
    #expect(table.labels[0] == nil && table.labels[4] == 3 && table.cell(row: 1) == Cell(["long 🐟 name"]))
    #expect(table.teacherLogits == (0..<160).map { Float($0) / 3 })
  }
}
