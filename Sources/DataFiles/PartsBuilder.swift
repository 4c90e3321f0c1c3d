import Domain

/// Collects rows into a `PartsTable`.
struct PartsBuilder {
  private let plan: ColumnPlan
  private let request: PartsRequest
  private let limits: DataLimits
  /// Rows kept back until enough are seen to tell numbers from text.
  private var sample: [CSVRow] = []
  private var featureColumns: [Int]?
  private var columns: PartsColumns

  init(plan: ColumnPlan, request: PartsRequest, limits: DataLimits) {
    self.plan = plan
    self.request = request
    self.limits = limits
    columns = PartsColumns(request, limits)
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
    let chosen = featureColumns ?? []
    try columns.checkRoom(for: chosen.count + plan.logits.count, at: place(row, plan.label))
    var split: PartsSplit?
    if let column = plan.split { split = try columns.addSplit(try row.text(column), at: place(row, column)) }
    var values: [String] = []
    for column in plan.groups { values.append(try row.text(column)) }
    try columns.addCell(values, at: plan.groups.map { place(row, $0) })
    try addLabel(row, split)
    for column in chosen { columns.features.append(try row.number(column)) }
    for column in plan.logits { columns.logits.append(try row.number(column)) }
    if let part = plan.part { try columns.addPart(try row.text(part), at: place(row, part)) }
    columns.endRow()
  }

  private mutating func addLabel(_ row: CSVRow, _ split: PartsSplit?) throws(DataFault) {
    guard split != .unlabelled else { return columns.labels.addUnlabelled() }
    guard !row.isEmpty(plan.label) else {
      throw row.fault(
        plan.label,
        "the label is empty; fill it in, drop the row or give it the split \"\(PartsSplit.unlabelled.rawValue)\"")
    }
    try columns.labels.add(
      try row.text(plan.label), at: place(row, plan.label), classesMax: limits.classesMax)
  }

  private func place(_ row: CSVRow, _ column: Int) -> DataPlace {
    DataPlace(row: row.number, column: plan.names[column])
  }

  mutating func table(firstRow: Int) throws(DataFault) -> PartsTable {
    if featureColumns == nil && !sample.isEmpty { try decideFeatures() }
    let chosen = featureColumns ?? []
    let table = try columns.table(
      featureNames: chosen.map { plan.names[$0] }, input: request.input ?? .vector(count: chosen.count),
      labelName: plan.names[plan.label], logitsName: plan.logits.first.map { plan.names[$0] },
      logitCount: plan.logits.count, firstRow: firstRow,
      textColumns: plan.features.filter { !chosen.contains($0) }.map { plan.names[$0] })
    guard table.input.count == chosen.count else {
      throw DataFault(
        "\(table.input) is \(table.input.count) numbers and the file has \(chosen.count) feature columns; correct the"
          + " input or name the columns")
    }
    return table
  }
}
