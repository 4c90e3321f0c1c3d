import Domain
import Engine
import NeuralNet
import Testing

@Suite struct ImportedModelTests {
  private static let mai = Principal(uid: 1000, login: "mai")

  private func imported(_ harness: Harness, sign: Float = -1) async throws -> ModelVersion {
    try await harness.plant.importModel(
      harness.line,
      NewModel(
        student: try makeStudent(sign: sign).bytes, source: "torch.onnx", sha256: String(repeating: "a", count: 64)),
      by: Self.mai
    ).version
  }

  /// Answers by version, for a known cell and a new one.
  private func serving(_ harness: Harness) throws -> [ModelVersion?] {
    let snapshot = try #require(harness.plant.serving.snapshot(harness.line))
    return [Cell(["A"]), Cell(["B"]), Cell(["new"])].map { snapshot.version(serving: $0) }
  }

  @Test func `an imported student serves nobody, and the trail says where it came from`() async throws {
    let harness = try await Harness()
    #expect(try await imported(harness) == ModelVersion(2))
    #expect(try serving(harness) == [1, 1, 1].map { ModelVersion($0) })
    let entry = try #require(
      try await harness.plant.auditEntries(line: harness.line, run: 2, group: nil, limit: 10).last)
    #expect(entry.event == .modelImported && entry.actor == Self.mai)
    #expect(entry.sentence.contains("imported from torch.onnx (SHA-256 aaaa"))
    let run = try await harness.plant.run(2)
    #expect(run.kind == .imported && run.state == .kept && run.report == nil)
    #expect(try await harness.plant.models(harness.line).last?.arm == Plant.importedArm)
  }

  @Test func `an activated student serves every part, and a rollback restores all that served before`() async throws {
    let harness = try await Harness()
    let first = try await imported(harness)
    let second = try await imported(harness, sign: 1)
    let changes = try await harness.plant.activate(harness.line, version: first, reason: "trial", by: Self.mai)
    #expect(changes.map(\.cell) == ["product=A", "product=B"] && changes.allSatisfy { $0.to == first })
    #expect(try serving(harness) == [first, first, first])
    _ = try await harness.plant.activate(harness.line, version: second, reason: nil, by: Self.mai)
    #expect(try serving(harness) == [second, second, second])
    await #expect(throws: OperatorFault.self) {
      _ = try await harness.plant.activate(harness.line, version: second, reason: nil, by: Self.mai)
    }
    for expected in [first, ModelVersion(1)] {
      let back = try await harness.plant.rollback(harness.line, cell: nil, reason: "too bad", by: Self.mai)
      #expect(back.allSatisfy { $0.to == expected } && back.count == 2)
      #expect(try serving(harness) == [expected, expected, expected])
    }
    await #expect(throws: OperatorFault.self) {
      _ = try await harness.plant.rollback(harness.line, cell: nil, reason: nil, by: Self.mai)
    }
    let trail = try await harness.plant.auditEntries(line: harness.line, run: nil, group: nil, limit: 100)
    let told = trail.filter { [.modelActivated, .modelRolledBack].contains($0.event) }
    #expect(told.map(\.event) == [.modelActivated, .modelActivated, .modelRolledBack, .modelRolledBack])
    #expect(told[0].sentence.contains("in the place of student 1 (by hand, without a gate): trial"))
    #expect(told[3].sentence.contains("from student 2 to student 1: too bad"))
  }

  @Test func `students of single groups step back for an activated one and return with the rollback`() async throws {
    let harness = try await Harness()
    let challenger = try await imported(harness)
    // The way a scoped student gets its route: a lagging group, a job and a gate.
    try await harness.stream(days: 0..<10, accuracy: [0.96, 0.96])
    try await harness.stream(days: 10..<18, accuracy: [0.96, 0.6])
    let job = try #require(harness.trainer.started.first)
    await #expect(throws: OperatorFault.self) {
      _ = try await harness.plant.activate(harness.line, version: challenger, reason: nil, by: Self.mai)
    }
    job.events(
      .ended(
        .finished(
          report: makeReport(
            cells: job.spec.cells,
            pairs: [
              PairedCounts(
                group: GroupKey(cell: Cell(["B"])), total: 200, championCorrect: 100, challengerCorrect: 180, wins: 90,
                losses: 10)
            ]),
          student: try makeStudent(sign: -1).bytes)))
    await harness.plant.settle()
    let before = try serving(harness)
    #expect(before == [1, 3, 1].map { ModelVersion($0) })
    _ = try await harness.plant.activate(harness.line, version: challenger, reason: nil, by: Self.mai)
    #expect(try serving(harness) == [challenger, challenger, challenger])
    _ = try await harness.plant.rollback(harness.line, cell: nil, reason: nil, by: Self.mai)
    #expect(try serving(harness) == before)
  }

  @Test func `bytes that are no student of the line are refused and registered nowhere`() async throws {
    let harness = try await Harness()
    let other = Student(
      shape: try StudentShape(inputCount: 3, hiddenWidths: [], classCount: 2), standardizer: Standardizer(identity: 3),
      seed: 1)
    for bytes in [[], [1, 2, 3], other.bytes] {
      let fault = await #expect(throws: OperatorFault.self) {
        _ = try await harness.plant.importModel(
          harness.line, NewModel(student: bytes, source: "x.onnx", sha256: ""), by: Self.mai)
      }
      #expect(fault?.sentence.contains("the student from x.onnx") == true)
    }
    #expect(try await harness.plant.models(harness.line).count == 1)
    await #expect(throws: OperatorFault.unknownModel(line: harness.line, version: ModelVersion(7))) {
      _ = try await harness.plant.activate(harness.line, version: ModelVersion(7), reason: nil, by: Self.mai)
    }
  }
}
