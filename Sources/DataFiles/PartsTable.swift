import Domain

/// A parts file as typed columns, checked: every feature and logit is finite, every labelled row has a known class.
public struct PartsTable: Sendable {
  public let featureNames: [String]
  /// What one row's features are: `featureNames.count` numbers.
  public let input: InputShape
  /// The request's group columns.
  public let attributes: [String]
  public let classNames: [String]
  public let rowCount: Int
  /// `[rowCount, featureNames.count]`, row-major.
  public let features: [Float]
  /// Index into `classNames`; nil on unlabelled rows.
  public let labels: [Int?]
  /// Distinct cells, sorted.
  public let cells: [Cell]
  /// Index into `cells`, one a row.
  public let cellOfRow: [Int]
  /// Nil when the file has no `split` column.
  public let splits: [PartsSplit]?
  /// `[rowCount, classNames.count]`, row-major; nil when none were asked for.
  public let teacherLogits: [Float]?
  /// Serial numbers; nil when the file has no `part` column.
  public let parts: [String]?
  /// The file's number of the table's first row, counted from 1.
  public let firstRow: Int
  /// Columns of text that are no features because of it, for a remark to the operator.
  public let textColumns: [String]

  public func features(row: Int) -> ArraySlice<Float> {
    features[row * featureNames.count..<(row + 1) * featureNames.count]
  }

  public func cell(row: Int) -> Cell { cells[cellOfRow[row]] }

  /// Reads a parts file: CSV, plain or gzip, or NumPy's .npz, told apart by their first bytes.
  /// - Throws: `DataFault` naming the row and the column or array of whatever cannot be used.
  public static func read(path: String, request: PartsRequest, limits: DataLimits = DataLimits())
    throws(DataFault) -> PartsTable
  {
    let start = ByteSource.start(of: path)
    if start.starts(with: NpyHeader.magic) {
      throw DataFault(
        "\(path) is a single NumPy array; save all arrays in one file: np.savez(\"parts.npz\", x=..., label=..., ...)")
    }
    if ZipFile.isZip(start) {
      return try PartsArchive(path: path, request: request, limits: limits).table()
    }
    let reader = try CSVReader(path: path, limits: limits)
    var builder = PartsBuilder(plan: try ColumnPlan(request, reader), request: request, limits: limits)
    if let rows = request.rows, rows.lowerBound < 1 {
      throw DataFault("rows are counted from 1; the first row asked for is \(rows.lowerBound)")
    }
    let range = request.rows ?? 1...Int.max
    while reader.rowCount < range.upperBound, let row = try reader.next() {
      if range.contains(row.number) { try builder.add(row) }
    }
    if let rows = request.rows, reader.rowCount < rows.upperBound {
      throw DataFault(
        "\(path) has \(reader.rowCount) rows, and rows \(rows.lowerBound) to \(rows.upperBound) are asked for")
    }
    return try builder.table(firstRow: range.lowerBound)
  }
}
