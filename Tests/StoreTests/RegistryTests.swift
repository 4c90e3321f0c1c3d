import Domain
import Engine
import Store
import Testing

@Suite struct RegistryTests {
  let folder: TestFolder
  init() throws { folder = try TestFolder() }

  @Test func `a line, its students and routes come back after closing`() throws {
    let path = folder.file("state.db")
    var expected = try registered("press-3", champion: 2)
    do {
      let registry = try SQLiteRegistry(.file(path))
      let line = expected
      let records = [try model(1), try model(2, parent: 1), try model(3)]
      try registry.transaction { () throws(StorageFailure) in
        try registry.add(line)
        for record in records { try registry.add(record, bytes: bytes(record.version.number)) }
        try registry.setRoute(ModelVersion(3), cell: Cell(["8412", "day"]), line: line.definition.id)
        try registry.setRoute(ModelVersion(2), cell: Cell(["a\"b,c", "?"]), line: line.definition.id)
        try registry.setRoute(ModelVersion(1), cell: Cell(["gone", "day"]), line: line.definition.id)
      }
      try registry.transaction { () throws(StorageFailure) in
        try registry.setRoute(nil, cell: Cell(["gone", "day"]), line: line.definition.id)
        try registry.setRoute(ModelVersion(2), cell: Cell(["8412", "day"]), line: line.definition.id)
        try registry.setChampion(ModelVersion(3), line: line.definition.id)
      }
    }
    let registry = try SQLiteRegistry(.file(path))
    expected.champion = ModelVersion(3)
    expected.routes = [Cell(["8412", "day"]): ModelVersion(2), Cell(["a\"b,c", "?"]): ModelVersion(2)]
    #expect(try registry.lines() == [expected])
    #expect(try registry.models(line: try line()) == [try model(1), try model(2, parent: 1), try model(3)])
    #expect(try registry.bytes(line: try line(), version: ModelVersion(2)) == bytes(2))
    #expect(try registry.bytes(line: try line(), version: ModelVersion(9)) == nil)
    #expect(try registry.models(line: try line("other")) == [])
  }

  @Test func `what a student took the place of is kept until it is forgotten`() throws {
    let registry = try SQLiteRegistry(.file(folder.file("state.db")))
    let expected = try registered("press-3", champion: 2)
    let records = [try model(1), try model(2, parent: 1)]
    try registry.transaction { () throws(StorageFailure) in
      try registry.add(expected)
      for record in records { try registry.add(record, bytes: bytes(record.version.number)) }
    }
    let id = try line()
    let before = Takeover(
      champion: ModelVersion(1), routes: [Cell(["a\"b", "?"]): ModelVersion(2), Cell([""]): ModelVersion(1)])
    #expect(try registry.takeover(of: ModelVersion(2), line: id) == nil)
    try registry.transaction { () throws(StorageFailure) in
      try registry.setTakeover(Takeover(champion: ModelVersion(2), routes: [:]), of: ModelVersion(2), line: id)
      try registry.setTakeover(before, of: ModelVersion(2), line: id)
    }
    #expect(try registry.takeover(of: ModelVersion(2), line: id) == before)
    #expect(try registry.takeover(of: ModelVersion(2), line: try line("other")) == nil)
    try registry.transaction { () throws(StorageFailure) in
      try registry.setTakeover(nil, of: ModelVersion(2), line: id)
    }
    #expect(try registry.takeover(of: ModelVersion(2), line: id) == nil)
  }

  @Test func `lines come by name and keep every kind of setting and teacher`() throws {
    let registry = try SQLiteRegistry(.memory)
    var lines: [RegisteredLine] = []
    let teachers = [TeacherSource.trained(file: "t.bin"), .onnx(file: "päss/t.onnx"), .columns(prefix: "teacher_")]
    for (index, teacher) in teachers.enumerated() {
      var line = try registered("line-\(3 - index)", champion: 1)
      line.teacher = teacher
      line.settings.mode = RetrainMode.allCases[index]
      line.settings.targetAccuracy = index == 0 ? nil : 0.9
      line.settings.time = .event
      lines.append(line)
      let record = try model(1, line: "line-\(3 - index)")
      try registry.transaction { () throws(StorageFailure) in
        try registry.add(record, bytes: bytes(1))
        try registry.add(line)
      }
    }
    #expect(try registry.lines() == lines.reversed())
  }

  @Test func `a champion or a route without its student stops the commit`() throws {
    let registry = try SQLiteRegistry(.memory)
    let line = try registered("press-3", champion: 1)
    let record = try model(1)
    #expect(throws: StorageFailure.self) {
      try registry.transaction { () throws(StorageFailure) in try registry.add(line) }
    }
    #expect(throws: StorageFailure.self) {
      try registry.transaction { () throws(StorageFailure) in try registry.add(record, bytes: bytes(1)) }
    }
    try registry.transaction { () throws(StorageFailure) in
      try registry.add(line)
      try registry.add(record, bytes: bytes(1))
    }
    let name = line.definition.id
    #expect(throws: StorageFailure.self) {
      try registry.transaction { () throws(StorageFailure) in
        try registry.setRoute(ModelVersion(7), cell: Cell(["x"]), line: name)
      }
    }
    #expect(throws: StorageFailure.self) {
      try registry.transaction { () throws(StorageFailure) in try registry.setChampion(ModelVersion(7), line: name) }
    }
    let unknown = try LineID("nobody")
    #expect(throws: StorageFailure.self) {
      try registry.transaction { () throws(StorageFailure) in try registry.setChampion(ModelVersion(1), line: unknown) }
    }
    #expect(throws: StorageFailure.self) {
      try registry.transaction { () throws(StorageFailure) in try registry.add(line) }
    }
    #expect(try registry.lines() == [line])
  }

  @Test func `a savepoint that throws takes back its own changes alone`() throws {
    let registry = try SQLiteRegistry(.memory)
    let new = try run("press-3", .kept)
    let numbers = try registry.transaction { () throws(StorageFailure) in
      let first = try registry.add(new).number
      do throws(StorageFailure) {
        try registry.transaction { () throws(StorageFailure) in
          _ = try registry.add(new)
          var missing = new
          missing.number = 99
          try registry.update(missing)
        }
      } catch {}
      return [first, try registry.transaction { () throws(StorageFailure) in try registry.add(new).number }]
    }
    #expect(try registry.runs(line: nil, limit: 9).map(\.number) == numbers.reversed())
    #expect(numbers.count == 2)
  }

  @Test func `a student whose bytes are not those stored is never handed out`() throws {
    let path = folder.file("state.db")
    let registry = try SQLiteRegistry(.file(path))
    let line = try registered("press-3", champion: 1)
    let record = try model(1)
    try registry.transaction { () throws(StorageFailure) in
      try registry.add(line)
      try registry.add(record, bytes: bytes(1))
    }
    try RawDatabase(path).execute("UPDATE model SET bytes = zeroblob(5000)")
    let failure = #expect(throws: StorageFailure.self) {
      try registry.bytes(line: try LineID("press-3"), version: ModelVersion(1))
    }
    #expect(failure?.sentence.contains("SHA-256") == true)
  }

  @Test func `SHA-256 is that of FIPS 180-2`() {
    #expect(sha256Text([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      sha256Text(Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  // MARK: - trials

  @Test func `a trial keeps where it is and what it takes the place of, until it is removed`() throws {
    let registry = try SQLiteRegistry(.memory)
    let id = try line("press-3")
    let retraining = try run("press-3", .shadow)
    let cell = Cell(["8412", "day"])
    let known = try registered("press-3", champion: 1)
    let models = try [1, 2, 3].map { try model($0) }
    try registry.transaction { () throws(StorageFailure) in
      try registry.add(known)
      for model in models { try registry.add(model, bytes: bytes(model.version.number), advice: nil) }
      _ = try registry.add(retraining)
    }
    var trial = TrialRecord(
      run: 1, line: id, scope: .whole, version: ModelVersion(3), lagging: [GroupKey(cell: cell, outcome: 1)], cells: [],
      stage: .shadow, stageSince: at(9), firstRow: 77,
      before: Takeover(champion: ModelVersion(1), routes: [cell: ModelVersion(2)]))
    try registry.transaction { () throws(StorageFailure) in try registry.put(trial) }
    #expect(try registry.trials(line: id) == [trial])
    #expect(try registry.trials(line: try line("press-4")) == [])
    trial.stage = .canary(percent: 50)
    trial.stageSince = at(10)
    let later = trial
    try registry.transaction { () throws(StorageFailure) in try registry.put(later) }
    #expect(try registry.trials(line: id) == [later])
    #expect(trial.versionBefore(cell) == ModelVersion(2) && trial.covers(Cell(["x", "y"])))
    try registry.transaction { () throws(StorageFailure) in try registry.removeTrial(run: 1) }
    #expect(try registry.trials(line: id) == [])
  }

  // MARK: - runs

  @Test func `runs are numbered, changed and listed newest first`() throws {
    let registry = try SQLiteRegistry(.memory)
    var stored: [RunRecord] = []
    for (index, state) in RunState.allCases.enumerated() {
      let new = try run(index % 2 == 0 ? "press-3" : "press-4", state)
      stored.append(try registry.transaction { () throws(StorageFailure) in try registry.add(new) })
    }
    #expect(stored.map(\.number) == Array(1...RunState.allCases.count))
    #expect(try registry.run(3) == stored[2])
    #expect(try registry.run(99) == nil)
    #expect(try registry.runs(line: nil, limit: 3) == stored.suffix(3).reversed())
    #expect(try registry.runs(line: try line("press-4"), limit: 9).map(\.number) == [10, 8, 6, 4, 2])
    #expect(try registry.runs(line: nil, limit: -1) == [])

    var ended = stored[0]
    ended.state = .promoted
    ended.endedAt = at(500)
    ended.report = try report()
    ended.verdict = ["13 wins, 2 losses", "p = 0.004"]
    ended.promoted = ModelVersion(4)
    let final = ended
    try registry.transaction { () throws(StorageFailure) in try registry.update(final) }
    #expect(try registry.run(1) == ended)
    ended.number = 77
    let missing = ended
    #expect(throws: StorageFailure.self) {
      try registry.transaction { () throws(StorageFailure) in try registry.update(missing) }
    }
  }

  @Test func `a run's number is not given twice, even when the newest run is removed`() throws {
    let path = folder.file("state.db")
    let registry = try SQLiteRegistry(.file(path))
    let new = try run("press-3", .kept)
    for _ in 0..<2 { _ = try registry.transaction { () throws(StorageFailure) in try registry.add(new) } }
    try RawDatabase(path).execute("DELETE FROM run WHERE number = 2")
    #expect(try registry.transaction { () throws(StorageFailure) in try registry.add(new) }.number == 3)
  }

  @Test(arguments: [
    "UPDATE run SET state = 'done'", "UPDATE run SET kind = ''", "UPDATE run SET cells = '[[1]]'",
    "UPDATE run SET report = '{}'", "UPDATE run SET line = 'NOT A LINE'", "UPDATE run SET promoted = 0",
    "UPDATE run SET by_uid = 99999999999", "UPDATE run SET verdict = 'x'",
  ])
  func `a damaged run is a failure, not a crash`(_ sql: String) throws {
    let path = folder.file("state.db")
    let registry = try SQLiteRegistry(.file(path))
    let new = try run("press-3", .kept)
    _ = try registry.transaction { () throws(StorageFailure) in try registry.add(new) }
    try RawDatabase(path).execute("PRAGMA ignore_check_constraints = ON; " + sql)
    #expect(throws: StorageFailure.self) { try registry.run(1) }
    #expect(throws: StorageFailure.self) { try registry.runs(line: nil, limit: 5) }
  }

  @Test func `a line whose settings are damaged is a failure, not a crash`() throws {
    let path = folder.file("state.db")
    let registry = try SQLiteRegistry(.file(path))
    let line = try registered("press-3", champion: 1)
    let record = try model(1)
    try registry.transaction { () throws(StorageFailure) in
      try registry.add(line)
      try registry.add(record, bytes: bytes(1))
    }
    try RawDatabase(path).execute("UPDATE line SET settings = '{\"mode\":\"later\"}'")
    let failure = #expect(throws: StorageFailure.self) { try registry.lines() }
    #expect(failure?.sentence.contains("settings") == true)
  }
}

// MARK: - Values

private func bytes(_ version: Int) -> [UInt8] { (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* version) } }

private func registered(_ name: String, champion: Int) throws -> RegisteredLine {
  RegisteredLine(
    definition: LineDefinition(
      id: try LineID(name), schema: try GroupSchema(attributes: ["mold", "shift"], includesOutcome: true),
      featureNames: ["t1", "µ"], classNames: ["pass", "fail"]),
    settings: LineSettings(mode: .propose, targetAccuracy: 0.85, maturityHours: 0.1), champion: ModelVersion(champion),
    routes: [:], teacher: .trained(file: "press-3.bin"), addedAt: at(7))
}

private func model(_ version: Int, line: String = "press-3", parent: Int? = nil) throws -> ModelRecord {
  ModelRecord(
    line: try LineID(line), version: ModelVersion(version), run: version, arm: parent == nil ? nil : "groupdistil",
    parent: parent.map { ModelVersion($0) }, parameterCount: 1250, sha256: sha256Text(bytes(version)),
    createdAt: at(9), by: Principal(uid: 1000, login: "håkan"))
}

private func run(_ line: String, _ state: RunState) throws -> RunRecord {
  RunRecord(
    number: 0, line: try LineID(line), kind: .retrain, state: state, cells: [Cell(["8412", "day"])],
    groups: ["mold=8412,shift=day,outcome=fail"], causes: ["e-value 25 after 40 parts"], since: at(1), startedAt: at(2),
    endedAt: nil, by: Principal(uid: 0, login: "kaizend"), report: nil, verdict: [], promoted: nil)
}

private func report() throws -> TrainingReport {
  let group = GroupKey(cell: Cell(["8412", "day"]), outcome: 1)
  let score = GroupScore(group: group, correct: 8, total: 10, lower: 0.1 + 0.2, upper: 1.0 / 3)
  return TrainingReport(
    folds: [FoldCounts(group: group, train: 100, select: 20, heldOut: 30)],
    teacher: TeacherExamination(name: "t", scores: [score], verdict: .trusted, sentence: "good"),
    arms: [
      ArmReport(
        name: "labels", skipped: nil, selectScore: 0.8, selectScores: [score], steps: 100, seconds: 1.5,
        weights: [
          WeightRecord(
            step: 1, group: group, rows: 3, loss: 0.3, relativeLoss: 1.25, weight: 0.5, limit: .cap, selectCorrect: 1,
            selectTotal: 2)
        ], reasons: ["because"])
    ], chosenArm: "labels", heldOutScores: [score],
    pairs: [PairedCounts(group: group, total: 30, championCorrect: 10, challengerCorrect: 20, wins: 11, losses: 1)],
    seed: UInt64.max, instructionSet: "x86-64-v3", seconds: 12.25, remarks: [])
}
