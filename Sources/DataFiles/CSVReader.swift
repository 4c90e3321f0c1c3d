/// Reads a CSV file (RFC 4180: quotes, CRLF; also bare LF or CR and a UTF-8 byte-order mark), gzip or plain, by rows.
///
/// Memory is bounded by one record whatever the file holds; blank lines are passed over.
public final class CSVReader {
  /// Column names in file order, none empty, none twice.
  public let columns: [String]
  private let path: String
  private var records: RecordReader
  private let indexes: [String: Int]
  /// Data rows given so far.
  public private(set) var rowCount = 0
  /// False after a fault in the middle of a row: what follows cannot be told from it.
  public private(set) var isBetweenRows = true

  /// Opens the file and reads its header.
  /// - Throws: `DataFault` for a missing or unreadable file, one that is not text, and a header that cannot be used.
  public init(path: String, limits: DataLimits = DataLimits()) throws(DataFault) {
    self.path = path
    records = RecordReader(source: try ByteSource(path: path, limits: limits), limits: limits)
    guard let header = try records.next(row: nil) else {
      throw DataFault("\(path) is empty; its first line must name the columns")
    }
    columns = try Self.names(header, path: path)
    var indexes: [String: Int] = [:]
    for (index, name) in columns.enumerated() {
      guard indexes.updateValue(index, forKey: name) == nil else {
        throw DataFault(column: name, "this name stands twice in the header; rename one of the columns")
      }
    }
    self.indexes = indexes
  }

  /// Where the column stands.
  /// - Throws: `DataFault` naming the nearest column there is.
  public func index(of column: String) throws(DataFault) -> Int {
    guard let index = indexes[column] else { throw missing(column) }
    return index
  }

  /// Nil when the file has no such column.
  public func indexIfPresent(of column: String) -> Int? { indexes[column] }

  /// The next data row, nil after the last.
  /// - Throws: `DataFault` for a row with more or fewer cells than the header, and for anything unreadable.
  public func next() throws(DataFault) -> CSVRow? {
    while let record = try nextRecord() {
      if record.isBlank && columns.count > 1 { continue }
      rowCount += 1
      guard record.count == columns.count else {
        throw DataFault(
          row: rowCount,
          "this row has \(record.count) cells and the header has \(columns.count); correct the row"
            + " (a comma inside a text needs quotes around the text)")
      }
      return CSVRow(number: rowCount, columns: columns, record: record)
    }
    return nil
  }

  private func nextRecord() throws(DataFault) -> Record? {
    isBetweenRows = false
    let record = try records.next(row: rowCount + 1)
    isBetweenRows = true
    return record
  }

  private func missing(_ column: String) -> DataFault {
    let nearest = nearestName(to: column, among: columns).map { "; did you mean \"\($0)\"?" } ?? ""
    let shown = columns.prefix(12).joined(separator: ", ") + (columns.count > 12 ? ", ..." : "")
    return DataFault(column: column, "\(path) has no column of this name\(nearest) (it has \(shown))")
  }

  private static func names(_ header: Record, path: String) throws(DataFault) -> [String] {
    if header.startsLikeOtherFormat {
      throw DataFault(
        "\(path) is not a text file in UTF-8 (an Excel workbook or UTF-16 text?); save it as \"CSV UTF-8\""
      )
    }
    var names: [String] = []
    for index in 0..<header.count {
      guard let name = header.text(index) else {
        throw DataFault("\(path): the name of column \(index + 1) is not UTF-8 text; save the file as \"CSV UTF-8\"")
      }
      guard name.utf8.contains(where: { $0 > 0x20 }) else {
        throw DataFault("\(path): column \(index + 1) has no name in the header; give it one or remove the column")
      }
      names.append(name)
    }
    if names.count == 1, names[0].contains(";") || names[0].contains("\t") {
      throw DataFault(
        "\(path) separates its columns with semicolons or tabs; save it with commas (and decimal points) and try again")
    }
    return names
  }
}
