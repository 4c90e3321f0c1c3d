import Domain
import Engine

/// What operators have said about monitoring: adopted slices, marks on groups and spellings.
extension SQLiteRegistry {
  // MARK: - Adopted slices

  public func adoptedSlices(line: LineID) throws(StorageFailure) -> [AdoptedSlice] {
    let select = try database.prepare(
      """
      SELECT slice, state, found_row, found_at, adopted_at, uid, login, reason, parts_needed, decided_at, detail
      FROM adopted_slice WHERE line = ?1 ORDER BY adopted_at, slice
      """)
    select.bind(1, line.text)
    return try select.all { (row) throws(StorageFailure) in
      guard let state = AdoptedSlice.State(rawValue: row.text(1)) else {
        throw row.damaged("an adopted slice is \"\(row.text(1))\"")
      }
      return AdoptedSlice(
        line: line, slice: row.text(0), state: state, foundRow: row.int64(2),
        foundAt: Timestamp(microseconds: row.int64(3)), adoptedAt: Timestamp(microseconds: row.int64(4)),
        by: try row.actor(5), reason: row.text(7), partsNeeded: try row.int(8), decidedAt: row.time(9),
        detail: row.text(10))
    }
  }

  public func put(_ slice: AdoptedSlice) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let upsert = try database.prepare(
        """
        INSERT INTO adopted_slice (line, slice, state, found_row, found_at, adopted_at, uid, login, reason,
          parts_needed, decided_at, detail)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        ON CONFLICT (line, slice) DO UPDATE SET (state, found_row, found_at, adopted_at, uid, login, reason,
          parts_needed, decided_at, detail) = (?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
        """)
      upsert.bind(1, slice.line.text)
      upsert.bind(2, slice.slice)
      upsert.bind(3, slice.state.rawValue)
      upsert.bind(4, slice.foundRow)
      upsert.bind(5, slice.foundAt.microseconds)
      upsert.bind(6, slice.adoptedAt.microseconds)
      upsert.bind(7, Int64(slice.by.uid))
      upsert.bind(8, slice.by.login)
      upsert.bind(9, slice.reason)
      upsert.bind(10, slice.partsNeeded)
      upsert.bind(11, slice.decidedAt?.microseconds)
      upsert.bind(12, slice.detail)
      try upsert.run()
    }
  }

  // MARK: - Marks

  public func marks(line: LineID) throws(StorageFailure) -> [GroupMark] {
    let select = try database.prepare(
      "SELECT slice, kind, until, uid, login, at, reason FROM group_mark WHERE line = ?1 ORDER BY slice, kind")
    select.bind(1, line.text)
    return try select.all { (row) throws(StorageFailure) in
      guard let kind = GroupMark.Kind(rawValue: row.text(1)) else {
        throw row.damaged("a mark on a group is \"\(row.text(1))\"")
      }
      return GroupMark(
        line: line, slice: row.text(0), kind: kind, until: row.time(2), by: try row.actor(3),
        at: Timestamp(microseconds: row.int64(5)), reason: row.text(6))
    }
  }

  public func setMark(_ mark: GroupMark) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let upsert = try database.prepare(
        """
        INSERT INTO group_mark (line, slice, kind, until, uid, login, at, reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (line, slice, kind) DO UPDATE SET (until, uid, login, at, reason) = (?4, ?5, ?6, ?7, ?8)
        """)
      upsert.bind(1, mark.line.text)
      upsert.bind(2, mark.slice)
      upsert.bind(3, mark.kind.rawValue)
      upsert.bind(4, mark.until?.microseconds)
      upsert.bind(5, Int64(mark.by.uid))
      upsert.bind(6, mark.by.login)
      upsert.bind(7, mark.at.microseconds)
      upsert.bind(8, mark.reason)
      try upsert.run()
    }
  }

  @discardableResult
  public func removeMark(line: LineID, slice: String, kind: GroupMark.Kind) throws(StorageFailure) -> Bool {
    try database.write { () throws(StorageFailure) in
      let delete = try database.prepare("DELETE FROM group_mark WHERE line = ?1 AND slice = ?2 AND kind = ?3")
      delete.bind(1, line.text)
      delete.bind(2, slice)
      delete.bind(3, kind.rawValue)
      try delete.run()
      return database.changeCount > 0
    }
  }

  // MARK: - Spellings

  public func aliases(line: LineID) throws(StorageFailure) -> [AttributeAlias] {
    let select = try database.prepare(
      """
      SELECT attribute, value, stands_for, uid, login, at, reason FROM alias WHERE line = ?1 ORDER BY attribute, value
      """)
    select.bind(1, line.text)
    return try select.all { (row) throws(StorageFailure) in
      AttributeAlias(
        line: line, attribute: row.text(0), value: row.text(1), standsFor: row.text(2), by: try row.actor(3),
        at: Timestamp(microseconds: row.int64(5)), reason: row.text(6))
    }
  }

  public func setAlias(_ alias: AttributeAlias) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let upsert = try database.prepare(
        """
        INSERT INTO alias (line, attribute, value, stands_for, uid, login, at, reason)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (line, attribute, value) DO UPDATE SET (stands_for, uid, login, at, reason) = (?4, ?5, ?6, ?7, ?8)
        """)
      upsert.bind(1, alias.line.text)
      upsert.bind(2, alias.attribute)
      upsert.bind(3, alias.value)
      upsert.bind(4, alias.standsFor)
      upsert.bind(5, Int64(alias.by.uid))
      upsert.bind(6, alias.by.login)
      upsert.bind(7, alias.at.microseconds)
      upsert.bind(8, alias.reason)
      try upsert.run()
    }
  }

  @discardableResult
  public func removeAlias(line: LineID, attribute: String, value: String) throws(StorageFailure) -> Bool {
    try database.write { () throws(StorageFailure) in
      let delete = try database.prepare("DELETE FROM alias WHERE line = ?1 AND attribute = ?2 AND value = ?3")
      delete.bind(1, line.text)
      delete.bind(2, attribute)
      delete.bind(3, value)
      try delete.run()
      return database.changeCount > 0
    }
  }
}

extension Statement {
  fileprivate func time(_ column: Int32) -> Timestamp? {
    isNull(column) ? nil : Timestamp(microseconds: int64(column))
  }
}
