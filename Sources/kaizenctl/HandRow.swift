import ControlText
import DataFiles
import Domain
import Wire

/// One part out of a file of parts, read as `line add` read it.
struct HandRow {
  let attributes: [(name: String, value: String)]
  /// In the line's order.
  let inputs: [Float]

  /// - Parameter row: counted from 1.
  /// - Throws: `Failure` for a file or row that does not fit the line.
  static func read(_ file: String, row: Int, label: String, of line: LineRow) throws -> HandRow {
    let request = PartsRequest(
      label: label, groups: line.attributes,
      features: line.features.isEmpty ? .allExcept([]) : .named(line.features),
      input: line.features.isEmpty ? line.inputShape : nil, rows: row...row, classNames: line.classes)
    var limits = DataLimits()
    limits.labelledRowsMin = 0
    let table: PartsTable
    do throws(DataFault) {
      table = try PartsTable.read(path: file, request: request, limits: limits)
    } catch {
      throw Failure(error.kind == .unreadable ? .noInput : .data, "\(error.sentence).")
    }
    guard table.rowCount == 1 else { throw Failure(.data, "\(file) has no row \(row).") }
    return HandRow(
      attributes: zip(line.attributes, table.cell(row: 0).values).map { (name: $0, value: $1) },
      inputs: table.features)
  }
}
