import Domain
import Engine

/// How far retention has come, as the table `retention` holds it.
///
/// Rows are met in the order they were stored. What counts as a row's age is the latest wall clock met up to it, so that
/// rows stamped 1970 are as old as their neighbours.
struct RetentionProgress: Equatable {
  var clock: Int64
  var inputRow: Int64
  var inputTime: Int64
  var row: Int64
  var rowTime: Int64
}

/// Takes old rows away, a few at a time.
final class LedgerRetention {
  private let database: Database
  private let names: LedgerNames
  private let channels: LedgerChannels
  private let selectProgress: Statement
  private let updateProgress: Statement
  private let fullCells: Statement
  private let oldestLabelled: Statement
  private let nextInputs: Statement
  private let nextRows: Statement
  private let firstBelieved: Statement
  private let oldHeld: Statement
  private let deleteHeld: Statement
  private let deleteInput: Statement
  private let deleteLabelled: Statement
  /// In the order their foreign keys ask for.
  private let deleteRow: [Statement]
  private let deleteHistory: Statement
  private let selectHeld: Statement
  private let newestRow: Statement
  /// The last cell that the walk over full cells is done with.
  private var cellPlace: Int64 = 0
  /// Where the walk over waiting outcomes goes on; nil when it has been all the way.
  private var heldPlace: HeldPlace? = .start

  /// A key of `held_outcome`.
  private struct HeldPlace {
    let line: Int64
    let part: String
    let channel: Int64

    static let start = HeldPlace(line: 0, part: "", channel: 0)
  }

  init(_ database: Database, _ names: LedgerNames, _ channels: LedgerChannels) throws(StorageFailure) {
    self.database = database
    self.names = names
    self.channels = channels
    selectProgress = try database.prepare(
      "SELECT clock, input_row, input_time, row, row_time FROM retention WHERE id = 1")
    updateProgress = try database.prepare(
      "UPDATE retention SET clock = ?1, input_row = ?2, input_time = ?3, row = ?4, row_time = ?5 WHERE id = 1")
    fullCells = try database.prepare(
      "SELECT id, labelled_count FROM cell WHERE labelled_count > ?1 AND id > ?2 ORDER BY id")
    oldestLabelled = try database.prepare(
      """
      SELECT b.time, b.prediction, p.wall_clock, p.line, p.part
      FROM labelled AS b JOIN prediction AS p ON p.id = b.prediction
      WHERE b.cell = ?1 ORDER BY b.time, b.prediction LIMIT ?2
      """)
    nextInputs = try database.prepare(
      """
      SELECT i.prediction, p.cell, p.wall_clock, o.prediction
      FROM input AS i JOIN prediction AS p ON p.id = i.prediction LEFT JOIN outcome AS o ON o.prediction = i.prediction
      WHERE i.prediction > ?1 ORDER BY i.prediction LIMIT ?2
      """)
    nextRows = try database.prepare(
      """
      SELECT p.id, p.cell, p.wall_clock, i.prediction, p.line, p.part
      FROM prediction AS p LEFT JOIN input AS i ON i.prediction = p.id
      WHERE p.id > ?1 ORDER BY p.id LIMIT ?2
      """)
    firstBelieved = try database.prepare(
      "SELECT wall_clock FROM prediction WHERE id >= ?1 AND wall_clock BETWEEN ?2 AND ?3 ORDER BY id LIMIT 1")
    oldHeld = try database.prepare(
      """
      SELECT line, part, channel, wall_clock FROM held_outcome
      WHERE (line, part, channel) > (?1, ?2, ?3) ORDER BY line, part, channel LIMIT ?4
      """)
    deleteHeld = try database.prepare("DELETE FROM held_outcome WHERE line = ?1 AND part = ?2 AND channel = ?3")
    deleteInput = try database.prepare("DELETE FROM input WHERE prediction = ?1")
    deleteLabelled = try database.prepare("DELETE FROM labelled WHERE cell = ?1 AND time = ?2 AND prediction = ?3")
    var deletes: [Statement] = []
    for table in ["remark", "other_outcome", "outcome"] {
      deletes.append(try database.prepare("DELETE FROM \(table) WHERE prediction = ?1"))
    }
    deletes.append(try database.prepare("DELETE FROM prediction WHERE id = ?1"))
    deleteRow = deletes
    deleteHistory = try database.prepare("DELETE FROM outcome_history WHERE line = ?1 AND part = ?2")
    newestRow = try database.prepare("SELECT id FROM prediction ORDER BY id DESC LIMIT 1")
    selectHeld = try database.prepare("SELECT 1 FROM held_outcome WHERE line = ?1 AND part = ?2 LIMIT 1")
  }

  func progress() throws(StorageFailure) -> RetentionProgress {
    let found = try selectProgress.first { (row) in
      RetentionProgress(
        clock: row.int64(0), inputRow: row.int64(1), inputTime: row.int64(2), row: row.int64(3), rowTime: row.int64(4))
    }
    guard let found else { throw database.damaged("retention is empty") }
    return found
  }

  func save(_ progress: RetentionProgress) throws(StorageFailure) {
    updateProgress.bind(1, progress.clock)
    updateProgress.bind(2, progress.inputRow)
    updateProgress.bind(3, progress.inputTime)
    updateProgress.bind(4, progress.row)
    updateProgress.bind(5, progress.rowTime)
    try updateProgress.run()
  }

  /// Begins again with the oldest row: what was passed by may have lost what it was kept for.
  func restart() throws(StorageFailure) {
    var state = try progress()
    (state.row, state.rowTime) = (0, 0)
    try save(state)
    heldPlace = .start
  }

  /// What the walks have passed was undone with their transaction.
  func forget() {
    cellPlace = 0
    heldPlace = .start
  }

  /// Looks at no more than `limit` rows.
  func trim(_ order: RetentionOrder, limit: Int) throws(StorageFailure) -> Trimmed {
    let before = try progress()
    var state = before
    var work = Work(order: order, left: limit, newest: try newestRow.first { (row) in row.int64(0) } ?? 0)
    if let cut = order.inputsBefore {
      try trimUnlabelled(&work, &state, before: cut)
      try trimLabelled(&work, state, before: cut)
    }
    if order.rowsBefore != nil || order.countedRowsBefore != nil { try trimRows(&work, &state) }
    if let cut = order.heldBefore { try trimHeld(&work, before: cut) }
    if state != before { try save(state) }
    work.trimmed.isDone = work.left > 0
    if work.trimmed.isDone { cellPlace = 0 }
    return work.trimmed
  }

  /// About how much an order would take away, without looking at each row: wall clocks are taken to rise.
  func outlook(_ order: RetentionOrder) throws(StorageFailure) -> RetentionOutlook {
    let state = try progress()
    var outlook = RetentionOutlook(labelledInputs: 0, unlabelledInputs: 0, predictions: 0)
    if let cut = order.inputsBefore {
      fullCells.bind(1, order.inputsPerGroup)
      fullCells.bind(2, 0)
      let counts = try fullCells.all { (row) throws(StorageFailure) in try row.int(1) }
      outlook.labelledInputs = counts.reduce(0) { $0 + $1 - order.inputsPerGroup }
      outlook.unlabelledInputs = try rows(after: state.inputRow, before: cut)
    }
    if let cut = order.countedRowsBefore ?? order.rowsBefore {
      outlook.predictions = try rows(after: state.row, before: cut)
    }
    return outlook
  }

  /// Row numbers after one up to the first row received at `cut` or later.
  private func rows(after row: Int64, before cut: Timestamp) throws(StorageFailure) -> Int {
    let wall = try database.prepare("SELECT id, wall_clock FROM prediction WHERE id >= ?1 ORDER BY id LIMIT 1")
    var low = row + 1
    var high = try database.number("SELECT coalesce(max(id), 0) FROM prediction") + 1
    while low < high {
      let middle = low + (high - low) / 2
      wall.bind(1, middle)
      let found = try wall.first { (row) in (id: row.int64(0), wall: row.int64(1)) }
      if let found, found.wall < cut.microseconds { low = found.id + 1 } else { high = middle }
    }
    return max(0, Int(low - row - 1))
  }

  // MARK: - Steps

  private struct Work {
    let order: RetentionOrder
    var left: Int
    /// Stays whatever its age: SQLite would give its number to the next row, and whoever has counted up to it (the
    /// monitor, these walks) would never look at that one.
    let newest: Int64
    var trimmed = Trimmed()
  }

  /// Features beyond each group's share, the oldest first.
  private func trimLabelled(
    _ work: inout Work, _ state: RetentionProgress, before cut: Timestamp
  ) throws(StorageFailure) {
    fullCells.bind(1, work.order.inputsPerGroup)
    fullCells.bind(2, cellPlace)
    let cells = try fullCells.all { (row) throws(StorageFailure) in (id: row.int64(0), count: try row.int(1)) }
    for cell in cells where work.left > 0 {
      if !work.order.spared.isEmpty, let group = try names.groupCell(cell.id), work.order.spared.contains(group) {
        cellPlace = cell.id
        continue
      }
      let excess = cell.count - work.order.inputsPerGroup
      // Else this cell has more to give to the next piece.
      if try trimLabelled(cell.id, excess, &work, state, before: cut) { cellPlace = cell.id }
    }
  }

  /// - Returns: true when the cell has no more to give.
  private func trimLabelled(
    _ cell: Int64, _ excess: Int, _ work: inout Work, _ state: RetentionProgress, before cut: Timestamp
  ) throws(StorageFailure) -> Bool {
    let limit = min(work.left, excess)
    oldestLabelled.bind(1, cell)
    oldestLabelled.bind(2, limit)
    var rows: [Row] = []
    try oldestLabelled.forEach { (found) throws(StorageFailure) in
      let row = Row(
        id: found.int64(1), cell: cell, wall: found.int64(2), time: found.int64(0), line: found.int64(3),
        part: found.text(4))
      guard isOld(row, state, before: cut) else { return .stop }
      rows.append(row)
      return .more
    }
    // A cell that has nothing to give is a look too.
    work.left -= max(1, rows.count)
    for row in rows {
      deleteLabelled.bind(1, cell)
      deleteLabelled.bind(2, row.time)
      deleteLabelled.bind(3, row.id)
      try deleteLabelled.run()
      names.change(cell: cell) { $0.labelled -= 1 }
      try dropInput(row, &work)
    }
    return rows.count < limit || limit == excess
  }

  /// As old as its neighbours: the walk over features has passed it by, and its own clock, where it can be believed,
  /// says nothing else.
  private func isOld(_ row: Row, _ state: RetentionProgress, before cut: Timestamp) -> Bool {
    let isBelieved = Self.plausible.contains(row.wall) && row.wall <= state.clock + Timestamp.microsecondsPerDay
    return row.id <= state.inputRow && !(isBelieved && row.wall >= cut.microseconds)
  }

  /// Features of parts that nobody labelled: no use for training, and kept for as long as they might become one.
  private func trimUnlabelled(
    _ work: inout Work, _ state: inout RetentionProgress, before cut: Timestamp
  ) throws(StorageFailure) {
    guard work.left > 0 else { return }
    nextInputs.bind(1, state.inputRow)
    nextInputs.bind(2, work.left)
    let rows = try nextInputs.all { (row) in
      (row: Row(id: row.int64(0), cell: row.int64(1), wall: row.int64(2)), isLabelled: !row.isNull(3))
    }
    for (row, isLabelled) in rows {
      if state.inputTime == 0 { state.inputTime = try firstTime(from: row.id, clock: state.clock) }
      let time = age(row.wall, after: state.inputTime, clock: state.clock)
      guard time < cut.microseconds else { return }
      work.left -= 1
      (state.inputRow, state.inputTime) = (row.id, time)
      if !isLabelled { try dropInput(row, &work) }
    }
  }

  /// Whole rows, unless their features are kept, or nobody but the want of room asks for them and the monitor has not
  /// counted them. These are passed by, until the walk begins again.
  private func trimRows(_ work: inout Work, _ state: inout RetentionProgress) throws(StorageFailure) {
    guard work.left > 0 else { return }
    nextRows.bind(1, state.row)
    nextRows.bind(2, work.left)
    let rows = try nextRows.all { (row) in
      (
        row: Row(id: row.int64(0), cell: row.int64(1), wall: row.int64(2), line: row.int64(4), part: row.text(5)),
        hasInput: !row.isNull(3)
      )
    }
    for (row, hasInput) in rows {
      if state.rowTime == 0 { state.rowTime = try firstTime(from: row.id, clock: state.clock) }
      let time = age(row.wall, after: state.rowTime, clock: state.clock)
      let isOld = work.order.rowsBefore.map { time < $0.microseconds } ?? false
      let isPressed = work.order.countedRowsBefore.map { time < $0.microseconds } ?? false
      // Features first: what is still before them has not been looked at. And nobody has counted what comes after
      // `lastCounted`: want of room alone has no business there.
      guard isOld || (isPressed && row.id <= work.order.lastCounted), !hasInput || row.id <= state.inputRow,
        row.id < work.newest
      else { return }
      work.left -= 1
      (state.row, state.rowTime) = (row.id, time)
      let isCounted = try isCounted(row, work.order)
      guard !hasInput, isOld || isCounted else { continue }
      try drop(row, &work)
    }
  }

  /// Outcomes that have waited too long for their part. A clock that had lost its time says nothing of their age.
  private func trimHeld(_ work: inout Work, before cut: Timestamp) throws(StorageFailure) {
    guard work.left > 0, let place = heldPlace else { return }
    oldHeld.bind(1, place.line)
    oldHeld.bind(2, place.part)
    oldHeld.bind(3, place.channel)
    oldHeld.bind(4, work.left)
    let rows = try oldHeld.all { (row) in
      (place: HeldPlace(line: row.int64(0), part: row.text(1), channel: row.int64(2)), wall: row.int64(3))
    }
    heldPlace = rows.count < work.left ? nil : rows.last?.place
    work.left -= rows.count
    for row in rows where Self.plausible.contains(row.wall) && row.wall < cut.microseconds {
      deleteHeld.bind(1, row.place.line)
      deleteHeld.bind(2, row.place.part)
      deleteHeld.bind(3, row.place.channel)
      try deleteHeld.run()
      // What several channels say of one part waits as one outcome.
      selectHeld.bind(1, row.place.line)
      selectHeld.bind(2, row.place.part)
      guard try selectHeld.first({ _ in true }) == nil else { continue }
      deleteHistory.bind(1, row.place.line)
      deleteHistory.bind(2, row.place.part)
      try deleteHistory.run()
      work.trimmed.outcomes += 1
      try names.change(id: row.place.line) { line in
        line.heldCount -= 1
        line.outcomeCount -= 1
        line.droppedOutcomes += 1
      }
    }
  }

  private static let plausible = Timestamp.earliestBelieved.microseconds...Int64.max

  /// How old a row is taken for: a wall clock behind its neighbours' had lost its time, one a day ahead of the clock
  /// that retention goes by was wrong too.
  private func age(_ wall: Int64, after latest: Int64, clock: Int64) -> Int64 {
    wall > clock + Timestamp.microsecondsPerDay ? latest : max(latest, wall)
  }

  /// What the age of the first rows rests on, whose own clock may have been at 1970 or in the next century: the first
  /// row from here on with a time that can be believed, or none, and then they are as young as can be.
  private func firstTime(from row: Int64, clock: Int64) throws(StorageFailure) -> Int64 {
    // 0 is the mark of a time that is not known yet; and nothing can be believed while the clock itself is not.
    guard clock + Timestamp.microsecondsPerDay >= Self.plausible.lowerBound else { return max(1, clock) }
    firstBelieved.bind(1, row)
    firstBelieved.bind(2, Self.plausible.lowerBound)
    firstBelieved.bind(3, clock + Timestamp.microsecondsPerDay)
    return try firstBelieved.first { (row) in row.int64(0) } ?? clock
  }

  private func isCounted(_ row: Row, _ order: RetentionOrder) throws(StorageFailure) -> Bool {
    guard let line = try names.lineID(row.line), let last = order.counted[line] else { return false }
    return row.id <= last
  }

  private struct Row {
    let id: Int64
    let cell: Int64
    let wall: Int64
    var time: Int64 = 0
    var line: Int64 = 0
    var part = ""
  }

  private func dropInput(_ row: Row, _ work: inout Work) throws(StorageFailure) {
    deleteInput.bind(1, row.id)
    try deleteInput.run()
    guard database.changeCount > 0 else { return }
    work.trimmed.inputs += 1
    names.change(cell: row.cell) { $0.inputs -= 1 }
    try names.change(id: try names.line(ofCell: row.cell)) { $0.droppedInputs += 1 }
  }

  private func drop(_ row: Row, _ work: inout Work) throws(StorageFailure) {
    var outcomes = 0
    try channels.withdraw(prediction: row.id, cell: row.cell)
    for (index, statement) in deleteRow.enumerated() {
      statement.bind(1, row.id)
      try statement.run()
      if index == 2 { outcomes = database.changeCount }
    }
    deleteHistory.bind(1, row.line)
    deleteHistory.bind(2, row.part)
    try deleteHistory.run()
    work.trimmed.predictions += 1
    work.trimmed.outcomes += outcomes
    names.change(cell: row.cell) { change in
      change.predictions -= 1
      change.outcomes -= outcomes
    }
    try names.change(id: row.line) { line in
      line.predictionCount -= 1
      line.outcomeCount -= outcomes
      line.droppedPredictions += 1
      line.droppedOutcomes += outcomes
    }
  }
}

extension SQLiteLedger {
  public func retentionClock() throws(StorageFailure) -> Timestamp {
    Timestamp(microseconds: try retention.progress().clock)
  }

  public func setRetentionClock(_ time: Timestamp) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      var progress = try retention.progress()
      progress.clock = time.microseconds
      try retention.save(progress)
    }
  }

  public func restartRetention() throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in try retention.restart() }
  }

  public func trim(_ order: RetentionOrder, limit: Int) throws(StorageFailure) -> Trimmed {
    try database.write { () throws(StorageFailure) in try retention.trim(order, limit: limit) }
  }

  public func outlook(_ order: RetentionOrder) throws(StorageFailure) -> RetentionOutlook {
    try retention.outlook(order)
  }
}
