import Domain
import GroupDistil
import NeuralNet
import Testing

@Suite struct RetrainJobTests {
  /// Rows of cell B alone, as they are now.
  private func rows(_ count: Int, turned: Set<Int>, noise: Double = 0.03, seed: UInt64 = 7) -> TurnedPlant {
    TurnedPlant(perCell: [0, count, 0], turned: turned, noise: noise, seed: seed)
  }

  private func skipped(_ report: TrainingReport, _ name: String) throws -> String? {
    try #require(report.arms.first { $0.name == name }, "\(name) is not told of").skipped
  }

  @Test func `a challenger is counted against the incumbent on the gate's rows`() throws {
    let plant = rows(600, turned: [1])
    let job = try plant.job(incumbent: try TurnedPlant.student(turned: []))
    let learned = try job.run(JobHost())
    let report = learned.report
    #expect(
      report.arms.map(\.name) == [
        "the student before", "own head", "labels-only clone", "GroupDistil clone", "global with replay",
        "the teacher itself",
      ])
    #expect(report.pairs.map(\.group) == [TurnedPlant.keys[1]])
    let pair = try #require(report.pairs.first)
    let score = try #require(report.heldOutScores.first)
    #expect(pair.total == 240 && pair.total == score.total && pair.challengerCorrect == score.correct)
    #expect(pair.challengerCorrect - pair.championCorrect == pair.wins - pair.losses)
    #expect(pair.wins > 10 * (pair.losses + 1), "the incumbent is wrong on all of B")
    #expect(report.gateClasses?.reduce(0, +) == 240)
    #expect(report.teacherPairs == nil && report.resumedArms == nil)
    #expect(report.folds.map(\.group) == [TurnedPlant.keys[1]], "groups without rows are not told of")
    #expect(report.remarks.first == "read from a test")
    for name in [RetrainSpec.previousArm, RetrainSpec.distilledArm, RetrainSpec.globalArm, RetrainSpec.teacherArm] {
      #expect(try skipped(report, name)?.isEmpty == false)
    }
  }

  @Test func `after the world has turned back the student before is taken as it was`() throws {
    let before = try TurnedPlant.student(turned: [])
    var job = try rows(300, turned: []).job(incumbent: try TurnedPlant.student(turned: [1]))
    job.previous = JobStudent(version: ModelVersion(3), student: before)
    let learned = try job.run(JobHost())
    #expect(learned.report.chosenArm == RetrainSpec.previousArm)
    #expect(learned.student == before)
    #expect(learned.report.arms[0].reasons == ["student 3 as it was; nothing was trained"])
  }

  @Test func `a head of its own can be as good, and gives way to a clone that is`() throws {
    let incumbent = try TurnedPlant.student(turned: [])
    let learned = try rows(400, turned: [1]).job(incumbent: incumbent).run(JobHost())
    let arms = learned.report.arms
    let head = try #require(arms.first { $0.name == RetrainSpec.headArm }?.selectScore)
    let best = try #require(arms.compactMap(\.selectScore).max())
    #expect(head >= best - ArmChoice.cloneTie, "\(learned.report.remarks)")
    #expect(learned.report.chosenArm == RetrainSpec.labelsArm, "\(learned.report.remarks)")
    let student = try #require(learned.student)
    #expect(try rows(2000, turned: [1], noise: 0, seed: 9).accuracy(student, cell: 1) > 0.95)
  }

  @Test func `rows of one class give no head`() throws {
    let incumbent = try TurnedPlant.student(turned: [])
    let rows = try TrainingRows(
      inputs: (0..<300).flatMap { [Float($0 % 7) - 3, 0, 1, 0] }, featureCount: 4,
      labels: Array(repeating: 1, count: 300), classCount: 2, groups: Array(repeating: 1, count: 300), groupCount: 3)
    let job = RetrainJob(
      rows: rows,
      folds: .retraining(
        strata: Array(repeating: 0, count: 300), parts: (0..<300).map(String.init), gateRowsMinimum: 60),
      groups: TurnedPlant.keys, groupNames: TurnedPlant.names, serving: ServingStudents(incumbent: incumbent),
      teacher: .absent("none"), seed: 1)
    let report = try job.run(JobHost()).report
    #expect(try skipped(report, RetrainSpec.headArm)?.contains("one class") == true)
    #expect(try skipped(report, RetrainSpec.labelsArm) == nil)
  }

  // MARK: - The teacher

  /// The class is the sign of a product, which no student without a hidden layer knows.
  private func hardJob(answerMs: Double, latencyMs: Double = 10, isRight: Bool = true) throws -> (RetrainJob, Student) {
    let rows = try shortcutRows(900, share: 0.5, seed: 3)
    let select = try shortcutRows(300, share: 0.5, seed: 4)
    let teacher = try train(
      initial: newStudent(for: rows, hidden: [32, 16], seed: 1), rows: rows, select: select, parameters: .labelsOnly,
      seed: 1
    ) { _ in .more }.student
    let now = try shortcutRows(700, share: 0.5, seed: 5)
    let answers = teacher.logits(now.inputs, rowCount: now.count).map { isRight ? $0 : -$0 }
    let keys = (0..<4).map { GroupKey(cell: Cell(["\($0)"])) }
    let job = RetrainJob(
      rows: try now.with(teacherLogits: nil),
      folds: .retraining(strata: now.groups, parts: (0..<now.count).map(String.init), gateRowsMinimum: 200),
      groups: keys, groupNames: keys.map { $0.cell.values[0] },
      serving: ServingStudents(incumbent: try newStudent(for: now, hidden: [], seed: 1)),
      teacher: .answers(name: "trained", labelled: answers, unlabelled: nil),
      ownTeacher: OwnTeacher(student: teacher, answerMs: answerMs),
      limits: JobLimits(memoryBytes: 0, armSeconds: 60, latencyMs: latencyMs), seed: 1)
    return (job, teacher)
  }

  @Test func `where no student can learn it, the teacher itself is taken`() throws {
    let (job, teacher) = try hardJob(answerMs: 1)
    let learned = try job.run(JobHost())
    #expect(learned.report.chosenArm == RetrainSpec.teacherArm, "\(learned.report.remarks)")
    #expect(learned.student == teacher)
    #expect(learned.report.teacher.verdict == .trusted)
    let asked = try #require(learned.report.teacherPairs)
    #expect(asked.reduce(0) { $0 + $1.wins } > 5 * asked.reduce(0) { $0 + $1.losses })
  }

  @Test func `a teacher that answers too slowly, or is not trusted, does not serve`() throws {
    let slow = try hardJob(answerMs: 12.34).0.run(JobHost()).report
    #expect(slow.chosenArm != RetrainSpec.teacherArm)
    let reason = try #require(try skipped(slow, RetrainSpec.teacherArm))
    #expect(reason.contains("12.3 ms") && reason.contains("10.0 are allowed"), "\(reason)")
    let wrong = try hardJob(answerMs: 1, isRight: false).0.run(JobHost()).report
    #expect(try skipped(wrong, RetrainSpec.teacherArm) == "the teacher is weaker than labels alone here")
    #expect(try skipped(wrong, RetrainSpec.distilledArm) == "the teacher is weaker than labels alone here")
  }

  @Test func `unlabelled rows take part where the teacher passed its examination, and only there`() throws {
    let incumbent = try TurnedPlant.student(turned: [])
    let plant = rows(300, turned: [1])
    let traffic = rows(400, turned: [1], noise: 0, seed: 11)
    func report(_ answers: [Float]) throws -> TrainingReport {
      var job = try plant.job(
        incumbent: incumbent, teacher: .answers(name: "oracle", labelled: answers, unlabelled: traffic.answers))
      job.unlabelledInputs = traffic.inputs
      job.unlabelledGroups = traffic.groups
      return try job.run(JobHost()).report
    }
    let trusted = try report(plant.answers)
    #expect(trusted.unlabelledRows == 400)
    #expect(trusted.remarks.last?.contains("400 unlabelled rows") == true)
    let weaker = try report(plant.answers.map { -$0 })
    #expect(weaker.unlabelledRows == 0)
    #expect(weaker.teacher.verdict == .weaker)
  }

  // MARK: - Rows of other cells

  @Test func `rows of other cells keep a global student from forgetting them, and decide nothing`() throws {
    let incumbent = try TurnedPlant.student(turned: [])
    let plant = rows(400, turned: [1])
    let kept = KeptArms()
    var job = try plant.job(
      incumbent: incumbent, teacher: .answers(name: "oracle", labelled: plant.answers, unlabelled: nil))
    job.replay = try TurnedPlant(perCell: [200, 0, 200], turned: [1], seed: 21).rows()
    let report = try job.run(kept.host()).report
    #expect(report.folds.map(\.group) == [TurnedPlant.keys[1]])
    #expect(report.pairs.map(\.group) == [TurnedPlant.keys[1]])
    #expect(report.remarks.contains { $0.contains("400 labelled rows of 2 other cells") })
    let global = try kept.arm(RetrainSpec.globalArm)
    #expect(global.report.skipped == nil && global.report.selectScores.map(\.group) == [TurnedPlant.keys[1]])
    let student = try #require(global.student)
    let now = TurnedPlant(perCell: [500, 500, 500], turned: [1], seed: 22)
    for cell in 0..<3 { #expect(try now.accuracy(student, cell: cell) > 0.9, "cell \(cell)") }
  }

  // MARK: - One student for the whole line

  /// Three students, each right about its own cell, of which B is turned.
  private func wholeJob(turned: Set<Int>, lagging: Set<Cell> = []) throws -> (RetrainJob, TurnedPlant) {
    let plant = TurnedPlant(perCell: [400, 400, 400], turned: turned, noise: 0.03, seed: 31)
    let champion = try TurnedPlant.student(turned: [])
    let own = try TurnedPlant.student(turned: [0, 1, 2], seed: 5)
    let strata = zip(plant.groups, plant.labels).map { $0 * 2 + $1 }
    let job = RetrainJob(
      scope: .whole, rows: try plant.rows(),
      folds: .consolidation(
        cells: plant.groups, strata: strata, parts: (0..<plant.count).map { "P\($0)" }, gateRowsMinimum: 100),
      groups: TurnedPlant.keys, groupNames: TurnedPlant.names, laggingCells: lagging,
      serving: ServingStudents(incumbent: champion, others: [(own, [TurnedPlant.cells[1]])]),
      teacher: .absent("no group lags"), seed: 1)
    return (job, plant)
  }

  @Test func `students of some cells are merged into one that is as good as each in its place`() throws {
    let (job, _) = try wholeJob(turned: [1])
    let learned = try job.run(JobHost())
    #expect(learned.report.arms.map(\.name) == ["labels-only clone", "consolidated"])
    #expect(learned.report.chosenArm == RetrainSpec.consolidatedArm)
    #expect(learned.report.pairs.map(\.group) == TurnedPlant.keys)
    for pair in learned.report.pairs {
      #expect(pair.total == 160)
      // Against the student that serves the cell, not the champion: that one is wrong about all of B.
      #expect(Double(pair.championCorrect) > 0.9 * Double(pair.total), "\(pair)")
      #expect(abs(pair.challengerCorrect - pair.championCorrect) <= 8, "\(pair)")
    }
    let student = try #require(learned.student)
    let now = TurnedPlant(perCell: [500, 500, 500], turned: [1], seed: 32)
    for cell in 0..<3 { #expect(try now.accuracy(student, cell: cell) > 0.93, "cell \(cell)") }
  }

  @Test func `in a lagging cell the labels teach, not the student that fails there`() throws {
    // C has turned too, and its student does not know.
    let (job, _) = try wholeJob(turned: [1, 2], lagging: [TurnedPlant.cells[2]])
    let kept = KeptArms()
    let report = try job.run(kept.host()).report
    let student = try #require(try kept.arm(RetrainSpec.consolidatedArm).student)
    let now = TurnedPlant(perCell: [500, 500, 500], turned: [1, 2], seed: 33)
    for cell in 0..<3 { #expect(try now.accuracy(student, cell: cell) > 0.9, "cell \(cell)") }
    #expect(report.pairs.last.map { $0.wins > 10 * ($0.losses + 1) } == true)
  }

  // MARK: - Broken off, and limits

  @Test(arguments: 0...5)
  func `a job that is broken off between two arms ends as if it had not been`(arms: Int) throws {
    let incumbent = try TurnedPlant.student(turned: [])
    let plant = rows(300, turned: [1])
    var job = try plant.job(
      incumbent: incumbent, teacher: .answers(name: "oracle", labelled: plant.answers, unlabelled: nil))
    job.previous = JobStudent(version: ModelVersion(1), student: try TurnedPlant.student(turned: [0], seed: 3))
    job.replay = try TurnedPlant(perCell: [100, 0, 100], turned: [1], seed: 21).rows()
    let whole = try job.run(JobHost())
    let kept = KeptArms()
    kept.breakAfter = arms
    #expect(throws: DistilError.self) { _ = try job.run(kept.host()) }
    #expect(kept.arms.count == arms)
    kept.breakAfter = nil
    let resumed = try job.run(kept.host())
    #expect(resumed.student == whole.student)
    var report = resumed.report
    #expect(report.resumedArms ?? [] == whole.report.arms.prefix(arms).map(\.name))
    report.resumedArms = nil
    #expect(report == whole.report)
  }

  @Test func `an arm whose time is over keeps its best checkpoint, or is skipped where it has none`() throws {
    let job = try rows(300, turned: [1]).job(incumbent: try TurnedPlant.student(turned: []))
    func report(secondsPerStep: Double) throws -> TrainingReport {
      var limited = job
      limited.limits = JobLimits(memoryBytes: 0, armSeconds: 120, latencyMs: 10)
      var clock = 0.0
      let host = KeptArms().host(cpuSeconds: {
        clock += secondsPerStep
        return clock
      })
      return try limited.run(host).report
    }
    let labels = try #require(try report(secondsPerStep: 1).arms.first { $0.name == RetrainSpec.labelsArm })
    #expect(labels.skipped == nil && labels.steps <= 150)
    #expect(labels.reasons.last?.contains("120 seconds of computing") == true, "\(labels.reasons)")
    #expect(try skipped(try report(secondsPerStep: 10), RetrainSpec.labelsArm)?.contains("120 seconds") == true)
  }

  @Test func `a fold without rows is told`() throws {
    var job = try rows(300, turned: [1]).job(incumbent: try TurnedPlant.student(turned: []))
    job.folds = FoldPlan.retraining(
      strata: Array(repeating: 0, count: 300), parts: (0..<300).map(String.init), gateRowsMinimum: 300)
    let error = #expect(throws: DistilError.self) { _ = try job.run(JobHost()) }
    #expect(error?.description.contains("300 for the gate") == true)
  }
}
