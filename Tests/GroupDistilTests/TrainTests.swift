import GroupDistil
import NeuralNet
import Testing

@Suite struct TrainTests {
  private func quick(_ change: (inout DistilParameters) -> Void = { _ in }) -> DistilParameters {
    parameters {
      $0.stepCount = 150
      change(&$0)
    }
  }

  @Test func `GroupDistil's worst group beats plain distillation's in every seed`() throws {
    var gains: [Double] = []
    for seed in 0..<4 as Range<UInt64> {
      let rows = try shortcutRows(1000, share: 0.95, seed: seed)
      let select = try shortcutRows(400, share: 0.5, seed: seed + 100)
      let test = try shortcutRows(2000, share: 0.5, seed: seed + 200)
      let initial = try newStudent(for: rows, seed: seed)
      func worst(_ parameters: DistilParameters) throws -> Double {
        let trained = try train(
          initial: initial, rows: rows, select: select, parameters: parameters, seed: seed
        ) { _ in .more }
        return tally(trained.student, rows: test).compactMap(\.accuracy).min() ?? 0
      }
      let plain = try worst(
        parameters {
          $0.stepCount = 400
          $0.weighting = .none
          $0.batches = .uniform
        })
      gains.append(try worst(parameters { $0.stepCount = 400 }) - plain)
    }
    #expect(gains.allSatisfy { $0 > 0.03 }, "\(gains)")
    #expect(gains.reduce(0, +) / 4 > 0.15, "\(gains)")
  }

  @Test(arguments: InstructionSet.available)
  func `one seed gives the same bits, another does not`(set: InstructionSet) throws {
    let rows = try shortcutRows(300, share: 0.9, seed: 1)
    let select = try shortcutRows(100, share: 0.5, seed: 2)
    let initial = try newStudent(for: rows, seed: 3)
    func run(_ seed: UInt64) throws -> TrainedStudent {
      try train(initial: initial, rows: rows, select: select, parameters: quick(), seed: seed, on: set) { _ in .more }
    }
    let one = try run(4)
    let again = try run(4)
    let other = try run(5)
    #expect(one.student.bytes == again.student.bytes)
    #expect(one.trace == again.trace)
    #expect(one.score == again.score)
    #expect(one.student.bytes != other.student.bytes)
    #expect(one.instructionSet == set)
  }

  @Test func `the trace tells every evaluation of every group and its weights sum to one`() throws {
    let rows = try shortcutRows(400, share: 0.98, seed: 6)
    let select = try shortcutRows(100, share: 0.5, seed: 7)
    let trained = try train(
      initial: newStudent(for: rows, seed: 1), rows: rows, select: select, parameters: quick(), seed: 1
    ) { _ in .more }
    #expect(Set(trained.trace.map(\.step)) == [50, 100, 150])
    for step in [50, 100, 150] {
      let records = trained.trace.filter { $0.step == step }
      #expect(records.map(\.group) == [0, 1, 2, 3])
      #expect(records.map(\.rows) == rows.groupSizes)
      #expect(abs(records.reduce(0) { $0 + $1.weight } - 1) < 1e-9)
      #expect(records.map(\.selectTotal) == select.groupSizes)
    }
    let kept = trained.trace.filter { $0.step == trained.steps }
    #expect(kept.map(\.selectCorrect) == trained.selectTallies.map(\.correct))
    #expect(tally(trained.student, rows: select) == trained.selectTallies)
    #expect(selectScore(trained.selectTallies) == trained.score)
    #expect(trained.end == .allSteps)
  }

  @Test func `the reasons tell weight, cause and limits`() throws {
    let rows = try shortcutRows(600, share: 0.9, seed: 6)
    let select = try shortcutRows(100, share: 0.5, seed: 7)
    func reasons(_ rows: TrainingRows, _ change: (inout DistilParameters) -> Void = { _ in }) throws -> [String] {
      try train(
        initial: newStudent(for: rows, seed: 1), rows: rows, select: select, parameters: quick(change), seed: 1
      ) { _ in .more }.reasons
    }
    for reason in try reasons(rows) {
      #expect(reason.hasPrefix("weight 0."))
      #expect(reason.contains("x uniform): mean loss ") && reason.contains("x the average over 150 steps; cap "))
    }
    for reason in try reasons(rows, { $0.weighting = .none }) {
      #expect(
        reason == "no group weights in this run: batches draw groups in proportion to the square root of their rows")
    }
    let single = rows.subset(rows.groups.indices.filter { rows.groups[$0] == 0 })
    let alone = try reasons(single)
    #expect(alone[0] == "weight 1: there is only one group to weigh")
    #expect(alone[1] == "no weight: it has no training rows")
    var few = 0
    let scarce = rows.subset(
      rows.groups.indices.filter {
        few += rows.groups[$0] == 1 ? 1 : 0
        return rows.groups[$0] != 1 || few <= 4
      })
    let pooled = try reasons(scarce)
    #expect(pooled[1].contains("weighed together with 1 other group") && pooled[3] != pooled[0])
  }

  @Test func `the caller can stop, and no gain stops by itself`() throws {
    let rows = try shortcutRows(200, share: 0.9, seed: 6)
    let select = try shortcutRows(60, share: 0.5, seed: 7)
    let initial = try newStudent(for: rows, seed: 1)
    var told: [TrainingStep] = []
    let stopped = try train(initial: initial, rows: rows, select: select, parameters: quick(), seed: 1) { step in
      told.append(step)
      return step.step == 100 ? .stop : .more
    }
    #expect(stopped.end == .stopped)
    #expect(stopped.stepsRun == 100)
    #expect(told.map(\.step) == [50, 100])
    #expect(told.allSatisfy { $0.stepCount == 150 && $0.bestScore >= $0.score })
    let still = quick {
      $0.learningRate = 1e-12
      $0.stepCount = 5000
      $0.patience = 3
      $0.minimumStepCount = 300
    }
    let ended = try train(initial: initial, rows: rows, select: select, parameters: still, seed: 1) { _ in .more }
    #expect(ended.end == .noGain)
    #expect(ended.stepsRun == 300)
    #expect(ended.steps == 300, "of equal checkpoints the latest is kept")
  }

  @Test func `unlabelled traffic with a good teacher helps the worst group`() throws {
    let rows = try shortcutRows(600, share: 0.95, seed: 11)
    let select = try shortcutRows(300, share: 0.5, seed: 12)
    let test = try shortcutRows(2000, share: 0.5, seed: 13)
    let traffic = try shortcutRows(3000, share: 0.5, seed: 14)
    let unlabelled = try UnlabelledRows(
      inputs: traffic.inputs, featureCount: 6, teacherLogits: #require(traffic.teacherLogits), classCount: 2,
      groups: traffic.groups)
    let initial = try newStudent(for: rows, hidden: [16], seed: 1)
    func worst(_ unlabelled: UnlabelledRows?, alpha: Float) throws -> Double {
      let trained = try train(
        initial: initial, rows: rows, select: select, unlabelled: unlabelled,
        parameters: parameters {
          $0.stepCount = 600
          $0.alpha = alpha
        }, seed: 2
      ) { _ in .more }
      return tally(trained.student, rows: test).compactMap(\.accuracy).min() ?? 0
    }
    #expect(try worst(unlabelled, alpha: 0.9) > worst(nil, alpha: 0.9) + 0.1)
    #expect(try worst(unlabelled, alpha: 0) > worst(nil, alpha: 0) + 0.1)
  }
}
