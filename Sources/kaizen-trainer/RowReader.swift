import Domain
import Engine
import GroupDistil
import Store

/// Reads what a job learns from out of the ledger.
struct RowReader {
  private let spec: RetrainSpec
  private let reader: LedgerReader

  /// The newest this many rows are used: months of a busy cell, and a bound on memory and time.
  static let rowsMaximum = 50_000
  /// Of one cell where the job is for a whole line: none may crowd the others out.
  static let cellRowsMaximum = 3000
  /// Numbers of all rows together, 4 bytes each: pictures take room that measurements do not.
  static let valuesMaximum = 40_000_000
  /// Copies of the rows that a job makes at most, with what else it needs: a smaller memory reads fewer rows.
  static let bytesPerValue = 48
  /// Old and recent rows of each cell that a job learns again (`learning.md` 8).
  static let replayRows = 150
  /// Of what may be read, this part at most is learned again.
  private static let replayShare = 4
  /// Unlabelled rows for each labelled one that is trained on (`learning.md` 9.7).
  static let unlabelledFactor = 10
  static let unlabelledMaximum = 20_000
  /// The plant's own model is asked about each, which may take it long.
  static let unlabelledMaximumOnnx = 2000

  init(_ spec: RetrainSpec, ledger path: String) throws(Failure) {
    self.spec = spec
    do throws(OpenFailure) {
      reader = try LedgerReader(path: path)
    } catch {
      throw Failure(.noInput, "the ledger \(path) cannot be opened: \(error)")
    }
  }

  func rows() throws(Failure) -> JobRows {
    var rows = JobRows()
    let (stored, remarks) = try usable(try labelled())
    rows.remarks = remarks
    rows.labelled = RowBlock(stored)
    let gate = GateStart(rows.labelled, spec)
    rows.replay = RowBlock(try replay(before: gate))
    let room = valuesMaximum / width - rows.labelled.count - rows.replay.count
    for part in try unlabelled(gate, trained: spec.folds(rows.labelled).rows(of: .train).count, room: room) {
      rows.unlabelledCells.append(part.cell)
      rows.unlabelledInputs += part.inputs
    }
    return rows
  }

  /// Days of parts that healthy cells are read of for a student of the whole line.
  private static let healthyDays = 90.0

  private var width: Int { spec.definition.featureCount }

  private var valuesMaximum: Int {
    min(Self.valuesMaximum, max(width, spec.limits.memoryBytes / Self.bytesPerValue))
  }

  private var rowLimit: Int { min(Self.rowsMaximum, max(1, valuesMaximum / width)) }

  /// Oldest first.
  private func labelled() throws(Failure) -> [LabelledRow] {
    switch spec.scope {
    case .scoped: return try labelled(spec.cells, since: spec.since, until: spec.until, limit: rowLimit)
    case .whole:
      let limit = max(1, min(Self.cellRowsMaximum, rowLimit / max(1, spec.cells.count)))
      var all: [LabelledRow] = []
      let lagging = Set(spec.laggingGroups.map(\.cell))
      let usual = min(spec.since, spec.until.advanced(hours: -24 * Self.healthyDays))
      for cell in Set(spec.cells).sorted() {
        // What lags has changed on some day; the others have not, and a product may not be made every week.
        let since = lagging.contains(cell) ? spec.since : usual
        all += try labelled([cell], since: since, until: spec.until, limit: limit)
      }
      return all.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }
  }

  private func labelled(
    _ cells: [Cell], since: Timestamp, until: Timestamp, limit: Int
  ) throws(Failure) -> [LabelledRow] {
    do throws(StorageFailure) {
      return try reader.labelledRows(line: spec.definition.id, cells: cells, since: since, until: until, limit: limit)
    } catch {
      throw Failure(.inputOutput, error.sentence)
    }
  }

  /// Those that fit the line's definition, and what a person should know about the others.
  private func usable(_ stored: [LabelledRow]) throws(Failure) -> ([LabelledRow], remarks: [String]) {
    let usable = stored.filter(isUsable)
    var remarks: [String] = []
    if usable.count < stored.count {
      remarks.append("\(stored.count - usable.count) rows of the ledger do not fit the line and were left out")
    }
    if spec.scope == .scoped, stored.count == rowLimit {
      remarks.append("only the newest \(rowLimit) labelled rows were used")
    }
    return (usable, remarks)
  }

  private func isUsable(_ row: LabelledRow) -> Bool {
    row.inputs.count == width && row.inputs.allSatisfy(\.isFinite)
      && spec.definition.classNames.indices.contains(row.label)
  }

  /// What was there before the change, and what was seen since: of both the newest.
  private func replay(before gate: GateStart) throws(Failure) -> [LabelledRow] {
    guard spec.scope == .scoped, let gateStart = gate.first else { return [] }
    var rows: [LabelledRow] = []
    let room = rowLimit / Self.replayShare
    for cell in Set(spec.replayCells).subtracting(spec.cells).sorted() where rows.count < room {
      let old = Timestamp(microseconds: spec.since.microseconds - 1)
      let recent = Timestamp(microseconds: min(spec.until.microseconds, gateStart.microseconds - 1))
      rows += try labelled([cell], since: Timestamp(microseconds: 0), until: old, limit: Self.replayRows)
      rows += try labelled([cell], since: spec.since, until: recent, limit: Self.replayRows)
    }
    return rows.filter(isUsable)
  }

  private func unlabelled(_ gate: GateStart, trained: Int, room: Int) throws(Failure) -> [FreshPrediction] {
    let bound: Int
    switch spec.teacher {
    case .trained: bound = Self.unlabelledMaximum
    case .onnx: bound = Self.unlabelledMaximumOnnx
    // Nobody answers for rows of lagging cells; in a whole job the serving students do for the others.
    case .columns: bound = spec.scope == .whole ? Self.unlabelledMaximum : 0
    }
    let limit = min(bound, trained * Self.unlabelledFactor, room)
    guard limit > 0, !spec.cells.isEmpty else { return [] }
    let cells = Set(spec.cells)
    let wishes = cells.sorted().compactMap { cell in
      gate.of(cell).map { start in
        UnlabelledWish(
          cell: cell, since: spec.since, until: Timestamp(microseconds: start.microseconds - 1),
          limit: max(1, limit / cells.count))
      }
    }
    do throws(StorageFailure) {
      return try reader.unlabelledRows(line: spec.definition.id, wishes).filter { row in
        row.inputs.count == width && row.inputs.allSatisfy(\.isFinite)
      }
    } catch {
      throw Failure(.inputOutput, error.sentence)
    }
  }
}

/// The time of the first row that the gate judges by: whatever else a job learns from is older.
struct GateStart {
  private let byCell: [Cell: Timestamp]
  private let scope: RetrainScope

  init(_ rows: RowBlock, _ spec: RetrainSpec) {
    var byCell: [Cell: Timestamp] = [:]
    for row in spec.folds(rows).rows(of: .heldOut) {
      byCell[rows.cells[row]] = min(byCell[rows.cells[row]] ?? rows.times[row], rows.times[row])
    }
    self.byCell = byCell
    scope = spec.scope
  }

  /// Over all cells; nil without gate rows.
  var first: Timestamp? { byCell.values.min() }

  /// Nil for a cell the gate sees nothing of.
  func of(_ cell: Cell) -> Timestamp? { scope == .scoped ? first : byCell[cell] }
}

extension RetrainSpec {
  /// What each labelled row of the job is for.
  func folds(_ rows: RowBlock) -> FoldPlan {
    let indexes = Dictionary(
      uniqueKeysWithValues: Set(rows.cells).sorted().enumerated().map { ($0.element, $0.offset) })
    let cellNumbers = rows.cells.map { indexes[$0] ?? 0 }
    let strata = zip(cellNumbers, rows.labels).map { $0 * definition.classNames.count + $1 }
    switch scope {
    case .scoped:
      return .retraining(strata: strata, parts: rows.parts, gateRowsMinimum: settings.gateRowsMinimum)
    case .whole:
      return .consolidation(
        cells: cellNumbers, strata: strata, parts: rows.parts, gateRowsMinimum: settings.gateRowsMinimum)
    }
  }
}
