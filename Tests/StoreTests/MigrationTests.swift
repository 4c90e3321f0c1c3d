import Domain
import Engine
import Store
import Testing

/// Databases as version 0.1 left them: today's, with what came later taken out again.
@Suite struct MigrationTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  private static let ledgerOfVersion1 = """
    DROP TABLE remark; PRAGMA user_version = 1;
    """
  private static let stateOfVersion2 = """
    ALTER TABLE model DROP COLUMN advice; UPDATE line SET settings = json_remove(settings, '$.adviceErrorMax', '$.adviceRange');
    PRAGMA user_version = 2;
    """
  private static let stateOfVersion1 = "DROP TABLE takeover; PRAGMA user_version = 1;"

  @Test func `a ledger of version 1 keeps its rows and takes new ones`() throws {
    let path = folder.file("ledger.db")
    do {
      let ledger = try SQLiteLedger(.file(path))
      let parts = try (0..<3000).map { try prediction("p\($0)", second: Int64($0)) }
      try ledger.transaction { () throws(StorageFailure) in for part in parts { _ = try ledger.append(part) } }
      try ledger.add(try outcome("p7", 1))
    }
    try RawDatabase(path).execute(Self.ledgerOfVersion1)
    let pages = try RawDatabase(path).number("PRAGMA page_count")

    let ledger = try SQLiteLedger.open(stateDirectory: folder.path, at: day)
    #expect(ledger.quarantined == nil)
    let migrated = ledger.ledger
    #expect(try RawDatabase(path).number("PRAGMA user_version") == 2)
    #expect(try RawDatabase(path).number("PRAGMA page_count") <= pages + 1, "no row was written again")
    #expect(try migrated.totals(line: nil) == LedgerTotals(predictions: 3000, outcomes: 1))
    let old = try prediction("p42", second: 42)
    #expect(try migrated.add(old) == .repeated(old), "told nothing, hence accept")
    #expect(try migrated.latestAdvice(line: try line(), limit: 2) == [[], []])
    var new = try prediction("new", advice: [.lowConfidence, .outOfRange])
    new.late = true
    #expect(try migrated.add(new) == .stored)
    #expect(try migrated.add(new) == .repeated(new))
    #expect(try RawDatabase(path).number("SELECT count(*) FROM remark WHERE late = 1") == 1)
    #expect(try migrated.latestAdvice(line: try line(), limit: 2) == [[], new.advice])
    #expect(try LedgerReader(path: path).findings() == [])
  }

  @Test(arguments: [1, 2])
  func `a state database of an older version keeps its lines, whose students have no bounds`(version: Int) throws {
    let path = folder.file("state.db")
    let id = try line()
    let definition = LineDefinition(
      id: id, schema: try GroupSchema(attributes: ["mold"], includesOutcome: false), featureNames: ["t1"],
      classNames: ["pass", "fail"])
    let registered = RegisteredLine(
      definition: definition, settings: LineSettings(targetAccuracy: 0.9), champion: ModelVersion(1), routes: [:],
      teacher: .columns(prefix: "t"), addedAt: at(1))
    let model = ModelRecord(
      line: id, version: ModelVersion(1), run: 1, arm: "labels", parent: nil, parameterCount: 3,
      sha256: sha256Text([1, 2, 3]), createdAt: at(1), by: Principal(uid: 1, login: "o"))
    let bounds = AdviceBounds(
      confidence: ConfidenceLadder(rungs: [.init(threshold: 0, accepted: 9, wrong: 1)], total: 9),
      range: TrainedRange(
        lowest: [-.greatestFiniteMagnitude], highest: [0.1], margin: 1.0 / 3, heldOut: 9, outside: 0, ignored: [0]))
    do {
      let registry = try SQLiteRegistry(.file(path))
      try registry.transaction { () throws(StorageFailure) in
        try registry.add(registered)
        try registry.add(model, bytes: [1, 2, 3], advice: bounds)
      }
      #expect(try registry.adviceBounds(line: id, version: ModelVersion(1)) == bounds)
    }
    try RawDatabase(path).execute(Self.stateOfVersion2 + (version == 1 ? Self.stateOfVersion1 : ""))

    let registry = try SQLiteRegistry.open(stateDirectory: folder.path)
    #expect(try RawDatabase(path).number("PRAGMA user_version") == 3)
    #expect(try registry.lines() == [registered], "advice_error_max is the usual one")
    #expect(try registry.models(line: id) == [model])
    #expect(try registry.adviceBounds(line: id, version: ModelVersion(1)) == nil)
    #expect(try registry.adviceBounds(line: id, version: ModelVersion(2)) == nil)
    var second = try #require(try registry.models(line: id).first)
    second = ModelRecord(
      line: id, version: ModelVersion(2), run: 2, arm: nil, parent: ModelVersion(1), parameterCount: 3, sha256: "",
      createdAt: at(2), by: second.by)
    let new = second
    try registry.transaction { () throws(StorageFailure) in
      try registry.add(new, bytes: [4], advice: bounds)
    }
    #expect(try registry.adviceBounds(line: id, version: ModelVersion(2)) == bounds)
  }
}
