import Domain
import Engine
import Policy
import Store
import Testing

@Suite struct SliceTests {
  private let person = Principal(uid: 1000, login: "ida")
  private let found = SliceCounts(parts: 133, wrong: 27, restParts: 3867, restWrong: 193)
  private let confirming = SliceCounts(parts: 100, wrong: 25, restParts: 3000, restWrong: 150)
  private let refuting = SliceCounts(parts: 100, wrong: 6, restParts: 3000, restWrong: 150)

  private func new(_ text: String, _ harness: Harness, row: Int64 = 7) async throws -> NewSlice {
    let definition = try await harness.plant.sliceScope(harness.line).definition
    return NewSlice(
      slice: try Plant.sliceToAdopt(text, in: definition), reason: "asked for", counts: found, row: row)
  }

  private func states(_ harness: Harness) async throws -> [String] {
    try await harness.plant.sliceScope(harness.line).adopted.map { "\($0.slice) \($0.state.rawValue)" }
  }

  @Test func `an adopted slice waits, is confirmed by later parts once, and is monitored then`() async throws {
    let folder = try TemporaryFolder()
    do {
      let harness = try await Harness(folder: folder.path)
      let adopted = try await harness.plant.adopt(new("x>=0.5", harness), line: harness.line, by: person)
      #expect(adopted.state == .candidate && adopted.partsNeeded == 100 && adopted.foundRow == 7)
      #expect(adopted.by == person && adopted.reason == "asked for")
      #expect(await harness.plant.adoptedSlices(harness.line).isEmpty, "nothing is monitored on what found it")
      #expect(await harness.plant.linesWithCandidates.keys.sorted() == [harness.line])

      let due = CandidateCounts(candidate: adopted, counts: confirming)
      let decided = try await harness.plant.decideSlices([due], line: harness.line)
      #expect(decided.map(\.state) == [.monitored] && decided[0].decidedAt != nil)
      #expect(try await harness.plant.decideSlices([due], line: harness.line).isEmpty, "it is looked at once")
      #expect(await harness.plant.linesWithCandidates.isEmpty)
      #expect(try await harness.events().suffix(2) == [.sliceAdopted, .sliceConfirmed])
    }
    let again = try await Harness(folder: folder.path, isRegistered: true)
    let slices = await again.plant.adoptedSlices(again.line)
    #expect(
      slices == [PartSlice(values: [nil], ranges: [FeatureRange(feature: 0, lower: 0.5, upper: nil)])],
      "after a restart too")
  }

  @Test func `a slice that later parts do not confirm is rejected, which the audit says, and may be adopted again`()
    async throws
  {
    let harness = try await Harness()
    let adopted = try await harness.plant.adopt(new("x<0", harness), line: harness.line, by: person)
    try await harness.plant.decideSlices(
      [CandidateCounts(candidate: adopted, counts: refuting)], line: harness.line)
    #expect(await harness.plant.adoptedSlices(harness.line).isEmpty)
    let entries = try await harness.plant.auditEntries(line: harness.line, run: nil, group: "x<0.0", limit: 9)
    #expect(entries.map(\.event) == [.sliceAdopted, .sliceRejected])
    #expect(entries[0].actor == person && entries[0].sentence.hasSuffix("confirm it: asked for"))
    #expect(entries[1].sentence.contains("x<0.0 is not confirmed and is not monitored: 6 of 100 later parts are wrong"))
    _ = try await harness.plant.adopt(new("x<0", harness, row: 900), line: harness.line, by: person)
    #expect(try await states(harness) == ["x<0.0 candidate"])
  }

  @Test func `slices that wait together share one risk of a false confirmation`() async throws {
    let harness = try await Harness()
    let weak = SliceCounts(parts: 100, wrong: 11, restParts: 2000, restWrong: 100)
    let names = ["x<0", "x>=0", "y<0", "y>=0"]
    var adopted: [AdoptedSlice] = []
    for name in names {
      adopted.append(try await harness.plant.adopt(new(name, harness), line: harness.line, by: person))
    }
    let due = adopted.map { CandidateCounts(candidate: $0, counts: $0.slice == "x<0.0" ? confirming : weak) }
    // Alone at 0.05 it would be confirmed; beside three others it is not.
    try await harness.plant.decideSlices([due[1]], line: harness.line)
    #expect(try await states(harness).contains("x>=0.0 rejected"))
    try await harness.plant.decideSlices([due[0]], line: harness.line)
    try await harness.plant.decideSlices([due[2]], line: harness.line)
    #expect(
      try await states(harness).filter { $0.hasSuffix("monitored") } == ["x<0.0 monitored", "y<0.0 monitored"],
      "what was confirmed leaves more to the others")
  }

  @Test func `what cannot be a slice of its own is refused with a sentence`() async throws {
    let harness = try await Harness()
    for (text, part) in [
      ("all", "is every part of the line"), ("product=A", "is a group of line press-1 and is monitored already"),
      ("outcome=bad", "true class"), ("colour=red", "is not an attribute"), ("z>=1", "is not a measurement"),
      ("x>=1,x<0.5", "no part lies"), ("x", "is no condition"),
    ] {
      let definition = try await harness.plant.sliceScope(harness.line).definition
      let fault = #expect(throws: OperatorFault.self) { try Plant.sliceToAdopt(text, in: definition) }
      #expect(fault?.sentence.contains(part) == true, "\(text): \(fault?.sentence ?? "")")
    }
    _ = try await harness.plant.adopt(new("x<0", harness), line: harness.line, by: person)
    await #expect(throws: OperatorFault.busy("x<0.0 is adopted already and waits for later parts")) {
      try await harness.plant.adopt(new("x<0.0", harness), line: harness.line, by: person)
    }
  }

  @Test func `a change of settings forgets no slice`() async throws {
    let harness = try await Harness()
    _ = try await harness.plant.adopt(new("x<0", harness), line: harness.line, by: person)
    #expect(await harness.plant.linesWithCandidates[harness.line] != nil)
    try await harness.stream(days: 0..<1, accuracy: [0.95, 0.95])
    #expect(try await states(harness) == ["x<0.0 candidate"])
    let scope = try await harness.plant.sliceScope(harness.line)
    #expect(scope.now > harness.start && scope.watermark == scope.now.advanced(hours: -24))
    #expect(scope.isServed(Cell(["A"]), by: ModelVersion(1)) && !scope.isServed(Cell(["A"]), by: ModelVersion(2)))
  }
}
