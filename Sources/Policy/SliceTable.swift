import Domain

/// One condition that parts may fulfil, as a search for slices combines them.
public enum SliceCondition: Hashable, Sendable {
  case value(attribute: Int, String)
  case range(FeatureRange)
}

/// Labelled parts as a search reads them: for each attribute and each measurement a small number a part.
///
/// The true class is no condition: it is not known when a part is served. Nor is confidence: unsure answers are wrong
/// more often by what confidence means, so such slices would say nothing and crowd out the others.
public struct SliceTable: Sendable {
  struct Column: Sendable {
    let isMeasurement: Bool
    /// `conditions[code - 1]`; code 0 is none of them.
    let conditions: [SliceCondition]
    /// One a part.
    let codes: [UInt16]
  }

  let columns: [Column]
  let wrong: [Bool]
  let attributeCount: Int
  /// Measurements that were left out, because there are more than a search takes.
  public let unreadMeasurements: Int

  public var parts: Int { wrong.count }
  public var wrongParts: Int { wrong.count { $0 } }

  /// Reads rows that were collected; conditions with fewer parts than `partsMin` are none.
  public init(_ rows: SliceRows, settings: SliceSettings = SliceSettings()) {
    wrong = rows.wrong
    attributeCount = rows.attributeCount
    var columns = (0..<rows.attributeCount).map { attribute in
      Self.column(ofAttribute: attribute, rows: rows, partsMin: settings.partsMin)
    }
    let read = min(rows.values.count, settings.measurementsMax)
    for feature in 0..<read { columns.append(Self.column(ofMeasurement: feature, rows: rows)) }
    unreadMeasurements = rows.featureCount - read
    self.columns = columns.filter { !$0.conditions.isEmpty }
  }

  /// - Parameters:
  ///   - values: of each attribute, how many it has.
  ///   - codes: of each attribute, the value of each part, counted from 0.
  public init(valueCounts values: [Int], codes: [[UInt16]], wrong: [Bool]) {
    precondition(codes.allSatisfy { $0.count == wrong.count }, "every part has a value of every attribute")
    columns = zip(values, codes).enumerated().map { attribute, column in
      Column(
        isMeasurement: false, conditions: (0..<column.0).map { .value(attribute: attribute, "\($0)") },
        codes: column.1.map { $0 + 1 })
    }
    self.wrong = wrong
    attributeCount = values.count
    unreadMeasurements = 0
  }

  private static func column(ofAttribute attribute: Int, rows: SliceRows, partsMin: Int) -> Column {
    var partsOfCell = [Int](repeating: 0, count: rows.cells.count)
    for cell in rows.cellOfPart { partsOfCell[cell] += 1 }
    var parts: [String: Int] = [:]
    for (cell, count) in zip(rows.cells, partsOfCell) { parts[cell.values[attribute], default: 0] += count }
    let kept = parts.filter { $0.value >= partsMin }.keys.sorted().prefix(Int(UInt16.max) - 1)
    let codes = Dictionary(uniqueKeysWithValues: kept.enumerated().map { ($1, UInt16($0 + 1)) })
    let codeOfCell = rows.cells.map { codes[$0.values[attribute]] ?? 0 }
    return Column(
      isMeasurement: false, conditions: kept.map { .value(attribute: attribute, $0) },
      codes: rows.cellOfPart.map { codeOfCell[$0] })
  }

  /// Four bins of about as many parts each, fewer where values repeat; cut without a look at what was wrong.
  private static func column(ofMeasurement feature: Int, rows: SliceRows) -> Column {
    let values = rows.values[feature]
    let sorted = values.filter { !$0.isNaN }.sorted()
    guard let lowest = sorted.first else { return Column(isMeasurement: true, conditions: [], codes: []) }
    var edges: [Float] = []
    for quarter in 1...3 {
      let edge = sorted[quarter * sorted.count / 4]
      if edge > (edges.last ?? lowest), edge.isFinite { edges.append(edge) }
    }
    guard !edges.isEmpty else { return Column(isMeasurement: true, conditions: [], codes: []) }
    let ranges = (0...edges.count).map { index in
      SliceCondition.range(
        FeatureRange(
          feature: feature, lower: index > 0 ? edges[index - 1] : nil,
          upper: index < edges.count ? edges[index] : nil))
    }
    let codes = values.map { value in
      // NaN lies in no range.
      value.isNaN ? 0 : UInt16(1 + edges.count { value >= $0 })
    }
    return Column(isMeasurement: true, conditions: ranges, codes: codes)
  }
}

/// Labelled parts on their way into a search, in any order.
public struct SliceRows: Sendable {
  public let attributeCount: Int
  /// Measurements that conditions may name; 0 for windows and pictures, whose numbers mean nothing on their own.
  public let featureCount: Int
  private(set) var cells: [Cell] = []
  private var numbers: [Cell: Int] = [:]
  private(set) var cellOfPart: [Int] = []
  /// Of each measurement the value of each part, NaN where it is not kept.
  private(set) var values: [[Float]]
  private(set) var wrong: [Bool] = []

  /// Of more measurements than a search takes only the first are kept.
  public init(attributeCount: Int, featureCount: Int, settings: SliceSettings = SliceSettings()) {
    self.attributeCount = attributeCount
    self.featureCount = featureCount
    values = Array(repeating: [], count: min(featureCount, settings.measurementsMax))
  }

  public init(_ definition: LineDefinition, settings: SliceSettings = SliceSettings()) {
    self.init(
      attributeCount: definition.schema.attributes.count,
      featureCount: definition.input.sharesUnit ? 0 : definition.featureCount, settings: settings)
  }

  public var parts: Int { wrong.count }
  /// Measurements that are kept of each part: the line's first.
  public var keptFeatures: Int { values.count }

  /// - Parameter inputs: the part's measurements; nil where they are not kept any more.
  public mutating func add(_ cell: Cell, inputs: [Float]?, isWrong: Bool) {
    precondition(cell.values.count == attributeCount, "a part has a value for every attribute of its line")
    let number = numbers[cell] ?? cells.count
    if number == cells.count {
      numbers[cell] = number
      cells.append(cell)
    }
    cellOfPart.append(number)
    for feature in values.indices {
      values[feature].append(inputs.map { $0.indices.contains(feature) ? $0[feature] : .nan } ?? .nan)
    }
    wrong.append(isWrong)
  }
}
