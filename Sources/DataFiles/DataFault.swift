/// What is wrong with a data file, where, and what to do about it.
public struct DataFault: Error, Sendable, Equatable, CustomStringConvertible {
  /// What a program should answer: no such file and a bad file have different exit codes.
  public enum Kind: Sendable, Equatable {
    /// The file is missing or may not be read.
    case unreadable
    case content
  }

  public let kind: Kind
  /// Data row, counted from 1 below the header; nil where the fault is not in one row.
  public let row: Int?
  /// The column, or the array of an .npz file.
  public let column: String?
  /// A whole sentence with the row and the column in it.
  public let sentence: String

  /// - Parameter what: the rest of the sentence after `row 17, column "temp": `.
  public init(row: Int? = nil, column: String? = nil, _ what: String) {
    kind = .content
    self.row = row
    self.column = column
    var places: [String] = []
    if let row { places.append("row \(row)") }
    if let column { places.append("column \"\(column)\"") }
    sentence = places.isEmpty ? what : places.joined(separator: ", ") + ": " + what
  }

  /// - Parameter what: the rest of the sentence after `row 17, array "x": `.
  init(row: Int? = nil, array: String, _ what: String) {
    kind = .content
    self.row = row
    column = array
    sentence = (row.map { "row \($0), " } ?? "") + "array \"\(array)\": " + what
  }

  private init(unreadable sentence: String) {
    kind = .unreadable
    row = nil
    column = nil
    self.sentence = sentence
  }

  static func unreadable(_ sentence: String) -> DataFault { DataFault(unreadable: sentence) }

  public var description: String { sentence }
}
