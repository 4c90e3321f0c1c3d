import Domain
import Engine

extension SQLiteLedger {
  public func describe(_ definition: LineDefinition) throws(StorageFailure) {
    try database.write { () throws(StorageFailure) in
      let line = try names.entry(definition.id).id
      let attributes = try JSONText.encode(definition.schema.attributes, for: "line.attributes")
      let features = try JSONText.encode(definition.featureNames, for: "line.features")
      let known = try database.prepare(
        """
        SELECT 1 FROM line WHERE id = ?1 AND attributes = ?2 AND features = ?3
          AND (SELECT count(*) FROM class WHERE class.line = line.id) = ?4
        """)
      known.bind(1, line)
      known.bind(2, attributes)
      known.bind(3, features)
      known.bind(4, definition.classNames.count)
      // A line never changes what it is, so that the usual start writes nothing.
      guard try known.first({ _ in true }) == nil else { return }
      let update = try database.prepare("UPDATE line SET attributes = ?2, features = ?3 WHERE id = ?1")
      update.bind(1, line)
      update.bind(2, attributes)
      update.bind(3, features)
      try update.run()
      let name = try database.prepare(
        "INSERT INTO class (line, number, name) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET name = ?3")
      for (number, text) in definition.classNames.enumerated() {
        name.bind(1, line)
        name.bind(2, number)
        name.bind(3, text)
        try name.run()
      }
    }
  }
}
