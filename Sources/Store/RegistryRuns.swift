import Domain
import Engine

extension SQLiteRegistry {
  private static let columns = """
    line, kind, state, cells, groups, causes, since, started_at, ended_at, by_uid, by_login, report, verdict, promoted,
    scope, rows
    """

  public func add(_ run: RunRecord) throws(StorageFailure) -> RunRecord {
    try database.write { () throws(StorageFailure) in
      let insert = try database.prepare(
        """
        INSERT INTO run (\(Self.columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
          ?15, ?16)
        """)
      try bind(run, to: insert)
      try insert.run()
      var numbered = run
      numbered.number = Int(database.lastInsertedRow)
      return numbered
    }
  }

  public func update(_ run: RunRecord) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let update = try database.prepare(
        """
        UPDATE run SET (\(Self.columns)) = (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
          ?15, ?16)
        WHERE number = ?17
        """)
      try bind(run, to: update)
      update.bind(17, run.number)
      try update.run()
      guard database.changeCount == 1 else {
        throw StorageFailure("\(database.path) has no run \(run.number)", mayPass: false)
      }
    }
  }

  public func run(_ number: Int) throws(StorageFailure) -> RunRecord? {
    let select = try database.prepare("SELECT \(Self.columns), number FROM run WHERE number = ?1")
    select.bind(1, number)
    return try select.first { (row) throws(StorageFailure) in try Self.record(row) }
  }

  public func runs(line: LineID?, limit: Int) throws(StorageFailure) -> [RunRecord] {
    let filter = line == nil ? "" : "WHERE line = ?2"
    let select = try database.prepare(
      "SELECT \(Self.columns), number FROM run \(filter) ORDER BY number DESC LIMIT ?1")
    select.bind(1, max(0, limit))
    if let line { select.bind(2, line.text) }
    return try select.all { (row) throws(StorageFailure) in try Self.record(row) }
  }

  public func retrainings(line: LineID, limit: Int) throws(StorageFailure) -> [RetrainingRecord] {
    let select = try database.prepare(
      """
      SELECT number, state, cells, started_at, ended_at, scope, rows, groups FROM run WHERE line = ?2 AND kind = ?3
      ORDER BY number DESC LIMIT ?1
      """)
    select.bind(1, max(0, limit))
    select.bind(2, line.text)
    select.bind(3, RunKind.retrain.rawValue)
    return try select.all { (row) throws(StorageFailure) in
      guard let state = RunState(rawValue: row.text(1)) else { throw row.damaged("a run is in state \(row.text(1))") }
      return RetrainingRecord(
        number: try row.int(0), state: state, cells: try row.json(2),
        startedAt: Timestamp(microseconds: row.int64(3)),
        endedAt: row.isNull(4) ? nil : Timestamp(microseconds: row.int64(4)), scope: try Self.scope(row, 5),
        rows: row.isNull(6) ? nil : try row.int(6), groups: try row.json(7))
    }
  }

  private func bind(_ run: RunRecord, to statement: Statement) throws(StorageFailure) {
    statement.bind(1, run.line.text)
    statement.bind(2, run.kind.rawValue)
    statement.bind(3, run.state.rawValue)
    statement.bind(4, try JSONText.encode(run.cells, for: "run.cells"))
    statement.bind(5, try JSONText.encode(run.groups, for: "run.groups"))
    statement.bind(6, try JSONText.encode(run.causes, for: "run.causes"))
    statement.bind(7, run.since.microseconds)
    statement.bind(8, run.startedAt.microseconds)
    statement.bind(9, run.endedAt?.microseconds)
    statement.bind(10, Int64(run.by.uid))
    statement.bind(11, run.by.login)
    if let report = run.report {
      statement.bind(12, try JSONText.encode(report, for: "run.report"))
    } else {
      statement.bind(12, String?.none)
    }
    statement.bind(13, try JSONText.encode(run.verdict, for: "run.verdict"))
    statement.bind(14, (run.promoted?.number).map(Int64.init))
    statement.bind(15, run.scope.rawValue)
    statement.bind(16, run.rows.map(Int64.init))
  }

  private static func record(_ row: Statement) throws(StorageFailure) -> RunRecord {
    guard let kind = RunKind(rawValue: row.text(1)), let state = RunState(rawValue: row.text(2)) else {
      throw row.damaged("a run is of kind \(row.text(1)) in state \(row.text(2))")
    }
    return RunRecord(
      number: try row.int(16), line: try row.line(0), kind: kind, state: state, cells: try row.json(3),
      groups: try row.json(4), causes: try row.json(5), since: Timestamp(microseconds: row.int64(6)),
      startedAt: Timestamp(microseconds: row.int64(7)),
      endedAt: row.isNull(8) ? nil : Timestamp(microseconds: row.int64(8)), by: try row.actor(9),
      report: row.isNull(11) ? nil : try row.json(11), verdict: try row.json(12),
      promoted: row.isNull(13) ? nil : try row.version(13), scope: try scope(row, 14),
      rows: row.isNull(15) ? nil : try row.int(15))
  }

  static func scope(_ row: Statement, _ column: Int32) throws(StorageFailure) -> RetrainScope {
    guard let scope = RetrainScope(rawValue: row.text(column)) else {
      throw row.damaged("a run is for \(row.text(column))")
    }
    return scope
  }
}
