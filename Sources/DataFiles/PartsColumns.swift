import Domain

/// The columns of a table as its rows come in, whatever kind of file they come from.
struct PartsColumns {
  private let request: PartsRequest
  private let limits: DataLimits
  private(set) var rowCount = 0
  var features: [Float] = []
  var logits: [Float] = []
  var labels = LabelColumn()
  private var cellIndexes: [Cell: Int] = [:]
  private var cellOfRow: [Int] = []
  private var splits: [PartsSplit] = []
  private var parts: [String] = []

  init(_ request: PartsRequest, _ limits: DataLimits) {
    self.request = request
    self.limits = limits
  }

  /// Makes sure a row of so many more numbers still fits.
  func checkRoom(for count: Int, at place: DataPlace) throws(DataFault) {
    guard features.count + logits.count + count <= limits.valuesMax else {
      throw DataFault(
        row: place.row, "the table is larger than \(limits.valuesMax) numbers; read fewer rows or columns")
    }
  }

  mutating func addCell(_ values: [String], at places: [DataPlace]) throws(DataFault) {
    for (value, place) in zip(values, places) {
      guard value.utf8.contains(where: { $0 != 0x20 && $0 != 0x09 }) else {
        throw place.fault("the group value is empty; fill it in (\"unknown\" will do) or drop the row")
      }
      guard value.utf8.count <= GroupSchema.maximumValueBytes else {
        throw place.fault("a group value has at most \(GroupSchema.maximumValueBytes) bytes; shorten it")
      }
    }
    let cell = Cell(values)
    if let index = cellIndexes[cell] { return cellOfRow.append(index) }
    guard cellIndexes.count < limits.cellsMax else {
      throw places[0].fault(
        "the group columns make more than \(limits.cellsMax) different groups; is one of them a serial"
          + " number or a date?")
    }
    cellOfRow.append(cellIndexes.count)
    cellIndexes[cell] = cellIndexes.count
  }

  /// Gives back what the text says.
  mutating func addSplit(_ text: String, at place: DataPlace) throws(DataFault) -> PartsSplit {
    guard let split = PartsSplit(rawValue: text) else {
      let known = PartsSplit.allCases.map(\.rawValue).joined(separator: ", ")
      throw place.fault("\"\(text.prefix(40))\" is not one of \(known); correct it or rename the column")
    }
    splits.append(split)
    return split
  }

  mutating func addPart(_ text: String, at place: DataPlace) throws(DataFault) {
    guard text.utf8.contains(where: { $0 != 0x20 && $0 != 0x09 }) else {
      throw place.fault("the part has no number; fill it in or drop the row")
    }
    parts.append(text)
  }

  mutating func endRow() { rowCount += 1 }

  /// - Parameters:
  ///   - labelName: the label's column.
  ///   - logitsName: the first column of teacher logits; nil when none were asked for.
  ///   - logitCount: teacher logits of one row.
  func table(
    featureNames: [String], input: InputShape, labelName: String, logitsName: String?, logitCount: Int, firstRow: Int,
    textColumns: [String]
  ) throws(DataFault) -> PartsTable {
    guard labels.labelledCount >= limits.labelledRowsMin else {
      throw DataFault(
        row: rowCount == 0 ? nil : firstRow + rowCount - 1,
        "the file ends here with \(labels.labelledCount) labelled rows; at least \(limits.labelledRowsMin) are needed"
          + " (some hundreds per group are better)")
    }
    let (classNames, classes) = try labels.resolve(
      column: labelName, classNames: request.classNames, firstRow: firstRow)
    if let logitsName, logitCount != classNames.count {
      throw DataFault(
        column: logitsName,
        "there are \(logitCount) columns of teacher logits and \(classNames.count) classes"
          + " (\(classNames.prefix(10).joined(separator: ", "))); give one column per class")
    }
    let order = cellIndexes.sorted { $0.key < $1.key }
    var rank = [Int](repeating: 0, count: order.count)
    for (sorted, entry) in order.enumerated() { rank[entry.value] = sorted }
    return PartsTable(
      featureNames: featureNames, input: input, attributes: request.groups, classNames: classNames,
      rowCount: rowCount, features: features, labels: classes, cells: order.map(\.key),
      cellOfRow: cellOfRow.map { rank[$0] }, splits: splits.isEmpty ? nil : splits,
      teacherLogits: logitsName == nil ? nil : logits, parts: parts.isEmpty ? nil : parts, firstRow: firstRow,
      textColumns: textColumns)
  }
}

/// Where a value stands, for the sentence about it.
struct DataPlace {
  let row: Int
  let column: String
  var isArray = false

  func fault(_ what: String) -> DataFault {
    isArray ? DataFault(row: row, array: column, what) : DataFault(row: row, column: column, what)
  }
}
