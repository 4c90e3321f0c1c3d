import Domain
import Engine

/// The registry in SQLite: rarely written, every change on the disk before it takes effect.
public final class SQLiteRegistry: Registry {
  let database: Database

  /// Opens the registry, making it where there is none and bringing an older one up to date.
  ///
  /// - Parameter magic: the statfs magic number of a folder's file system; nil when unknown.
  /// - Throws: `OpenFailure`; a damaged file is never replaced, for it holds what the plant decided.
  public init(
    _ location: StoreLocation, disk: Disk = .system, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) throws(OpenFailure) {
    do throws(OpenFailure) {
      database = try Opening(schema: registrySchema, magic: magic, disk: disk).open(location)
    } catch {
      guard error.isDamage else { throw error }
      let path = location.path
      throw .malformed(
        "\(path) is damaged and was left as it is: lines, students and the audit trail cannot be trusted; with kaizend "
          + "stopped, keep a copy of \(path)*, remove \(path)-wal and \(path)-shm and put the last backup back with "
          + "\"install -m 0640 BACKUP \(path)\" (found: \(error.sentence))")
    }
  }

  /// - Parameter database: opened for reading alone; nothing but reads may be asked then.
  init(reading database: Database) { self.database = database }

  /// Opens `state.db` in a state directory, making both where they are not.
  public static func open(
    stateDirectory: String, disk: Disk = .system, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) throws(OpenFailure) -> SQLiteRegistry {
    try StoreFile.makeDirectory(stateDirectory)
    return try SQLiteRegistry(.file(stateDirectory + "/" + StoreFile.state), disk: disk, magic: magic)
  }

  public func transaction<Result>(
    _ body: () throws(StorageFailure) -> Result
  ) throws(StorageFailure) -> Result {
    try database.transaction(body)
  }

  // MARK: - Lines and routes

  public func lines() throws(StorageFailure) -> [RegisteredLine] {
    let select = try database.prepare(
      "SELECT name, definition, settings, champion, teacher, added_at FROM line ORDER BY name")
    return try select.all { (row) throws(StorageFailure) in
      let definition = try row.json(1, LineDefinition.self)
      guard definition.id.text == row.text(0) else { throw row.damaged("line \(row.text(0)) is another's definition") }
      return RegisteredLine(
        definition: definition, settings: try row.json(2), champion: try row.version(3),
        routes: try routes(of: definition.id), teacher: try row.json(4),
        addedAt: Timestamp(microseconds: row.int64(5)))
    }
  }

  public func add(_ line: RegisteredLine) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let insert = try database.prepare(
        "INSERT INTO line (name, definition, settings, champion, teacher, added_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
      insert.bind(1, line.definition.id.text)
      insert.bind(2, try JSONText.encode(line.definition, for: "line.definition"))
      insert.bind(3, try JSONText.encode(line.settings, for: "line.settings"))
      insert.bind(4, line.champion.number)
      insert.bind(5, try JSONText.encode(line.teacher, for: "line.teacher"))
      insert.bind(6, line.addedAt.microseconds)
      try insert.run()
      for (cell, version) in line.routes { try insertRoute(version, cell: cell, line: line.definition.id) }
    }
  }

  public func setChampion(_ version: ModelVersion, line: LineID) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let update = try database.prepare("UPDATE line SET champion = ?2 WHERE name = ?1")
      update.bind(1, line.text)
      update.bind(2, version.number)
      try update.run()
      guard database.changeCount == 1 else { throw unknownLine(line) }
    }
  }

  public func setRoute(_ version: ModelVersion?, cell: Cell, line: LineID) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      if let version { return try insertRoute(version, cell: cell, line: line) }
      let delete = try database.prepare("DELETE FROM route WHERE line = ?1 AND cell = ?2")
      delete.bind(1, line.text)
      delete.bind(2, try JSONText.encode(cell.values, for: "route.cell"))
      try delete.run()
    }
  }

  private func insertRoute(_ version: ModelVersion, cell: Cell, line: LineID) throws(StorageFailure) {
    let upsert = try database.prepare(
      """
      INSERT INTO route (line, cell, version) VALUES (?1, ?2, ?3)
      ON CONFLICT (line, cell) DO UPDATE SET version = excluded.version
      """)
    upsert.bind(1, line.text)
    upsert.bind(2, try JSONText.encode(cell.values, for: "route.cell"))
    upsert.bind(3, version.number)
    try upsert.run()
  }

  private func routes(of line: LineID) throws(StorageFailure) -> [Cell: ModelVersion] {
    let select = try database.prepare("SELECT cell, version FROM route WHERE line = ?1")
    select.bind(1, line.text)
    var routes: [Cell: ModelVersion] = [:]
    try select.forEach { (row) throws(StorageFailure) in
      routes[Cell(try row.json(0))] = try row.version(1)
      return .more
    }
    return routes
  }

  private func unknownLine(_ line: LineID) -> StorageFailure {
    StorageFailure("\(database.path) has no line \(line); \"kaizenctl lines\" shows those it has", mayPass: false)
  }
}
