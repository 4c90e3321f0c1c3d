import GroupDistil
import NeuralNet
import Testing

@Suite struct TeacherTrainingTests {
  private var small: TeacherParameters {
    var small = TeacherParameters()
    small.hiddenLayers = [.dense(width: 64)]
    small.training.stepCount = 400
    small.training.learningRate = 1e-2
    small.training.batchSize = 64
    return small
  }

  /// Labels that nothing explains: whoever gets them right has seen them.
  private func noise(_ count: Int) throws -> TrainingRows {
    var random = Generator(seed: 21)
    return try TrainingRows(
      inputs: (0..<(count * 12)).map { _ in Float(random.normal()) }, featureCount: 12,
      labels: (0..<count).map { _ in random.index(below: 2) }, classCount: 2, groups: (0..<count).map { $0 % 2 },
      groupCount: 2)
  }

  private func accuracy(_ tallies: [GroupTally]) -> Double {
    Double(tallies.reduce(0) { $0 + $1.correct }) / Double(tallies.reduce(0) { $0 + $1.total })
  }

  @Test func `no row's out-of-fold logits come from a network that has seen its label`() throws {
    let rows = try noise(240)
    let teacher = try trainTeacherOutOfFold(
      rows: rows, select: rows, folds: (0..<240).map { $0 % 3 }, parameters: small, seed: 5)
    #expect(abs(accuracy(tally(logits: teacher.outOfFoldLogits, rows: rows)) - 0.5) < 0.12)
    #expect(accuracy(tally(teacher.final.student, rows: rows)) > 0.95)
  }

  @Test func `out-of-fold logits are the fold's own teacher's and repeatable`() throws {
    let rows = try shortcutRows(200, share: 0.5, seed: 3)
    let folds = (0..<200).map { $0 % 2 }
    func run() throws -> TrainedTeacher {
      try trainTeacherOutOfFold(rows: rows, select: rows, folds: folds, foldCount: 2, parameters: small, seed: 9)
    }
    let teacher = try run()
    let again = try run()
    #expect(teacher.outOfFoldLogits == again.outOfFoldLogits)
    #expect(teacher.final.student == again.final.student)
    let odd = (0..<200).filter { $0 % 2 == 1 }
    let even = (0..<200).filter { $0 % 2 == 0 }
    let first = try trainTeacher(rows: rows.subset(odd), select: rows, parameters: small, seed: 9)
    let answers = first.student.logits(rows.subset(even).inputs, rowCount: 100)
    let fromFold = even.flatMap { row in Array(teacher.outOfFoldLogits[(row * 2)..<(row * 2 + 2)]) }
    #expect(answers == fromFold)
  }

  @Test func `a teacher learns the shortcut's cure from labels in balanced batches`() throws {
    let rows = try shortcutRows(1500, share: 0.7, seed: 31)
    let select = try shortcutRows(300, share: 0.5, seed: 32)
    let test = try shortcutRows(1000, share: 0.5, seed: 33)
    let teacher = try trainTeacher(rows: rows, select: select, parameters: small, seed: 1)
    let worst = tally(teacher.student, rows: test).compactMap(\.accuracy).min() ?? 0
    #expect(worst > 0.75, "\(worst)")
  }

  @Test func `progress counts through all networks and a stop ends the work`() throws {
    let rows = try noise(60)
    let folds = (0..<60).map { $0 % 3 }
    var steps: [TrainingStep] = []
    _ = try trainTeacherOutOfFold(rows: rows, select: rows, folds: folds, parameters: small, seed: 1) { step in
      steps.append(step)
      return .more
    }
    #expect(steps.map(\.step) == steps.map(\.step).sorted())
    #expect(steps.allSatisfy { $0.stepCount == 1600 })
    #expect(steps.contains { $0.step > 1200 })
    #expect(throws: DistilError.stoppedEarly(step: 50)) {
      try trainTeacherOutOfFold(rows: rows, select: rows, folds: folds, parameters: small, seed: 1) { _ in .stop }
    }
  }

  @Test func `folds that do not fit are refused, and so is a taught teacher`() throws {
    let rows = try noise(60)
    #expect(throws: DistilError.self) {
      try trainTeacherOutOfFold(rows: rows, select: rows, folds: [0], parameters: small, seed: 1)
    }
    #expect(throws: DistilError.self) {
      try trainTeacherOutOfFold(
        rows: rows, select: rows, folds: Array(repeating: 3, count: 60), parameters: small, seed: 1)
    }
    var taught = small
    taught.training.alpha = 0.5
    #expect(throws: DistilError.self) { try trainTeacher(rows: rows, select: rows, parameters: taught, seed: 1) }
  }
}
