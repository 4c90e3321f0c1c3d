import DataFiles
import Domain
import PlantSimulation

/// Which rows of a data file are parts of a line, and how they are read.
public struct ReplayFile: Sendable, Equatable {
  public let path: String
  /// Data rows, counted from 1.
  public let rows: ClosedRange<Int>
  public let labelColumn: String
  public let attributes: [String]
  /// Empty for a line of windows or pictures, whose values have no names: every other column but the order's, the
  /// division's and the attributes'.
  public let features: [String]
  /// Values of one part.
  public let featureCount: Int
  public let classNames: [String]
  public let clock: ReplayClock
  /// Put before a part's `seq`, or its row number where the file has none.
  public let idPrefix: String

  public init(
    path: String, rows: ClosedRange<Int>, labelColumn: String, attributes: [String], features: [String],
    featureCount: Int? = nil, classNames: [String], clock: ReplayClock, idPrefix: String
  ) {
    self.path = path
    self.rows = rows
    self.labelColumn = labelColumn
    self.attributes = attributes
    self.features = features
    self.featureCount = featureCount ?? features.count
    self.classNames = classNames
    self.clock = clock
    self.idPrefix = idPrefix
  }

  /// Reads the parts in order of time; rows of equal time keep the file's order.
  ///
  /// - Throws: `DataFault` for a file, row or column that cannot be used; `PlantFault` for a label the line does not
  ///   know, an id that stands twice, or no row at all.
  public func parts() throws -> [Part] {
    let reader = try CSVReader(path: path)
    let labelIndex = try reader.index(of: labelColumn)
    let attributeIndexes = try attributes.map { try reader.index(of: $0) }
    let featureIndexes = try features.isEmpty ? otherColumns(reader) : features.map { try reader.index(of: $0) }
    let clockIndex = try clock.column.map { try reader.index(of: $0) }
    let sequenceIndex = reader.indexIfPresent(of: PartsRequest.sequenceColumn)
    var drafts: [Part] = []
    var stamps: [Timestamp] = []
    while reader.rowCount < rows.upperBound, let row = try reader.next() {
      guard rows.contains(row.number) else { continue }
      stamps.append(try clockIndex.map { try row.timestamp($0) } ?? Timestamp(seconds: 0))
      let name = try sequenceIndex.map { try row.text($0) } ?? "\(row.number)"
      drafts.append(
        Part(
          line: 0, id: idPrefix + name, cell: Cell(try attributeIndexes.map { try row.text($0) }),
          features: try featureIndexes.map { try row.number($0) },
          label: try label(try row.text(labelIndex), row: row.number), time: Timestamp(seconds: 0)))
    }
    try check(drafts, rowCount: reader.rowCount)
    return Self.inOrder(drafts, at: clock.times(of: stamps))
  }

  private func otherColumns(_ reader: CSVReader) throws -> [Int] {
    let reserved = [labelColumn, PartsRequest.splitColumn, PartsRequest.partColumn, PartsRequest.sequenceColumn]
    let taken = Set(attributes + reserved + (clock.column.map { [$0] } ?? []))
    let left = reader.columns.indices.filter {
      !taken.contains(reader.columns[$0]) && !reader.columns[$0].hasPrefix(PartsRequest.groupPrefix)
    }
    guard left.count == featureCount else {
      throw PlantFault(
        .data,
        "a part of the line is \(featureCount) numbers and \(path) has \(left.count) columns besides label, attributes,"
          + " time and order; take the others out of the file")
    }
    return left
  }

  private func label(_ text: String, row: Int) throws(PlantFault) -> Int {
    if let index = classNames.firstIndex(of: text) { return index }
    if let index = Int(text), classNames.indices.contains(index) { return index }
    throw PlantFault(
      .data,
      "row \(row), column \"\(labelColumn)\": \"\(text.prefix(40))\" is not a class of the line"
        + " (they are \(classNames.joined(separator: ", "))); a replay needs the truth of every part")
  }

  private func check(_ drafts: [Part], rowCount: Int) throws(PlantFault) {
    guard !drafts.isEmpty else {
      throw PlantFault(.data, "\(path) has \(rowCount) rows; the first one asked for is \(rows.lowerBound)")
    }
    var seen = Set<String>()
    for part in drafts where !seen.insert(part.id).inserted {
      throw PlantFault(
        .data, "the id \"\(part.id)\" stands on two rows of \(path); column \"seq\" must number the parts")
    }
  }

  private static func inOrder(_ drafts: [Part], at times: [Timestamp]) -> [Part] {
    let order = drafts.indices.sorted { times[$0] == times[$1] ? $0 < $1 : times[$0] < times[$1] }
    return order.map { index in
      let draft = drafts[index]
      return Part(
        line: 0, id: draft.id, cell: draft.cell, features: draft.features, label: draft.label, time: times[index])
    }
  }
}
