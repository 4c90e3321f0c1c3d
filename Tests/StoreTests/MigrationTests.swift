import Domain
import Engine
import Store
import Testing

/// Databases as version 0.1 left them: today's, with what came later taken out again.
@Suite struct MigrationTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  private static let stateOfVersion4 = """
    DROP TABLE trial; ALTER TABLE run DROP COLUMN scope; ALTER TABLE run DROP COLUMN rows; PRAGMA user_version = 4;

    """
  private static let stateOfVersion3 = """
    DROP TABLE adopted_slice; DROP TABLE group_mark; DROP TABLE alias; PRAGMA user_version = 3;

    """
  private static let stateOfVersion2 = """
    ALTER TABLE model DROP COLUMN advice; UPDATE line SET settings = json_remove(settings, '$.adviceErrorMax', '$.adviceRange');
    PRAGMA user_version = 2;
    """
  private static let stateOfVersion1 = "DROP TABLE takeover; PRAGMA user_version = 1;"

  @Test(arguments: [1, 2])
  func `a ledger of an older version keeps every row and takes new ones`(version: Int) throws {
    let path = folder.file("ledger.db")
    try OldLedger.write(path, version: version, parts: 3000)

    let opened = try SQLiteLedger.open(stateDirectory: folder.path, at: day)
    #expect(opened.quarantined == nil)
    let ledger = opened.ledger
    let raw = try RawDatabase(path)
    #expect(try raw.number("PRAGMA user_version") == 3)
    #expect(try raw.texts("PRAGMA foreign_key_check").isEmpty)
    #expect(
      try raw.texts("SELECT name FROM sqlite_schema WHERE name LIKE '%\\_3' ESCAPE '\\' OR name = 'boot'").isEmpty)
    #expect(try ledger.totals(line: nil) == LedgerTotals(predictions: 3001, outcomes: 3))
    let old = try prediction("p42", second: 42)
    guard case .repeated(let kept) = try ledger.add(old) else { Issue.record("p42 is gone"); return }
    #expect(kept.inputs == old.inputs && kept.logits == old.logits && kept.time == old.time && kept.cell == old.cell)
    #expect(kept.receipt.clock == .unknown && kept.receipt.peerUID == 1001)
    let advice = version > 1 ? [Advice(rawValue: 1)] : [[]]
    #expect(try raw.texts("SELECT advice_bits FROM parts_v1 WHERE part = 'p7'") == advice.map { "\($0.rawValue)" })

    let amended = try #require(try ledger.amendments(line: try line(), part: "p7").first)
    #expect(amended.label == 0 && amended.source == "rework" && amended.receipt.peerUID == 1002)
    #expect(try ledger.add(try outcome("p7", 1)) == .duplicate)
    #expect(try ledger.add(try prediction("later", second: 9000)) == .stored)
    #expect(
      try raw.texts("SELECT channel || label || in_force FROM outcomes_v1 WHERE line = 'press-3' ORDER BY part")
        == ["customer11", "audit11", "01"])
    let rows = try ledger.labelledRows(
      line: try line(), cells: [Cell(["8412", "day"])], since: at(0), until: at(9999), limit: 9)
    #expect(rows.map(\.part) == ["p7", "later"] && rows[0].inputs == old.inputs)
    #expect(
      try raw.texts("SELECT predictions || ' ' || outcomes || ' ' || trainable FROM groups_v1 ORDER BY cell")
        == ["3000 2 2", "1 1 1", "1 0 0"])
    #expect(try ledger.evidence(line: try line()) == Array("{}".utf8))
    #expect(try raw.texts("SELECT clock_synced FROM parts_v1 WHERE part = 'p1'") == ["NULL"])
    #expect(try LedgerReader(path: path).findings() == [])
  }

  @Test(arguments: [1, 2, 3, 4])
  func `an older state database keeps its lines, whose students have no bounds before version 3`(version: Int) throws {
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
    var run = RunRecord(
      number: 0, line: id, kind: .retrain, state: .kept, cells: [Cell(["8412"])], groups: ["mold=8412"],
      causes: ["it lags"],
      since: at(0), startedAt: at(1), endedAt: at(2), by: Principal(uid: 1, login: "o"), report: nil,
      verdict: ["not promoted"], promoted: nil)
    do {
      let registry = try SQLiteRegistry(.file(path))
      try registry.transaction { () throws(StorageFailure) in
        try registry.add(registered)
        try registry.add(model, bytes: [1, 2, 3], advice: bounds)
        run = try registry.add(run)
      }
      #expect(try registry.adviceBounds(line: id, version: ModelVersion(1)) == bounds)
    }
    let changes = [Self.stateOfVersion4, Self.stateOfVersion3, Self.stateOfVersion2, Self.stateOfVersion1]
      .prefix(5 - version)
    try RawDatabase(path).execute(changes.joined())

    let registry = try SQLiteRegistry.open(stateDirectory: folder.path)
    #expect(try RawDatabase(path).number("PRAGMA user_version") == 5)
    #expect(try registry.lines() == [registered], "advice_error_max is the usual one")
    #expect(try registry.models(line: id) == [model])
    #expect(try registry.run(run.number) == run)
    #expect(try registry.trials(line: id) == [])
    #expect(try registry.adviceBounds(line: id, version: ModelVersion(1)) == (version >= 3 ? bounds : nil))
    #expect(try registry.adviceBounds(line: id, version: ModelVersion(2)) == nil)
    #expect(try registry.adoptedSlices(line: id) == [])
    #expect(try registry.marks(line: id) == [] && registry.aliases(line: id) == [])
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
