import GroupDistil
import NeuralNet
import Testing

@Suite struct MixupTests {
  private func run(_ below: Int) throws -> Student {
    let rows = try shortcutRows(400, share: 0.9, seed: 5)
    return try train(
      initial: newStudent(for: rows, seed: 1), rows: rows, select: shortcutRows(200, share: 0.5, seed: 6),
      parameters: parameters {
        $0.stepCount = 200
        $0.mixupBelow = below
      }, seed: 1
    ) { _ in .more }.student
  }

  @Test func `only groups below the bound are mixed`() throws {
    let plain = try run(0)
    #expect(try run(5) == plain, "no group has fewer than five rows")
    let mixed = try run(DistilParameters.usualMixupBelow)
    #expect(mixed != plain)
    #expect(try run(DistilParameters.usualMixupBelow) == mixed, "and the same way again")
  }

  @Test func `mixing within a class leaves linearly separable classes as they are`() throws {
    var random = Generator(seed: 4)
    let labels = (0..<120).map { $0 % 2 }
    let rows = try TrainingRows(
      inputs: labels.flatMap { [Float($0 == 1 ? 2 : -2) + Float(random.normal()) * 0.3, Float(random.normal())] },
      featureCount: 2, labels: labels, classCount: 2, groups: labels.map { _ in 0 }, groupCount: 1)
    let trained = try train(
      initial: newStudent(for: rows, seed: 1), rows: rows, select: rows,
      parameters: parameters {
        $0.alpha = 0
        $0.stepCount = 600
        $0.mixupBelow = 200
      }, seed: 1
    ) { _ in .more }
    #expect(trained.selectTallies[0].accuracy == 1)
  }
}
