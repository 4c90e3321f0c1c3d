import Domain
import Engine

extension SQLiteRegistry {
  public func models(line: LineID) throws(StorageFailure) -> [ModelRecord] {
    let select = try database.prepare(
      """
      SELECT version, run, arm, parent, parameter_count, sha256, created_at, by_uid, by_login
      FROM model WHERE line = ?1 ORDER BY version
      """)
    select.bind(1, line.text)
    return try select.all { (row) throws(StorageFailure) in
      ModelRecord(
        line: line, version: try row.version(0), run: try row.int(1), arm: row.optionalText(2),
        parent: row.isNull(3) ? nil : try row.version(3), parameterCount: try row.int(4), sha256: row.text(5),
        createdAt: Timestamp(microseconds: row.int64(6)), by: try row.actor(7))
    }
  }

  public func add(
    _ model: ModelRecord, bytes: [UInt8], advice: AdviceBounds? = nil
  ) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let insert = try database.prepare(
        """
        INSERT INTO model (line, version, run, arm, parent, parameter_count, sha256, created_at, by_uid, by_login, bytes,
          advice)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """)
      insert.bind(1, model.line.text)
      insert.bind(2, model.version.number)
      insert.bind(3, model.run)
      insert.bind(4, model.arm)
      insert.bind(5, (model.parent?.number).map(Int64.init))
      insert.bind(6, model.parameterCount)
      insert.bind(7, sha256Text(bytes))
      insert.bind(8, model.createdAt.microseconds)
      insert.bind(9, Int64(model.by.uid))
      insert.bind(10, model.by.login)
      insert.bind(11, bytes)
      insert.bind(
        12, try advice.map { bounds throws(StorageFailure) in try JSONText.encode(bounds, for: "model.advice") })
      try insert.run()
    }
  }

  /// nil when there is no such student.
  /// - Throws: `StorageFailure` also when the bytes are no longer those that were stored.
  public func bytes(line: LineID, version: ModelVersion) throws(StorageFailure) -> [UInt8]? {
    let select = try database.prepare("SELECT sha256, bytes FROM model WHERE line = ?1 AND version = ?2")
    select.bind(1, line.text)
    select.bind(2, version.number)
    return try select.first { (row) throws(StorageFailure) in
      let bytes = row.bytes(1)
      guard sha256Text(bytes) == row.text(0) else {
        throw row.damaged("the bytes of student \(version) of \(line) do not have their SHA-256")
      }
      return bytes
    }
  }

  public func adviceBounds(line: LineID, version: ModelVersion) throws(StorageFailure) -> AdviceBounds? {
    let select = try database.prepare(
      "SELECT advice FROM model WHERE line = ?1 AND version = ?2 AND advice IS NOT NULL")
    select.bind(1, line.text)
    select.bind(2, version.number)
    return try select.first { (row) throws(StorageFailure) in try row.json(0) }
  }
}

extension Statement {
  /// uid in `column`, login in the next.
  func actor(_ column: Int32) throws(StorageFailure) -> Principal {
    Principal(uid: UInt32(try int(column, in: 0...Int(UInt32.max))), login: text(column + 1))
  }

  /// A line's name.
  func line(_ column: Int32) throws(StorageFailure) -> LineID {
    do throws(InvalidName) { return try LineID(text(column)) } catch { throw damaged(error.sentence) }
  }
}
