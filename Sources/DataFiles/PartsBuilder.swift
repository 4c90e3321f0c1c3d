import Domain

/// Collects rows into a `PartsTable`.
struct PartsBuilder {
  private let plan: ColumnPlan
  private let request: PartsRequest
  private let limits: DataLimits
  /// Rows kept back until enough are seen to tell numbers from text.
  private var sample: [CSVRow] = []
  private var featureColumns: [Int]?
  private var rowCount = 0
  private var features: [Float] = []
  private var logits: [Float] = []
  private var labels = LabelColumn()
  private var cellIndexes: [Cell: Int] = [:]
  private var cellOfRow: [Int] = []
  private var splits: [PartsSplit] = []
  private var parts: [String] = []

  init(plan: ColumnPlan, request: PartsRequest, limits: DataLimits) {
    self.plan = plan
    self.request = request
    self.limits = limits
    if plan.featuresAreNamed { featureColumns = plan.features }
  }

  mutating func add(_ row: CSVRow) throws(DataFault) {
    guard featureColumns == nil else { return try store(row) }
    sample.append(row)
    if sample.count == DataLimits.sampleRows { try decideFeatures() }
  }

  /// A column is one of numbers when at least half of its filled cells in the sample are.
  private mutating func decideFeatures() throws(DataFault) {
    featureColumns = plan.features.filter { column in
      let filled = sample.filter { !$0.isEmpty(column) }
      return filled.count { $0.looksNumeric(column) } * 2 >= filled.count
    }
    if featureColumns?.isEmpty ?? true {
      throw DataFault("every column that could be a feature holds text; students read numbers")
    }
    let rows = sample
    sample = []
    for row in rows { try store(row) }
  }

  private mutating func store(_ row: CSVRow) throws(DataFault) {
    let columns = featureColumns ?? []
    guard features.count + logits.count + columns.count + plan.logits.count <= limits.valuesMax else {
      throw DataFault(
        row: row.number, "the table is larger than \(limits.valuesMax) numbers; read fewer rows or columns")
    }
    let split = try split(row)
    cellOfRow.append(try cellIndex(row))
    if split == .unlabelled {
      labels.addUnlabelled()
    } else {
      try labels.add(row, plan.label, classesMax: limits.classesMax)
    }
    for column in columns { features.append(try row.number(column)) }
    for column in plan.logits { logits.append(try row.number(column)) }
    if let split { splits.append(split) }
    if let part = plan.part {
      guard !row.isEmpty(part) else { throw row.fault(part, "the part has no number; fill it in or drop the row") }
      parts.append(try row.text(part))
    }
    rowCount += 1
  }

  private func split(_ row: CSVRow) throws(DataFault) -> PartsSplit? {
    guard let column = plan.split else { return nil }
    let text = try row.text(column)
    guard let split = PartsSplit(rawValue: text) else {
      let known = PartsSplit.allCases.map(\.rawValue).joined(separator: ", ")
      throw row.fault(column, "\"\(text.prefix(40))\" is not one of \(known); correct it or rename the column")
    }
    return split
  }

  private mutating func cellIndex(_ row: CSVRow) throws(DataFault) -> Int {
    var values: [String] = []
    for column in plan.groups {
      guard !row.isEmpty(column) else {
        throw row.fault(column, "the group value is empty; fill it in (\"unknown\" will do) or drop the row")
      }
      let value = try row.text(column)
      guard value.utf8.count <= GroupSchema.maximumValueBytes else {
        throw row.fault(column, "a group value has at most \(GroupSchema.maximumValueBytes) bytes; shorten it")
      }
      values.append(value)
    }
    let cell = Cell(values)
    if let index = cellIndexes[cell] { return index }
    guard cellIndexes.count < limits.cellsMax else {
      throw row.fault(
        plan.groups[0],
        "the group columns make more than \(limits.cellsMax) different groups; is one of them a serial"
          + " number or a date?")
    }
    cellIndexes[cell] = cellIndexes.count
    return cellIndexes.count - 1
  }

  mutating func table(firstRow: Int) throws(DataFault) -> PartsTable {
    if featureColumns == nil && !sample.isEmpty { try decideFeatures() }
    let labelledCount = labels.labelledCount
    guard labelledCount >= limits.labelledRowsMin else {
      throw DataFault(
        row: rowCount == 0 ? nil : firstRow + rowCount - 1,
        "the file ends here with \(labelledCount) labelled rows; at least \(limits.labelledRowsMin) are needed"
          + " (some hundreds per group are better)")
    }
    let label = plan.names[plan.label]
    let (classNames, classes) = try labels.resolve(column: label, classNames: request.classNames, firstRow: firstRow)
    if request.teacherLogitsPrefix != nil && plan.logits.count != classNames.count {
      throw DataFault(
        column: plan.names[plan.logits[0]],
        "there are \(plan.logits.count) columns of teacher logits and \(classNames.count) classes"
          + " (\(classNames.prefix(10).joined(separator: ", "))); give one column per class")
    }
    let order = cellIndexes.sorted { $0.key < $1.key }
    var rank = [Int](repeating: 0, count: order.count)
    for (sorted, entry) in order.enumerated() { rank[entry.value] = sorted }
    let chosen = featureColumns ?? []
    let input = request.input ?? .vector(count: chosen.count)
    guard input.count == chosen.count else {
      throw DataFault(
        "\(input) is \(input.count) numbers and the file has \(chosen.count) feature columns; correct the input or"
          + " name the columns")
    }
    return PartsTable(
      featureNames: chosen.map { plan.names[$0] }, input: input, attributes: request.groups, classNames: classNames,
      rowCount: rowCount, features: features, labels: classes, cells: order.map(\.key),
      cellOfRow: cellOfRow.map { rank[$0] }, splits: plan.split == nil ? nil : splits,
      teacherLogits: plan.logits.isEmpty ? nil : logits, parts: plan.part == nil ? nil : parts, firstRow: firstRow,
      textColumns: plan.features.filter { !chosen.contains($0) }.map { plan.names[$0] })
  }
}
