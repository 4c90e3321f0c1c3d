import DataFiles
import Domain
import Testing

/// 40 rows of a small plant; `change` may spoil one of them.
private func plant(
  header: String = "seq,split,g_mold,label,temp,speed,note", change: (Int, [String]) -> [String] = { $1 }
) -> String {
  var text = header + "\n"
  for row in 1...40 {
    let split = row <= 28 ? "train" : row <= 34 ? "val" : "test"
    let cells = [
      "\(row)", split, row % 4 == 0 ? "8412" : "day, b", "\(row % 2 == 0 ? 10 : 9)", "\(row).5", "-\(row)", "ok",
    ]
    text += change(row, cells).map { $0.contains(",") ? "\"\($0)\"" : $0 }.joined(separator: ",") + "\n"
  }
  return text
}

private func read(_ text: String, _ request: PartsRequest, limits: DataLimits = DataLimits()) throws -> PartsTable {
  let file = try TemporaryFile(text)
  return try PartsTable.read(path: file.path, request: request, limits: limits)
}

private let usual = PartsRequest(label: "label", groups: ["g_mold"])

private func fault(
  _ text: String, _ request: PartsRequest = usual, limits: DataLimits = DataLimits()
) throws -> DataFault? {
  do {
    _ = try read(text, request, limits: limits)
    return nil
  } catch let fault as DataFault {
    return fault
  }
}

private func spoiled(row: Int, column: Int, _ cell: String) -> String {
  plant { number, cells in
    var cells = cells
    if number == row { cells[column] = cell }
    return cells
  }
}

@Test func `features are the columns of numbers that are nothing else`() throws {
  let table = try read(plant(), usual)
  #expect(table.featureNames == ["temp", "speed"])
  #expect(table.textColumns == ["note"])
  #expect(table.attributes == ["g_mold"])
  #expect(table.rowCount == 40)
  #expect(Array(table.features(row: 2)) == [3.5, -3])
  #expect(table.cells == [Cell(["8412"]), Cell(["day, b"])])
  #expect(table.cell(row: 3) == Cell(["8412"]))
  #expect(table.cell(row: 4) == Cell(["day, b"]))
  #expect(table.classNames == ["9", "10"])
  #expect(table.labels.prefix(2) == [0, 1])
  #expect(table.splits?[27] == .train && table.splits?[28] == .validation && table.splits?[39] == .test)
  #expect(table.parts == nil && table.teacherLogits == nil)
}

@Test func `named features come in the order named, also kept-out columns`() throws {
  var request = usual
  request.features = .named(["speed", "seq"])
  let table = try read(plant(), request)
  #expect(table.featureNames == ["speed", "seq"])
  #expect(Array(table.features(row: 0)) == [-1, 1])
}

@Test func `excluded columns are no features, with a star for any ending`() throws {
  var request = usual
  request.features = .allExcept(["sp*"])
  #expect(try read(plant(), request).featureNames == ["temp"])
  request.features = .allExcept(["temp"])
  #expect(try read(plant(), request).featureNames == ["speed"])
  request.features = .allExcept(["zz*"])
  #expect(try fault(plant(), request)?.column == "zz*")
  request.features = .allExcept(["tmp"])
  #expect(try fault(plant(), request)?.sentence.contains("\"temp\"") == true)
}

@Test func `a range of rows is read by its numbers in the file`() throws {
  var request = usual
  request.rows = 6...38
  let table = try read(plant(), request)
  #expect(table.rowCount == 33 && table.firstRow == 6)
  #expect(table.features(row: 0).first == 6.5)
  request.rows = 6...41
  #expect(try fault(plant(), request)?.sentence.contains("has 40 rows") == true)
  request.rows = 0...9
  #expect(try fault(plant(), request)?.sentence.contains("counted from 1") == true)
}

@Test func `faults outside the range of rows do not matter`() throws {
  var request = usual
  request.rows = 1...38
  #expect(try fault(spoiled(row: 39, column: 4, "x"), request) == nil)
}

@Test func `labels may be text and sort as text`() throws {
  let text = plant { row, cells in
    var cells = cells
    cells[3] = row % 2 == 0 ? "pass" : "fail"
    return cells
  }
  #expect(try read(text, usual).classNames == ["fail", "pass"])
  var request = usual
  request.classNames = ["pass", "fail"]
  let table = try read(text, request)
  #expect(table.classNames == ["pass", "fail"])
  #expect(table.labels[0] == 1 && table.labels[1] == 0)
}

@Test func `class names stand for the numbers from 0`() throws {
  let text = plant { row, cells in
    var cells = cells
    cells[3] = "\(row % 2)"
    return cells
  }
  var request = usual
  request.classNames = ["pass", "fail"]
  #expect(try read(text, request).labels.prefix(3) == [1, 0, 1])
  let strange = try #require(try fault(plant(), request))
  #expect(strange.row == 1 && strange.column == "label")
  #expect(strange.sentence.contains("\"9\" is not one of the class names pass, fail"))
}

@Test func `teacher logits are found with and without an underscore`() throws {
  for header in ["seq,split,g_mold,label,t_0,t_1,note", "seq,split,g_mold,label,t_rich0,t_rich1,note"] {
    var request = usual
    request.teacherLogitsPrefix = header.contains("rich") ? "t_rich" : "t"
    request.features = .named(["seq"])
    let table = try read(plant(header: header), request)
    #expect(table.teacherLogits?.prefix(4) == [1.5, -1, 2.5, -2])
  }
  var request = usual
  request.teacherLogitsPrefix = "t"
  #expect(try fault(plant(), request)?.column == "t0")
  let one = "seq,split,g_mold,label,t_0,temp,note"
  #expect(try fault(plant(header: one), request)?.sentence.contains("one column per class") == true)
}

@Test func `rows of the split unlabelled need no label, others do`() throws {
  let text = plant { row, cells in
    var cells = cells
    if row == 7 {
      cells[1] = "unlabelled"
      cells[3] = ""
    }
    return cells
  }
  let table = try read(text, usual)
  #expect(table.labels[6] == nil && table.splits?[6] == .unlabelled)
  let empty = try #require(try fault(spoiled(row: 7, column: 3, "")))
  #expect(empty.row == 7 && empty.column == "label")
}

@Test func `part numbers are kept and are no feature`() throws {
  let table = try read(plant(header: "part,split,g_mold,label,temp,speed,note"), usual)
  #expect(table.featureNames == ["temp", "speed"])
  #expect(table.parts?.prefix(2) == ["1", "2"])
}

@Test(arguments: [
  (4, "hot", "is not a number"), (4, "NaN", "is not a finite number"), (5, "inf", "is not a finite number"),
  (4, "", "the cell is empty"), (2, "", "group value is empty"), (2, "  ", "group value is empty"),
  (1, "valid", "train, val, test, unlabelled"),
])
func `a spoiled cell is named with row and column`(column: Int, cell: String, what: String) throws {
  // Row 1 too: the first row decides nothing by itself.
  for row in [1, 17, 40] {
    let fault = try #require(try fault(spoiled(row: row, column: column, cell)))
    #expect(fault.row == row)
    #expect(fault.column == ["seq", "split", "g_mold", "label", "temp", "speed", "note"][column])
    #expect(fault.sentence.contains(what), "\(fault.sentence)")
  }
}

@Test func `a named feature of text is a fault, an unnamed one is left out`() throws {
  var request = usual
  request.features = .named(["temp", "note"])
  #expect(try fault(plant(), request)?.column == "note")
}

@Test func `columns that clash are refused`() throws {
  #expect(try fault(plant(), PartsRequest(label: "label", groups: ["label"]))?.column == "label")
  #expect(try fault(plant(), PartsRequest(label: "label", groups: []))?.sentence.contains("group column") == true)
  var request = usual
  request.features = .named(["temp", "label"])
  #expect(try fault(plant(), request)?.column == "label")
  request.features = .named(["temp", "temp"])
  #expect(try fault(plant(), request)?.sentence.contains("named twice") == true)
  request.features = .allExcept(["temp", "speed", "note"])
  #expect(try fault(plant(), request)?.sentence.contains("no feature column is left") == true)
  #expect(try fault(plant(), PartsRequest(label: "lable", groups: ["g_mold"]))?.sentence.contains("\"label\"?") == true)
}

@Test func `one class, too few rows, too many classes and too many cells are told`() throws {
  let oneClass = plant { _, cells in cells.enumerated().map { $0.offset == 3 ? "pass" : $0.element } }
  #expect(try fault(oneClass)?.sentence.contains("every row has the label \"pass\"") == true)
  let three = plant().split(separator: "\n").prefix(4).joined(separator: "\n")
  let few = try #require(try fault(three))
  #expect(few.row == 3)
  #expect(few.sentence.contains("3 labelled rows"))
  var limits = DataLimits()
  limits.classesMax = 5
  let many = try #require(
    try fault(
      plant { row, cells in
        cells.enumerated().map { $0.offset == 3 ? "\(row)" : $0.element }
      }, limits: limits))
  #expect(many.row == 6 && many.column == "label")
  limits = DataLimits()
  limits.cellsMax = 1
  #expect(try fault(plant(), limits: limits)?.column == "g_mold")
  limits = DataLimits()
  limits.valuesMax = 20
  #expect(try fault(plant(), limits: limits)?.row == 11)
}

@Test func `no bytes crash the reader`() throws {
  var random = SplitMix(state: 42)
  let alphabet = Array("a,b\"\r\n1.e-+;g_label temp\u{FEFF}\0x".utf8)
  let sound = Array(plant().utf8)
  for trial in 0..<1500 {
    var bytes: [UInt8]
    switch trial % 3 {
    case 0: bytes = (0..<Int.random(in: 0..<300, using: &random)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    case 1:
      bytes = (0..<Int.random(in: 0..<300, using: &random)).map { _ in
        alphabet[Int.random(in: alphabet.indices, using: &random)]
      }
    default:
      bytes = sound
      for _ in 0..<4 { bytes[Int.random(in: bytes.indices, using: &random)] = UInt8(truncatingIfNeeded: random.next()) }
    }
    if trial % 10 == 0 { bytes = [0x1F, 0x8B, 8] + bytes }
    let file = try TemporaryFile(bytes)
    do {
      let table = try PartsTable.read(path: file.path, request: usual)
      #expect(table.features.allSatisfy { $0.isFinite })
      #expect(table.labels.count == table.rowCount && table.cellOfRow.count == table.rowCount)
    } catch {
      #expect(!error.sentence.isEmpty)
    }
  }
}
