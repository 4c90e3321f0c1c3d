import Domain
import GroupDistil
import NeuralNet
import Testing

@Suite struct StudySeedTests {
  private func data() throws -> StudyData {
    let traffic = try shortcutRows(300, share: 0.5, seed: 44)
    return StudyData(
      train: try shortcutRows(700, share: 0.95, seed: 41).with(teacherLogits: nil),
      select: try shortcutRows(400, share: 0.5, seed: 42), test: try shortcutRows(2000, share: 0.5, seed: 43),
      unlabelledInputs: traffic.inputs, unlabelledGroups: traffic.groups,
      groups: (0..<4).map { GroupKey(cell: Cell(["\($0 % 2)"]), outcome: $0 / 2) },
      groupNames: (0..<4).map { "group \($0)" })
  }

  private func recipe(steps: Int = 240) throws -> StudyRecipe {
    var recipe = StudyRecipe(
      shape: try StudentShape(inputCount: 6, hiddenWidths: [12], classCount: 2), steps: steps, batch: 64)
    recipe.teacher.hiddenLayers = [.dense(width: 24)]
    recipe.teacher.training.stepCount = 300
    recipe.teacher.plainTraining?.stepCount = 300
    return recipe
  }

  private func oracle(isRight: Bool = true) throws -> StudyTeacher {
    let sign: Float = isRight ? 1 : -1
    func logits(_ count: Int, _ share: Double, _ seed: UInt64) throws -> [Float] {
      try (shortcutRows(count, share: share, seed: seed).teacherLogits ?? []).map { $0 * sign }
    }
    return .answers(
      name: "oracle", train: try logits(700, 0.95, 41), select: try logits(400, 0.5, 42),
      unlabelled: try logits(300, 0.5, 44))
  }

  private func run(_ seed: inout StudySeed, _ method: StudyMethod) throws -> StudyRun {
    var clock = 0.0
    return try seed.run(method) {
      clock += 1
      return clock
    } progress: { share in
      #expect((0...1.0000001).contains(share))
      return .more
    }
  }

  @Test func `every method runs, is repeatable, and counts every row of every group`() throws {
    let data = try data()
    var one = try StudySeed(data: data, recipe: recipe(), teacher: oracle(), seed: 7)
    var again = try StudySeed(data: data, recipe: recipe(), teacher: oracle(), seed: 7)
    #expect(one.teacherExamination.verdict == .trusted)
    #expect(one.teacherExamination.calibration?.rows == 400)
    for method in StudyMethod.allCases.reversed() {
      let run = try run(&one, method)
      #expect(run.method == method && run.seed == 7)
      #expect(run.testTallies.map(\.total) == data.test.groupSizes)
      #expect(run.selectTallies.map(\.total) == data.select.groupSizes)
      #expect(run.reasons.count == 4 && !run.trace.isEmpty)
      #expect(try self.run(&one, method) == run, "a method is trained once")
      #expect(try self.run(&again, method).testTallies == run.testTallies, "\(method)")
    }
  }

  @Test func `the portfolio closes the gap of plain training and tells what it chose`() throws {
    var seed = try StudySeed(data: data(), recipe: recipe(), teacher: oracle(), seed: 1)
    let plain = try #require(worstGroup(run(&seed, .erm).testTallies))
    let portfolio = try run(&seed, .portfolio)
    let kept = try #require(worstGroup(portfolio.testTallies))
    #expect(kept.accuracy > plain.accuracy + 0.1)
    let choice = try #require(portfolio.choice)
    #expect(choice.contains("select score") && choice.contains("better than plain training (lagging under it: group "))
    #expect(portfolio.seconds > (try run(&seed, .groupDistil)).seconds, "it costs what its arms cost")
  }

  @Test func `a teacher weaker than labels teaches no arm, but a method asked for is run`() throws {
    var seed = try StudySeed(data: data(), recipe: recipe(), teacher: oracle(isRight: false), seed: 1)
    #expect(seed.teacherExamination.verdict == .weaker)
    #expect(try run(&seed, .portfolio).choice?.hasPrefix("no arm was distilled: not used: on the select rows") == true)
    #expect(try run(&seed, .kd).testTallies.count == 4)
  }

  @Test func `without a teacher the portfolio goes on with labels, and distillation is refused`() throws {
    var seed = try StudySeed(data: data(), recipe: recipe(), teacher: .absent("there is none"), seed: 1)
    #expect(seed.teacherExamination.verdict == .absent)
    #expect(try run(&seed, .portfolio).choice?.contains("there is none") == true)
    #expect(throws: DistilError.noTeacherLogits) { try run(&seed, .groupDistil) }
    #expect(try run(&seed, .dfr).choice == "the last layer of balanced's student, fitted again on balanced select rows")
  }

  @Test func `two teachers are trained here, and the one with the better worst group teaches`() throws {
    let seed = try StudySeed(data: data(), recipe: recipe(), teacher: .train, seed: 1)
    func worst(_ examination: TeacherExamination) -> Double { examination.scores.compactMap(\.accuracy).min() ?? 0 }
    let other = try #require(seed.otherTeachers.first)
    #expect(worst(seed.teacherExamination) >= worst(other))
    #expect(seed.teacherExamination.name == "trained here (24, robust over groups)")
    #expect(other.name == "trained here (24, plain)")
  }

  @Test func `stopping stops`() throws {
    var seed = try StudySeed(data: data(), recipe: recipe(), teacher: oracle(), seed: 1)
    #expect(throws: DistilError.self) { try seed.run(.kd, now: { 0 }, progress: { _ in .stop }) }
    #expect(throws: DistilError.self) {
      try StudySeed(data: data(), recipe: recipe(), teacher: .train, seed: 1, progress: { _ in .stop })
    }
  }

  @Test func `overrides reach the methods, and evaluations stay a dozen`() throws {
    let recipe = StudyRecipe(
      shape: try StudentShape(inputCount: 6, hiddenWidths: [12], classCount: 2), steps: 360, batch: 32, alpha: 0.7,
      temperature: 3)
    let parameters = recipe.parameters(for: .groupDistil)
    #expect(parameters.stepCount == 360 && parameters.evaluationInterval == 30 && parameters.batchSize == 32)
    #expect(parameters.alpha == 0.7 && parameters.temperature == 3)
    #expect(recipe.parameters(for: .balanced).alpha == 0)
    #expect(recipe.parameters(for: .erm).checkpoint == .average)
  }
}
