import Domain
import Engine

/// The numbers that stand for names in the ledger's rows, and each line's totals, kept in memory.
///
/// Totals change in memory and are written once per transaction; after a rollback everything is forgotten and read
/// again, so memory never says more than the file.
final class LedgerNames {
  private let database: Database
  let bootID: String
  private var lines: [LineID: LineEntry] = [:]
  private var cells: [CellKey: Int64] = [:]
  private var cellsByID: [Int64: Cell] = [:]
  private var clocks: [ClockKey: Int64] = [:]
  /// Row after row has the same.
  private var lastClock: (key: ClockKey, number: Int64)?
  private var linesByID: [Int64: LineID] = [:]
  private var linesOfCells: [Int64: Int64] = [:]
  /// What this transaction has changed in the cells' totals and not written yet.
  private var changes: [Int64: CellChange] = [:]

  /// Cells remembered at once: 2,000 lines of 32 groups. Past it all are forgotten and read again when met.
  static let rememberedCellsMaximum = 65_536

  struct LineEntry {
    let id: Int64
    var predictionCount: Int
    var outcomeCount: Int
    var heldCount: Int
    var latestTime: Timestamp?
    /// What retention has taken away.
    var droppedPredictions = 0
    var droppedOutcomes = 0
    var droppedInputs = 0
    fileprivate var isChanged = false
  }

  /// What a transaction adds to the totals of a cell: rows of each table.
  struct CellChange {
    var predictions = 0
    var outcomes = 0
    var inputs = 0
    var labelled = 0
  }

  private struct ClockKey: Hashable {
    let bootID: String
    let sync: ClockSync
  }

  private struct CellKey: Hashable {
    let line: Int64
    let cell: Cell
  }

  private let insertLine: Statement
  private let selectLine: Statement
  private let updateLine: Statement
  private let insertCell: Statement
  private let selectCell: Statement
  private let selectCellByID: Statement
  private let updateCell: Statement

  init(_ database: Database, bootID: String) throws(StorageFailure) {
    self.database = database
    self.bootID = bootID
    insertLine = try database.prepare("INSERT INTO line (name) VALUES (?1)")
    selectLine = try database.prepare(
      """
      SELECT id, prediction_count, outcome_count, held_count, latest_time, dropped_predictions, dropped_outcomes,
        dropped_inputs
      FROM line WHERE name = ?1
      """)
    updateLine = try database.prepare(
      """
      UPDATE line SET prediction_count = ?2, outcome_count = ?3, held_count = ?4, latest_time = ?5,
        dropped_predictions = ?6, dropped_outcomes = ?7, dropped_inputs = ?8
      WHERE id = ?1
      """)
    insertCell = try database.prepare("INSERT INTO cell (line, attribute_values) VALUES (?1, ?2)")
    selectCell = try database.prepare("SELECT id FROM cell WHERE line = ?1 AND attribute_values = ?2")
    selectCellByID = try database.prepare("SELECT attribute_values FROM cell WHERE id = ?1")
    updateCell = try database.prepare(
      """
      UPDATE cell SET prediction_count = prediction_count + ?2, outcome_count = outcome_count + ?3,
        input_count = input_count + ?4, labelled_count = labelled_count + ?5
      WHERE id = ?1
      """)
  }

  // MARK: - Lines

  /// nil for a line that has no row yet.
  func known(_ line: LineID) throws(StorageFailure) -> LineEntry? {
    if let entry = lines[line] { return entry }
    selectLine.bind(1, line.text)
    let entry = try selectLine.first { (row) throws(StorageFailure) in
      LineEntry(
        id: row.int64(0), predictionCount: try row.int(1), outcomeCount: try row.int(2), heldCount: try row.int(3),
        latestTime: row.isNull(4) ? nil : Timestamp(microseconds: row.int64(4)),
        droppedPredictions: try row.int(5), droppedOutcomes: try row.int(6), droppedInputs: try row.int(7))
    }
    lines[line] = entry
    return entry
  }

  /// The line's entry; makes its row when it is new.
  func entry(_ line: LineID) throws(StorageFailure) -> LineEntry {
    if let entry = try known(line) { return entry }
    insertLine.bind(1, line.text)
    try insertLine.run()
    let entry = LineEntry(
      id: database.lastInsertedRow, predictionCount: 0, outcomeCount: 0, heldCount: 0, latestTime: nil)
    lines[line] = entry
    return entry
  }

  /// Changes the totals of a line met before in this transaction.
  func change(_ line: LineID, _ body: (inout LineEntry) -> Void) {
    guard var entry = lines[line] else { preconditionFailure("totals of \(line) changed before its row was read") }
    body(&entry)
    entry.isChanged = true
    lines[line] = entry
  }

  /// The line of that number; nil where none has it.
  func lineID(_ id: Int64) throws(StorageFailure) -> LineID? {
    if let line = linesByID[id] { return line }
    let select = try database.prepare("SELECT name FROM line WHERE id = ?1")
    select.bind(1, id)
    let name = try select.first { (row) in row.text(0) }
    let line = name.flatMap { try? LineID($0) }
    linesByID[id] = line
    return line
  }

  /// Changes the totals of the line of that number.
  func change(id: Int64, _ body: (inout LineEntry) -> Void) throws(StorageFailure) {
    guard let line = try lineID(id), try known(line) != nil else {
      throw database.damaged("no line has the number \(id)")
    }
    change(line, body)
  }

  func line(ofCell cell: Int64) throws(StorageFailure) -> Int64 {
    if let line = linesOfCells[cell] { return line }
    let select = try database.prepare("SELECT line FROM cell WHERE id = ?1")
    select.bind(1, cell)
    guard let line = try select.first({ (row) in row.int64(0) }) else {
      throw database.damaged("no cell has the number \(cell)")
    }
    linesOfCells[cell] = line
    return line
  }

  func groupCell(_ number: Int64) throws(StorageFailure) -> RetentionOrder.GroupCell? {
    let id = try line(ofCell: number)
    guard let line = try lineID(id) else { return nil }
    return RetentionOrder.GroupCell(line: line, cell: try cell(number, line: id))
  }

  /// Adds to the totals of a cell.
  func change(cell: Int64, _ body: (inout CellChange) -> Void) { body(&changes[cell, default: CellChange()]) }

  /// Totals of every line in the file, with what this transaction changed.
  func allEntries() throws(StorageFailure) -> [LineEntry] {
    let names = try database.prepare("SELECT name FROM line").all { (row) in row.text(0) }
    var entries: [LineEntry] = []
    for name in names {
      guard let line = try? LineID(name) else { throw database.damaged("a line is named \"\(name)\"") }
      if let entry = try known(line) { entries.append(entry) }
    }
    return entries
  }

  /// Writes changed totals; the last thing before the commit.
  func flush() throws(StorageFailure) {
    for (line, entry) in lines where entry.isChanged {
      updateLine.bind(1, entry.id)
      updateLine.bind(2, entry.predictionCount)
      updateLine.bind(3, entry.outcomeCount)
      updateLine.bind(4, entry.heldCount)
      updateLine.bind(5, entry.latestTime?.microseconds)
      updateLine.bind(6, entry.droppedPredictions)
      updateLine.bind(7, entry.droppedOutcomes)
      updateLine.bind(8, entry.droppedInputs)
      try updateLine.run()
      lines[line]?.isChanged = false
    }
    for (cell, change) in changes {
      updateCell.bind(1, cell)
      updateCell.bind(2, change.predictions)
      updateCell.bind(3, change.outcomes)
      updateCell.bind(4, change.inputs)
      updateCell.bind(5, change.labelled)
      try updateCell.run()
    }
    changes.removeAll(keepingCapacity: true)
  }

  /// Forgets everything: the transaction that made or read it was undone.
  func forget() {
    lines.removeAll()
    cells.removeAll()
    cellsByID.removeAll()
    clocks.removeAll()
    lastClock = nil
    linesByID.removeAll()
    linesOfCells.removeAll()
    changes.removeAll()
  }

  // MARK: - Cells and boots

  /// The cell's number; makes its row when it is new.
  func number(_ cell: Cell, line: Int64) throws(StorageFailure) -> Int64 {
    let key = CellKey(line: line, cell: cell)
    if let number = cells[key] { return number }
    let text = try JSONText.encode(cell.values, for: "cell.attribute_values")
    selectCell.bind(1, line)
    selectCell.bind(2, text)
    let found = try selectCell.first { (row) in row.int64(0) }
    let number: Int64
    if let found {
      number = found
    } else {
      insertCell.bind(1, line)
      insertCell.bind(2, text)
      try insertCell.run()
      number = database.lastInsertedRow
    }
    remember(cell, key, number)
    return number
  }

  func cell(_ number: Int64, line: Int64) throws(StorageFailure) -> Cell {
    if let cell = cellsByID[number] { return cell }
    selectCellByID.bind(1, number)
    let values = try selectCellByID.first { (row) throws(StorageFailure) in try row.json(0, [String].self) }
    guard let values else { throw database.damaged("no cell has the number \(number)") }
    let cell = Cell(values)
    remember(cell, CellKey(line: line, cell: cell), number)
    return cell
  }

  private func remember(_ cell: Cell, _ key: CellKey, _ number: Int64) {
    if cells.count >= Self.rememberedCellsMaximum {
      cells.removeAll(keepingCapacity: true)
      cellsByID.removeAll(keepingCapacity: true)
    }
    cells[key] = number
    cellsByID[number] = cell
  }

  /// The number of a start of the machine with its clock in that state; makes its row when it is new.
  func number(of sync: ClockSync, bootID: String) throws(StorageFailure) -> Int64 {
    let key = ClockKey(bootID: bootID, sync: sync)
    if let last = lastClock, last.key == key { return last.number }
    if let number = clocks[key] {
      lastClock = (key, number)
      return number
    }
    let insert = try database.prepare("INSERT INTO clock (boot_id, synced) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
    insert.bind(1, bootID)
    insert.bind(2, Int64(sync.rawValue))
    try insert.run()
    let select = try database.prepare("SELECT id FROM clock WHERE boot_id = ?1 AND synced = ?2")
    select.bind(1, bootID)
    select.bind(2, Int64(sync.rawValue))
    guard let number = try select.first({ (row) in row.int64(0) }) else {
      throw database.damaged("no clock has the boot id \(bootID)")
    }
    clocks[key] = number
    lastClock = (key, number)
    return number
  }
}
