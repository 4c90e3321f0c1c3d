import Domain
import Engine

/// What numbers of lines and cells stand for, for those who read a ledger beside the daemon that writes it.
final class StoredNames {
  private let database: Database
  private var cells: [Int64: Cell] = [:]

  init(_ database: Database) { self.database = database }

  /// nil for a line that the ledger has never seen.
  func number(of line: LineID) throws(StorageFailure) -> Int64? {
    let select = try database.prepare("SELECT id FROM line WHERE name = ?1")
    select.bind(1, line.text)
    return try select.first { (row) in row.int64(0) }
  }

  func cell(_ number: Int64) throws(StorageFailure) -> Cell {
    if let known = cells[number] { return known }
    let select = try database.prepare("SELECT attribute_values FROM cell WHERE id = ?1")
    select.bind(1, number)
    guard let values = try select.first({ (row) throws(StorageFailure) in try row.json(0, [String].self) }) else {
      throw database.damaged("no cell has the number \(number)")
    }
    if cells.count >= LedgerNames.rememberedCellsMaximum { cells.removeAll() }
    cells[number] = Cell(values)
    return Cell(values)
  }
}
