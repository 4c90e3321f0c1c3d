import Domain
import Engine

extension SQLiteRegistry {
  public func trials(line: LineID) throws(StorageFailure) -> [TrialRecord] {
    let select = try database.prepare(
      """
      SELECT run, scope, version, lagging, cells, stage, stage_since, first_row, champion, routes
      FROM trial WHERE line = ?1 ORDER BY run
      """)
    select.bind(1, line.text)
    return try select.all { (row) throws(StorageFailure) in
      guard let stage = TrialStage(text: row.text(5)) else { throw row.damaged("a trial is in stage \(row.text(5))") }
      return TrialRecord(
        run: try row.int(0), line: line, scope: try Self.scope(row, 1), version: try row.version(2),
        lagging: try row.json(3), cells: try row.json(4), stage: stage,
        stageSince: Timestamp(microseconds: row.int64(6)), firstRow: row.int64(7),
        before: Takeover(champion: try row.version(8), routes: try Self.routes(row, 9)))
    }
  }

  public func put(_ trial: TrialRecord) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let insert = try database.prepare(
        """
        INSERT INTO trial (run, line, scope, version, lagging, cells, stage, stage_since, first_row, champion, routes)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        ON CONFLICT (run) DO UPDATE SET stage = excluded.stage, stage_since = excluded.stage_since
        """)
      insert.bind(1, trial.run)
      insert.bind(2, trial.line.text)
      insert.bind(3, trial.scope.rawValue)
      insert.bind(4, trial.version.number)
      insert.bind(5, try JSONText.encode(trial.lagging, for: "trial.lagging"))
      insert.bind(6, try JSONText.encode(trial.cells, for: "trial.cells"))
      insert.bind(7, trial.stage.text)
      insert.bind(8, trial.stageSince.microseconds)
      insert.bind(9, trial.firstRow)
      insert.bind(10, trial.before.champion.number)
      insert.bind(11, try JSONText.encode(Self.stored(trial.before.routes), for: "trial.routes"))
      try insert.run()
    }
  }

  public func removeTrial(run: Int) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let delete = try database.prepare("DELETE FROM trial WHERE run = ?1")
      delete.bind(1, run)
      try delete.run()
    }
  }
}
