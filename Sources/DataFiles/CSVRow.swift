import Domain

/// One data row of a file, its cells read by column index.
public struct CSVRow: Sendable {
  /// Counted from 1 below the header.
  public let number: Int
  private let columns: [String]
  private let record: Record

  init(number: Int, columns: [String], record: Record) {
    self.number = number
    self.columns = columns
    self.record = record
  }

  /// True when the cell holds nothing but blanks.
  public func isEmpty(_ column: Int) -> Bool { record.trimmed(column).isEmpty }

  /// The text of the cell as it stands in the file.
  /// - Throws: `DataFault` when it is not UTF-8.
  public func text(_ column: Int) throws(DataFault) -> String {
    guard let text = record.text(column) else {
      throw fault(column, "this text is not UTF-8; save the file as \"CSV UTF-8\"")
    }
    return text
  }

  /// The cell as a finite number.
  /// - Throws: `DataFault` for an empty cell, text, NaN, infinity and numbers a 32-bit float cannot hold.
  public func number(_ column: Int) throws(DataFault) -> Float {
    switch DecimalNumber(record.trimmed(column)) {
    case .finite(let value):
      let narrow = Float(value)
      guard narrow.isFinite else {
        throw fault(column, "\(shown(column)) is too large for a 32-bit number; correct it or exclude the column")
      }
      return narrow
    case .notFinite:
      throw fault(
        column,
        "\(shown(column)) is not a finite number; put a measured value there, drop the row or exclude the column")
    case .empty:
      throw fault(column, "the cell is empty; fill it in, drop the row or exclude the column")
    case .text:
      throw fault(
        column,
        "\(shown(column)) is not a number; correct it (decimals take a point), drop the row or exclude the column")
    }
  }

  /// The cell as RFC 3339 (`2019-01-02T07:00:00Z`) or a bare date.
  /// - Throws: `DataFault` for anything else.
  public func timestamp(_ column: Int) throws(DataFault) -> Timestamp {
    guard let time = Timestamp(try text(column)) else {
      throw fault(
        column, "\(shown(column)) is not a time; write it as 2019-01-02T07:00:00Z, with an offset, or as a bare date")
    }
    return time
  }

  /// Whether the cell reads as a number, finite or not.
  func looksNumeric(_ column: Int) -> Bool {
    switch DecimalNumber(record.trimmed(column)) {
    case .finite, .notFinite: true
    case .empty, .text: false
    }
  }

  func fault(_ column: Int, _ what: String) -> DataFault {
    DataFault(row: number, column: columns[column], what)
  }

  /// The cell in quotes, cut to a length that fits a sentence.
  private func shown(_ column: Int) -> String {
    let text = String(decoding: record.trimmed(column).prefix(40), as: UTF8.self)
    return "\"\(String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value >= 0x20 })))\""
  }
}
