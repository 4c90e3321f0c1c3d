import Domain
import Engine
import Policy
import Testing

@Suite struct NightTests {
  private func harness(_ examiner: ScriptedExaminer, teacher: TeacherSource) async throws -> Harness {
    try await Harness(
      settings: LineSettings(time: .event, targetAccuracy: 0.9, maturityHours: 1), teacher: teacher,
      examiner: examiner)
  }

  @Test func `each night the teacher is asked about the day that has ended, one night at a time`() async throws {
    let examiner = ScriptedExaminer()
    let plant = try await harness(examiner, teacher: .trained(file: "own.bin"))
    try await plant.stream(days: 0..<2, accuracy: [0.95, 0.95])
    let first = try #require(examiner.specs.first)
    #expect(first.day == plant.start.day)
    #expect(first.after == 0)
    #expect(first.through == 160)
    try await plant.stream(days: 2..<4, accuracy: [0.95, 0.95])
    #expect(examiner.specs.count == 1, "the first night still runs")
    examiner.end(.failed("the comparison with the teacher was ended"))
    await plant.plant.settle()
    try await plant.stream(days: 4..<5, accuracy: [0.95, 0.95])
    #expect(examiner.specs.map(\.day) == [plant.start.day, plant.start.day + 3])
  }

  @Test func `teachers whose logits came as columns are not asked`() async throws {
    let examiner = ScriptedExaminer()
    let plant = try await harness(examiner, teacher: .columns(prefix: "t"))
    try await plant.stream(days: 0..<4, accuracy: [0.95, 0.95])
    #expect(examiner.specs.isEmpty)
  }

  @Test func `a retraining that starts ends the night`() async throws {
    let examiner = ScriptedExaminer()
    let plant = try await harness(examiner, teacher: .trained(file: "own.bin"))
    try await plant.stream(days: 0..<20, accuracy: [0.95, 0.95])
    #expect(examiner.stops == 0)
    try await plant.stream(days: 20..<30, accuracy: [0.95, 0.6])
    #expect(plant.trainer.started.count == 1)
    #expect(examiner.stops == 1)
    examiner.end(.stopped)
    try await plant.stream(days: 30..<33, accuracy: [0.95, 0.6])
    #expect(examiner.specs.count == 1, "no night while a retraining runs")
  }

  @Test func `teacher and student that disagree put their group on watch, and start nothing`() async throws {
    let examiner = ScriptedExaminer()
    let plant = try await harness(examiner, teacher: .trained(file: "own.bin"))
    for day in 0..<24 {
      try await plant.stream(days: day..<(day + 1), accuracy: [0.97, 0.97])
      guard let spec = examiner.specs.last else { continue }
      let agreed = day < 16 ? 95 : 60
      examiner.end(
        .finished(
          AgreementReport(
            day: spec.day, dayParts: 160,
            cells: zip(plant.cells, [95, agreed]).map {
              AgreementReport.CellCount(cell: $0, version: ModelVersion(1), parts: 100, agreed: $1)
            }, absent: nil)))
      await plant.plant.settle()
    }
    #expect(try await plant.state(of: "B") == "watch")
    #expect(try await plant.state(of: "A") == "ok")
    let status = try await plant.overview().groups.first { $0.slice.cell == plant.cells[1] }
    #expect(status?.signs.map(\.kind) == [.disagreement])
    #expect(plant.trainer.started.isEmpty)
  }
}
