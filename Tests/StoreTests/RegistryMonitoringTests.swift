import Domain
import Engine
import Store
import Testing

@Suite struct RegistryMonitoringTests {
  let folder: TestFolder
  let registry: SQLiteRegistry
  private let operators = [Principal(uid: 0, login: "root"), Principal(uid: 4_294_967_295, login: "håkan")]

  init() throws {
    folder = try TestFolder()
    registry = try SQLiteRegistry(.file(folder.file("state.db")))
    let lines = try ["press-3", "press-4"].map { name in
      RegisteredLine(
        definition: LineDefinition(
          id: try line(name), schema: try GroupSchema(attributes: ["mold"], includesOutcome: false),
          featureNames: ["t1"], classNames: ["pass", "fail"]),
        settings: LineSettings(), champion: ModelVersion(1), routes: [:], teacher: .columns(prefix: "t"),
        addedAt: at(1))
    }
    for added in lines {
      let record = ModelRecord(
        line: added.definition.id, version: ModelVersion(1), run: 1, arm: nil, parent: nil, parameterCount: 1,
        sha256: "", createdAt: at(1), by: Principal(uid: 1, login: "o"))
      try registry.transaction { () throws(StorageFailure) in
        try registry.add(added)
        try registry.add(record, bytes: [1], advice: nil)
      }
    }
  }

  private func adopted(_ slice: String, line name: String = "press-3", adoptedAt: Int64 = 20) throws -> AdoptedSlice {
    AdoptedSlice(
      line: try line(name), slice: slice, state: .candidate, foundRow: 4000, foundAt: at(19), adoptedAt: at(adoptedAt),
      by: operators[1], reason: "µ, \"asked\" by 'shift'", partsNeeded: 100, detail: "20 of 100")
  }

  private func write(_ body: () throws(StorageFailure) -> Void) throws { try registry.transaction(body) }

  @Test func `an adopted slice is kept by line and text, the oldest first, and moves from state to state`() throws {
    let (late, early) = (try adopted("mold=8412,t1>=60.5", adoptedAt: 30), try adopted("mold=a%2Cb", adoptedAt: 10))
    let other = try adopted("mold=8412,t1>=60.5", line: "press-4")
    try write { () throws(StorageFailure) in
      for slice in [late, early, other] { try registry.put(slice) }
    }
    #expect(try registry.adoptedSlices(line: try line()) == [early, late])
    #expect(try registry.adoptedSlices(line: try line("press-4")) == [other])
    #expect(try registry.adoptedSlices(line: try line("nobody")) == [])
    for state in [AdoptedSlice.State.monitored, .rejected] {
      var decided = late
      decided.state = state
      decided.decidedAt = at(99)
      decided.detail = "later parts said so"
      let changed = decided
      try write { () throws(StorageFailure) in try registry.put(changed) }
      let reopened = try SQLiteRegistry(.file(folder.file("state.db")))
      #expect(try reopened.adoptedSlices(line: try line()) == [early, changed])
    }
  }

  @Test func `what is undecided has no time of decision, and a slice belongs to a line`() throws {
    var odd = try adopted("mold=8412")
    odd.decidedAt = at(1)
    let decided = odd
    #expect(throws: StorageFailure.self) {
      try write { () throws(StorageFailure) in try registry.put(decided) }
    }
    let stray = try adopted("mold=8412", line: "nobody")
    #expect(throws: StorageFailure.self) {
      try write { () throws(StorageFailure) in try registry.put(stray) }
    }
    #expect(try registry.adoptedSlices(line: try line()) == [])
  }

  @Test func `marks are one of a kind for each slice, and go when they are removed`() throws {
    let id = try line()
    func mark(_ slice: String, _ kind: GroupMark.Kind, until: Timestamp? = nil, reason: String = "") -> GroupMark {
      GroupMark(line: id, slice: slice, kind: kind, until: until, by: operators[0], at: at(5), reason: reason)
    }
    let first = mark("all", .silenced, until: at(50), reason: "new tool")
    let second = mark("all", .silenced, until: at(90), reason: "still")
    let kept = [mark("all", .acknowledged), second, mark("mold=8412", .retired)]
    try write { () throws(StorageFailure) in
      try registry.setMark(first)
      for mark in kept { try registry.setMark(mark) }
    }
    #expect(try registry.marks(line: id) == kept)
    #expect(try registry.marks(line: try line("press-4")) == [])
    let removed = try registry.transaction { () throws(StorageFailure) in
      [
        try registry.removeMark(line: id, slice: "all", kind: .silenced),
        try registry.removeMark(line: id, slice: "all", kind: .silenced),
        try registry.removeMark(line: id, slice: "mold=8412", kind: .acknowledged),
      ]
    }
    #expect(removed == [true, false, false])
    #expect(try registry.marks(line: id) == [kept[0], kept[2]])
  }

  @Test func `a value stands for one other, which may be changed and removed`() throws {
    let id = try line()
    func alias(_ value: String, _ other: String) -> AttributeAlias {
      AttributeAlias(
        line: id, attribute: "mold", value: value, standsFor: other, by: operators[1], at: at(6), reason: "typo")
    }
    let (wrong, right, second) = (alias("8412 ", "8413"), alias("8412 ", "8412"), alias("?", "8412"))
    try write { () throws(StorageFailure) in
      for alias in [wrong, right, second] { try registry.setAlias(alias) }
    }
    #expect(try registry.aliases(line: id) == [right, second])
    let removed = try registry.transaction { () throws(StorageFailure) in
      [
        try registry.removeAlias(line: id, attribute: "mold", value: "?"),
        try registry.removeAlias(line: id, attribute: "shift", value: "8412 "),
      ]
    }
    #expect(removed == [true, false])
    #expect(try registry.aliases(line: id) == [right])
    let itself = alias("8412", "8412")
    #expect(throws: StorageFailure.self) {
      try write { () throws(StorageFailure) in try registry.setAlias(itself) }
    }
  }
}
