import Domain
import Engine
import Policy
import Store
import Testing

@Suite struct MarkTests {
  private let ida = Principal(uid: 1000, login: "ida")

  private func lagging() async throws -> Harness {
    let harness = try await Harness(
      settings: LineSettings(mode: .observe, time: .event, targetAccuracy: 0.9, maturityHours: 24))
    try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
    try await harness.stream(days: 10..<20, accuracy: [0.96, 0.6])
    #expect(try await harness.state(of: "B") == "lagging")
    return harness
  }

  private func status(_ harness: Harness, _ name: String) async throws -> GroupStatus {
    try #require(try await harness.overview().groups.first { $0.name == name })
  }

  @Test func `an alarm is acknowledged by somebody, for a reason, until it ends`() async throws {
    let harness = try await lagging()
    let done = try await harness.plant.mark(
      harness.line, "product=B", as: .acknowledged, until: nil, reason: "new lamp ordered", by: ida)
    #expect(done.contains("product=B is acknowledged"))
    #expect(try await status(harness, "product=B").marks.acknowledged?.by == ida)
    #expect(try await harness.events().contains(.alarmAcknowledged))
    await #expect(throws: OperatorFault.self, "nothing to acknowledge") {
      try await harness.plant.mark(
        harness.line, "product=A", as: .acknowledged, until: nil, reason: "none", by: ida)
    }
    try await harness.stream(days: 20..<60, accuracy: [0.96, 1])
    #expect(try await harness.state(of: "B") == "ok")
    #expect(try await status(harness, "product=B").marks.acknowledged == nil, "the next alarm is another one")
  }

  @Test func `a silence ends by the machine's clock, and is never for ever`() async throws {
    let harness = try await lagging()
    let now = harness.clock.now
    for until in [nil, now, now.advanced(hours: 91 * 24)] {
      await #expect(throws: OperatorFault.self) {
        try await harness.plant.mark(
          harness.line, "product=B", as: .silenced, until: until, reason: "known", by: ida)
      }
    }
    _ = try await harness.plant.mark(
      harness.line, "product=B", as: .silenced, until: now.advanced(hours: 48), reason: "known", by: ida)
    #expect(try await status(harness, "product=B").marks.silenced?.until == now.advanced(hours: 48))
    harness.clock.advance(hours: 49)
    #expect(try await status(harness, "product=B").marks.silenced == nil)
  }

  @Test func `a retired group is not watched, starts no job, and comes back with new evidence`() async throws {
    let harness = try await lagging()
    _ = try await harness.plant.mark(
      harness.line, "product=B", as: .retired, until: nil, reason: "no longer made", by: ida)
    #expect(try await harness.overview().partition.map(\.name) == ["product=A"])
    try await harness.stream(days: 20..<24, accuracy: [0.96, 0.6])
    #expect(try await harness.overview().partition.map(\.name) == ["product=A"])
    await #expect(throws: OperatorFault.self) {
      try await harness.plant.mark(
        harness.line, "product=B", as: .silenced, until: harness.clock.now.advanced(hours: 1), reason: "r", by: ida)
    }
    _ = try await harness.plant.unmark(harness.line, "product=B", .retired, reason: "made again", by: ida)
    try await harness.stream(days: 24..<28, accuracy: [0.96, 0.96])
    let group = try await status(harness, "product=B")
    #expect(group.matured > 0 && group.matured <= 4 * 80 + 80, "only what matured since")
  }

  @Test func `a value that means another is served and counted as that one`() async throws {
    let harness = try await Harness()
    let told = try await harness.plant.alias(
      harness.line, attribute: "product", value: "A-new", standsFor: "A", reason: "renamed", by: ida)
    #expect(told.contains("product=A-new"))
    let answered = try await harness.ask(
      part: "S1", cell: Cell(["A-new"]), inputs: [0.5, 0], at: harness.start
    ).get()
    #expect(answered[0].prediction.cell == Cell(["A"]))
    #expect(!answered[0].prediction.advice.contains(.unseenGroup))
    #expect(try await harness.plant.aliases(harness.line).map(\.standsFor) == ["A"])
    for (value, other) in [("A", "A-new"), ("B", "A-new"), ("A-new", "A-new"), ("", "A")] {
      await #expect(throws: OperatorFault.self, "\(value) for \(other)") {
        try await harness.plant.alias(
          harness.line, attribute: "product", value: value, standsFor: other, reason: "r", by: ida)
      }
    }
    _ = try await harness.plant.alias(
      harness.line, attribute: "product", value: "A-new", standsFor: nil, reason: "a product of its own", by: ida)
    let own = try await harness.ask(part: "S2", cell: Cell(["A-new"]), inputs: [0.5, 0], at: harness.start).get()
    #expect(own[0].prediction.cell == Cell(["A-new"]))
  }

  @Test func `the alarm of a value ends when the value means another`() async throws {
    let harness = try await lagging()
    _ = try await harness.plant.alias(
      harness.line, attribute: "product", value: "B", standsFor: "A", reason: "the same part", by: ida)
    #expect(try await harness.overview().groups.allSatisfy { $0.name != "product=B" })
    try await harness.stream(days: 20..<23, accuracy: [0.96, 0.96])
    #expect(try await harness.overview().partition.map(\.name) == ["product=A"])
  }

  @Test func `marks, aliases and evidence are there again after a restart`() async throws {
    let folder = try TemporaryFolder()
    let settings = LineSettings(mode: .observe, time: .event, targetAccuracy: 0.9, maturityHours: 24)
    let before: [GroupStatus]
    do {
      let harness = try await Harness(settings: settings, folder: folder.path)
      try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
      try await harness.stream(days: 10..<20, accuracy: [0.96, 0.6])
      _ = try await harness.plant.mark(
        harness.line, "product=B", as: .acknowledged, until: nil, reason: "seen", by: ida)
      _ = try await harness.plant.alias(
        harness.line, attribute: "product", value: "X", standsFor: "A", reason: "renamed", by: ida)
      before = try await harness.overview().groups
    }
    let again = try await Harness(settings: settings, folder: folder.path, isRegistered: true)
    #expect(try await again.overview().groups == before)
    let answered = try await again.ask(part: "S9", cell: Cell(["X"]), inputs: [1, 0], at: again.start).get()
    #expect(answered[0].prediction.cell == Cell(["A"]))
  }

  @Test func `the memory of the first version keeps its place in the ledger and the groups it had seen`() async throws {
    let folder = try TemporaryFolder()
    let settings = LineSettings(time: .event, targetAccuracy: 0.9, maturityHours: 24)
    let line: LineID
    do {
      let harness = try await Harness(settings: settings, folder: folder.path)
      line = harness.line
      try await harness.stream(days: 0..<5, accuracy: [0.96, 0.96])
    }
    do {
      let ledger = try SQLiteLedger(.file(folder.path + "/ledger.db"))
      let old =
        #"{"cursor":300,"groups":[],"seenCells":[{"values":["A"]},{"values":["B"]}],"matured":300,"labelled":200,"unmonitored":0}"#
      try ledger.transaction { () throws(StorageFailure) in try ledger.saveEvidence(Array(old.utf8), line: line) }
    }
    let again = try await Harness(settings: settings, folder: folder.path, isRegistered: true)
    #expect(try await again.overview().labelCoverage == 200.0 / 300)
    try await again.stream(days: 5..<9, accuracy: [0.96, 0.96])
    #expect(try await again.overview().partition.reduce(0) { $0 + $1.matured } > 0)
    #expect(!(try await again.events().contains(.groupSeen)))
  }

  @Test func `a damaged memory is counted again from the ledger, whatever is wrong with it`() async throws {
    let folder = try TemporaryFolder()
    let settings = LineSettings(mode: .observe, time: .event, targetAccuracy: 0.9, maturityHours: 24)
    let harness = try await Harness(settings: settings, folder: folder.path)
    try await harness.stream(days: 0..<12, accuracy: [0.96, 0.6])
    let before = try await harness.overview()
    #expect(try await harness.state(of: "B") == "lagging")
    let ledger = try SQLiteLedger(.file(folder.path + "/ledger.db"))
    let whole = try #require(try ledger.evidence(line: harness.line))
    for damage in 0..<40 {
      var bytes = whole
      let place = damage * 977 % bytes.count
      if damage % 2 == 0 { bytes[place] ^= 0xFF } else { bytes.removeLast(bytes.count - place) }
      try ledger.transaction { () throws(StorageFailure) in try ledger.saveEvidence(bytes, line: harness.line) }
      _ = try await Harness(settings: settings, folder: folder.path, isRegistered: true)
    }
    try ledger.transaction { () throws(StorageFailure) in try ledger.saveEvidence([], line: harness.line) }
    let again = try await Harness(settings: settings, folder: folder.path, isRegistered: true)
    again.plant.tick()
    await again.plant.settle()
    let after = try await again.overview()
    // The clock of a line stands at its last part after a start, a little before what it had seen.
    #expect(after.partition.allSatisfy { $0.labelled >= 799 } && before.partition.allSatisfy { $0.labelled == 880 })
    #expect(try await again.state(of: "B") == "lagging")
  }
}
