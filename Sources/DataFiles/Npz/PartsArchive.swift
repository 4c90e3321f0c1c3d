import Domain

/// An .npz file of parts: the array `x` with one part a row, and arrays of one value a part for everything else.
///
/// | array | values |
/// |---|---|
/// | `x` | `[n, count]`, windows `[n, channels, length]`, pictures `[n, height, width]` or `[n, height, width, channels]` |
/// | the label | `[n]`; -1 or an empty text: no label |
/// | every group | `[n]` texts or whole numbers |
/// | `split`, `part` | as the columns of the same name, where they are there |
/// | teacher logits | `[n, classes]` under the prefix itself, or `[n]` each under PREFIX0 ... |
/// | `feature_names` | one text for each number of a part, where it is there |
struct PartsArchive {
  private let request: PartsRequest
  private let limits: DataLimits
  private let file: ZipFile
  private let names: [String]
  private let firstRow: Int
  private let lastRow: Int
  private let input: InputShape
  /// Which of a part's numbers are features; nil: all.
  private let chosen: [Int]?
  private let featureNames: [String]
  private var x: NpyReader
  private var label: NpyReader
  private var groups: [NpyReader]
  private var split: NpyReader?
  private var part: NpyReader?
  private var logits: [NpyReader]

  static let inputName = "x"
  static let featureNamesName = "feature_names"

  /// Opens the file and reads the headers of the arrays asked for.
  /// - Throws: `DataFault` for a missing array, and for shapes that do not fit each other or the request.
  init(path: String, request: PartsRequest, limits: DataLimits) throws(DataFault) {
    self.request = request
    self.limits = limits
    let file = try ZipFile(path: path)
    guard file.entries.contains(where: { $0.name.hasSuffix(".npy") }) else {
      throw DataFault(
        "\(path) is a zip file without NumPy arrays in it (an Excel workbook?); save it as \"CSV UTF-8\" or with np.savez"
      )
    }
    self.file = file
    let arrays = Arrays(file: file)
    names = arrays.names
    x = try arrays.open(Self.inputName)
    guard x.header.element.isNumber, x.header.shape.count >= 2, x.rowValues > 0 else {
      throw DataFault(array: x.name, "it must hold numbers, one part a row, and its shape is \(x.header.shape)")
    }
    guard x.rowValues <= InputShape.countMaximum else {
      throw DataFault(
        array: x.name,
        "a part of it is \(x.rowValues) numbers and at most \(InputShape.countMaximum) are read; scale them down")
    }
    label = try arrays.open(request.label, rowsOf: x)
    guard !request.groups.isEmpty else { throw DataFault("name at least one group array, for example the product") }
    guard !request.groups.contains(request.label), !request.groups.contains(Self.inputName) else {
      throw DataFault(array: request.label, "the label and x cannot also be a group")
    }
    groups = []
    for name in request.groups { groups.append(try arrays.open(name, rowsOf: x)) }
    split = try arrays.openIfPresent(PartsRequest.splitColumn, rowsOf: x)
    part = try arrays.openIfPresent(PartsRequest.partColumn, rowsOf: x)
    logits = try arrays.logits(request.teacherLogitsPrefix, rowsOf: x)
    let range = request.rows ?? 1...max(1, x.rowCount)
    guard range.lowerBound >= 1, range.upperBound <= max(1, x.rowCount) else {
      throw DataFault(
        "\(path) has \(x.rowCount) rows, and rows \(range.lowerBound) to \(range.upperBound) are asked for"
          + " (they are counted from 1)")
    }
    firstRow = range.lowerBound
    lastRow = min(range.upperBound, x.rowCount)
    let whole = try ArchiveInput.shape(of: x, request: request)
    let choice = try ArchiveInput.choose(
      request.features, of: try arrays.texts(Self.featureNamesName, count: x.rowValues), input: whole)
    chosen = choice.indexes
    featureNames = choice.names
    input = choice.indexes == nil ? whole : .vector(count: choice.names.count)
  }

  /// Reads all rows asked for.
  /// - Throws: `DataFault` naming the row and the array of whatever cannot be used.
  func table() throws(DataFault) -> PartsTable {
    var copy = self
    return try copy.read()
  }

  private mutating func read() throws(DataFault) -> PartsTable {
    try skip(rows: firstRow - 1)
    var columns = PartsColumns(request, limits)
    var values: [Float] = []
    let logitCount = logits.reduce(0) { $0 + $1.rowValues }
    for row in firstRow..<(lastRow + 1) {
      try columns.checkRoom(for: featureNames.count + logitCount, at: place(row, x))
      var rowSplit: PartsSplit?
      if let text = try split?.nextText(row) {
        rowSplit = try columns.addSplit(text, at: place(row, PartsRequest.splitColumn))
      }
      try addCell(row, to: &columns)
      let text = try label.nextText(row)
      if rowSplit == .unlabelled || text.isEmpty || text == "-1" {
        columns.labels.addUnlabelled()
      } else {
        try columns.labels.add(text, at: place(row, label), classesMax: limits.classesMax)
      }
      if let chosen {
        values.removeAll(keepingCapacity: true)
        try x.appendRow(row, to: &values)
        for index in chosen { columns.features.append(values[index]) }
      } else {
        try x.appendRow(row, to: &columns.features)
      }
      for index in logits.indices { try logits[index].appendRow(row, to: &columns.logits) }
      if let text = try part?.nextText(row) {
        try columns.addPart(text, at: place(row, PartsRequest.partColumn))
      }
      columns.endRow()
    }
    return try columns.table(
      featureNames: featureNames, input: input, labelName: request.label, logitsName: logits.first?.name,
      logitCount: logitCount, firstRow: firstRow, textColumns: [])
  }

  private mutating func addCell(_ row: Int, to columns: inout PartsColumns) throws(DataFault) {
    var values: [String] = []
    var places: [DataPlace] = []
    for index in groups.indices {
      values.append(try groups[index].nextText(row))
      places.append(place(row, groups[index]))
    }
    try columns.addCell(values, at: places)
  }

  private mutating func skip(rows: Int) throws(DataFault) {
    try x.skip(rows: rows)
    try label.skip(rows: rows)
    for index in groups.indices { try groups[index].skip(rows: rows) }
    for index in logits.indices { try logits[index].skip(rows: rows) }
    try split?.skip(rows: rows)
    try part?.skip(rows: rows)
  }

  private func place(_ row: Int, _ reader: NpyReader) -> DataPlace { place(row, reader.name) }

  private func place(_ row: Int, _ array: String) -> DataPlace { DataPlace(row: row, column: array, isArray: true) }
}

/// The arrays of one file by name.
private struct Arrays {
  let file: ZipFile
  let names: [String]

  init(file: ZipFile) {
    self.file = file
    names = file.entries.filter { $0.name.hasSuffix(".npy") }.map(arrayName)
  }

  /// - Throws: `DataFault` naming the nearest array there is.
  func open(_ name: String) throws(DataFault) -> NpyReader {
    guard let entry = file.entries.first(where: { $0.name == name + ".npy" }) else {
      let nearest = nearestName(to: name, among: names).map { "; did you mean \"\($0)\"?" } ?? ""
      let shown = names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", ..." : "")
      throw DataFault(array: name, "\(file.path) has no array of this name\(nearest) (it has \(shown))")
    }
    return try NpyReader(file, entry)
  }

  /// One value a part.
  func open(_ name: String, rowsOf x: NpyReader) throws(DataFault) -> NpyReader {
    let reader = try open(name)
    let shape = reader.header.shape
    guard shape == [x.rowCount] || shape == [x.rowCount, 1] else {
      throw DataFault(
        array: name, "it must hold one value for each of the \(x.rowCount) parts of x, and its shape is \(shape)")
    }
    return reader
  }

  func openIfPresent(_ name: String, rowsOf x: NpyReader) throws(DataFault) -> NpyReader? {
    names.contains(name) ? try open(name, rowsOf: x) : nil
  }

  func logits(_ prefix: String?, rowsOf x: NpyReader) throws(DataFault) -> [NpyReader] {
    guard let prefix else { return [] }
    for name in [prefix, prefix.hasSuffix("_") ? String(prefix.dropLast()) : prefix] where names.contains(name) {
      let reader = try open(name)
      guard reader.header.shape.count == 2, reader.rowCount == x.rowCount, reader.rowValues <= DataLimits().classesMax,
        reader.header.element.isNumber
      else {
        throw DataFault(
          array: name,
          "teacher logits must have the shape [\(x.rowCount), classes], and this one has \(reader.header.shape)")
      }
      return [reader]
    }
    for separator in ["", "_"] {
      var found: [NpyReader] = []
      while names.contains("\(prefix)\(separator)\(found.count)") {
        found.append(try open("\(prefix)\(separator)\(found.count)", rowsOf: x))
      }
      if !found.isEmpty { return found }
    }
    _ = try open(prefix)
    return []
  }

  /// The texts of an array, nil when there is none of this name.
  func texts(_ name: String, count: Int) throws(DataFault) -> [String]? {
    guard names.contains(name) else { return nil }
    var reader = try open(name)
    guard reader.header.shape == [count] else {
      throw DataFault(
        array: name, "it must name each of the \(count) numbers of a part, and its shape is \(reader.header.shape)")
    }
    var result: [String] = []
    for row in 1..<(count + 1) { result.append(try reader.nextText(row)) }
    guard Set(result).count == count, !result.contains("") else {
      throw DataFault(array: name, "every feature needs a name of its own; one is empty or stands twice")
    }
    return result
  }
}
