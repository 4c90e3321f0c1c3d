import Domain
import GroupDistil
import NeuralNet

/// One student to train on a bench.
struct BenchTraining: Hashable, Sendable {
  let bench: Bench
  var teacher = BenchTeacher.rich
  let way: Way

  enum Way: Hashable, Sendable {
    /// With the product's recipe and scaling, as `kaizenctl study` runs it.
    case study(StudyMethod)
    /// Of the product's arms the one with the best select score, whether or not the portfolio's gate lets it through.
    case bestArm
    /// With the recipe and the raw inputs that the table of `learning.md` 2.4 was measured with.
    case table(TableMethod)
  }

  enum TableMethod: Hashable, Sendable {
    case method(StudyMethod)
    /// Scale-free GroupDistil with this step and these batches.
    case groupDistil(strength: Double, batches: BatchDraw)
    /// GroupDistil moved by the loss itself, uniform batches.
    case raw(step: Double)
    /// Balanced distillation beside `times` as many unlabelled rows as each group has labelled ones.
    case unlabelled(times: Int)
  }

  /// Test accuracies in percent.
  struct Scores: Sendable, Equatable {
    /// Of the worst group that counts.
    let worst: Double
    /// Mean over the groups that count.
    let average: Double
  }

  func run(seed: UInt64, folder: BenchFolder) throws -> Scores {
    let rows = try folder.rows(bench, seed: seed, teacher: teacher)
    let tallies =
      switch way {
      case .study(let method): try study(rows, seed: seed).run(method).testTallies
      case .bestArm: try bestArm(rows, seed: seed)
      case .table(let method): try train(method, rows, seed: seed)
      }
    return Scores(tallies, counted: rows.countedGroups)
  }

  private func study(_ rows: BenchRows, seed: UInt64) throws -> StudySeed {
    try StudySeed(
      data: rows.data.withoutUnlabelled, recipe: StudyRecipe(shape: try bench.shape()),
      teacher: .answers(
        name: teacher.rawValue, train: rows.trainLogits, select: rows.selectLogits, unlabelled: nil),
      seed: seed)
  }

  private func bestArm(_ rows: BenchRows, seed: UInt64) throws -> [GroupTally] {
    var study = try study(rows, seed: seed)
    let arms: [StudyMethod] = [.balanced, .groupDRO, .kdBalanced, .groupDistil, .groupDistilHeldOut]
    var runs: [StudyRun] = []
    for method in arms { runs.append(try study.run(method, now: { 0 }, progress: { _ in .more })) }
    let scores = runs.map { selectScore($0.selectTallies) }
    guard let choice = ArmChoice(names: arms.map(\.rawValue), scores: scores, tie: 0) else {
      throw BenchFailure("no arm was trained")
    }
    return runs[choice.index].testTallies
  }

  /// AdamW 2e-3, 1000 steps of 128 rows, alpha .9, temperature 4; the checkpoint with the best worst group, for the
  /// plain ways too, so that none loses by how its checkpoint is chosen.
  private static func tableParameters(_ method: StudyMethod, _ shape: StudentShape) -> DistilParameters {
    var recipe = StudyRecipe(shape: shape)
    recipe.shared = DistilParameters()
    var parameters = recipe.parameters(for: method)
    parameters.checkpoint = .worstGroup
    return parameters
  }

  private func train(_ method: TableMethod, _ rows: BenchRows, seed: UInt64) throws -> [GroupTally] {
    let data = rows.data
    let shape = try bench.shape()
    var parameters: DistilParameters
    var unlabelled: UnlabelledRows?
    switch method {
    case .method(let method): parameters = Self.tableParameters(method, shape)
    case .groupDistil(let strength, let batches):
      parameters = Self.tableParameters(.groupDistil, shape)
      parameters.weighting = .scaleFree(strength: strength)
      parameters.batches = batches
    case .raw(let step):
      parameters = Self.tableParameters(.groupDistilRaw, shape)
      parameters.weighting = .raw(step: step)
    case .unlabelled(let times):
      parameters = Self.tableParameters(.kdBalanced, shape)
      unlabelled = try rows.unlabelled(times: times)
    }
    // Start and draw of a seed are the same for all ways, as in a study.
    let initial = Student(shape: shape, standardizer: Standardizer(identity: shape.inputCount), seed: seed)
    let trained = try GroupDistil.train(
      initial: initial, rows: try data.train.with(teacherLogits: rows.trainLogits), select: data.select,
      unlabelled: unlabelled, parameters: parameters, seed: seed &+ 1
    ) { _ in .more }
    return tally(trained.student, rows: data.test)
  }
}

extension StudySeed {
  /// Runs one method to its end.
  func run(_ method: StudyMethod) throws(DistilError) -> StudyRun {
    var seed = self
    return try seed.run(method, now: { 0 }, progress: { _ in .more })
  }
}

extension BenchTraining.Scores {
  init(_ tallies: [GroupTally], counted: [Int]) {
    let accuracies = counted.compactMap { tallies[$0].accuracy }
    worst = 100 * (accuracies.min() ?? .nan)
    average = 100 * accuracies.reduce(0, +) / Double(accuracies.count)
  }
}
