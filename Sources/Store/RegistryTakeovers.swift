import Domain
import Engine

extension SQLiteRegistry {
  /// A route as JSON: a dictionary's keys must be texts there.
  struct StoredRoute: Codable {
    let cell: [String]
    let version: ModelVersion
  }

  public func setTakeover(_ before: Takeover?, of version: ModelVersion, line: LineID) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let delete = try database.prepare("DELETE FROM takeover WHERE line = ?1 AND version = ?2")
      delete.bind(1, line.text)
      delete.bind(2, version.number)
      try delete.run()
      guard let before else { return }
      let insert = try database.prepare(
        "INSERT INTO takeover (line, version, champion, routes) VALUES (?1, ?2, ?3, ?4)")
      insert.bind(1, line.text)
      insert.bind(2, version.number)
      insert.bind(3, before.champion.number)
      insert.bind(4, try JSONText.encode(Self.stored(before.routes), for: "takeover.routes"))
      try insert.run()
    }
  }

  public func takeover(of version: ModelVersion, line: LineID) throws(StorageFailure) -> Takeover? {
    let select = try database.prepare("SELECT champion, routes FROM takeover WHERE line = ?1 AND version = ?2")
    select.bind(1, line.text)
    select.bind(2, version.number)
    return try select.first { (row) throws(StorageFailure) in
      Takeover(champion: try row.version(0), routes: try Self.routes(row, 1))
    }
  }

  static func stored(_ routes: [Cell: ModelVersion]) -> [StoredRoute] {
    routes.sorted { $0.key < $1.key }.map { StoredRoute(cell: $0.key.values, version: $0.value) }
  }

  static func routes(_ row: Statement, _ column: Int32) throws(StorageFailure) -> [Cell: ModelVersion] {
    let routes = try row.json(column, [StoredRoute].self).map { (Cell($0.cell), $0.version) }
    return Dictionary(routes) { first, _ in first }
  }
}
