/// Where the columns of a request stand in one file.
struct ColumnPlan {
  let label: Int
  let groups: [Int]
  /// Columns that are features, or may be once their cells are seen to be numbers.
  let features: [Int]
  /// True when the features were named: text in them is a fault even where all of the column is text.
  let featuresAreNamed: Bool
  /// In class order; empty when no logits were asked for.
  let logits: [Int]
  let split: Int?
  let part: Int?
  let names: [String]

  init(_ request: PartsRequest, _ reader: CSVReader) throws(DataFault) {
    names = reader.columns
    label = try reader.index(of: request.label)
    guard !request.groups.isEmpty else { throw DataFault("name at least one group column, for example the product") }
    groups = try Self.indexes(request.groups, reader)
    guard !groups.contains(label) else {
      throw DataFault(
        column: request.label,
        "this column is the label and cannot also be a group (groups by outcome are asked for with --outcome-in-groups)"
      )
    }
    split = reader.indexIfPresent(of: PartsRequest.splitColumn)
    part = reader.indexIfPresent(of: PartsRequest.partColumn)
    logits =
      try request.teacherLogitsPrefix.map { prefix throws(DataFault) in
        try Self.logitColumns(prefix, reader.columns)
      } ?? []
    switch request.features {
    case .named(let chosen):
      featuresAreNamed = true
      features = try Self.indexes(chosen, reader)
      for column in features where column == label || logits.contains(column) {
        throw DataFault(column: names[column], "the label and teacher logits cannot be features; leave it out")
      }
    case .allExcept(let excluded):
      featuresAreNamed = false
      let reserved = Set(groups + logits + [label])
      let left = try Self.excluded(excluded, reader)
      features = reader.columns.indices.filter { index in
        !reserved.contains(index) && !left.contains(index) && !Self.isKeptOut(reader.columns[index])
      }
    }
    guard !features.isEmpty else { throw DataFault("no feature column is left; name some or exclude fewer") }
  }

  private static func isKeptOut(_ name: String) -> Bool {
    name == PartsRequest.splitColumn || name == PartsRequest.partColumn || name == PartsRequest.sequenceColumn
      || name.hasPrefix(PartsRequest.groupPrefix)
  }

  private static func indexes(_ columns: [String], _ reader: CSVReader) throws(DataFault) -> [Int] {
    var result: [Int] = []
    for column in columns {
      let index = try reader.index(of: column)
      guard !result.contains(index) else { throw DataFault(column: column, "this column is named twice") }
      result.append(index)
    }
    return result
  }

  private static func excluded(_ patterns: [String], _ reader: CSVReader) throws(DataFault) -> Set<Int> {
    var result: Set<Int> = []
    for pattern in patterns {
      guard pattern.hasSuffix("*") else {
        result.insert(try reader.index(of: pattern))
        continue
      }
      let matches = reader.columns.indices.filter { reader.columns[$0].hasPrefix(pattern.dropLast()) }
      guard !matches.isEmpty else { throw DataFault(column: pattern, "no column starts like this") }
      result.formUnion(matches)
    }
    return result
  }

  /// PREFIX0, PREFIX1, ... or PREFIX_0, PREFIX_1, ... without a gap.
  private static func logitColumns(_ prefix: String, _ columns: [String]) throws(DataFault) -> [Int] {
    for separator in ["", "_"] {
      var found: [Int] = []
      while let index = columns.firstIndex(of: "\(prefix)\(separator)\(found.count)") { found.append(index) }
      if !found.isEmpty { return found }
    }
    let nearest = nearestName(to: "\(prefix)0", among: columns).map { "; did you mean \"\($0)\"?" } ?? ""
    throw DataFault(column: "\(prefix)0", "there are no teacher logits under this prefix\(nearest)")
  }
}
