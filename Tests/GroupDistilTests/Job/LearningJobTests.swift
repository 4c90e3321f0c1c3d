import Domain
import GroupDistil
import NeuralNet
import Testing

/// A plant of two molds: the class is the sign of x0, but of -x0 on the rare mold, which x1 tells apart.
private struct TwoMolds {
  let inputs: [Float]
  let labels: [Int]
  let groups: [Int]
  let keys = [GroupKey(cell: Cell(["common"])), GroupKey(cell: Cell(["rare"]))]
  var count: Int { labels.count }

  init(count: Int, rareShare: Double = 0.2, seed: UInt64 = 3) {
    var random = Generator(seed: seed)
    var inputs: [Float] = []
    var labels: [Int] = []
    var groups: [Int] = []
    for _ in 0..<count {
      let isRare = random.uniform() < rareShare
      let x0 = random.normal()
      inputs += [Float(x0 * 10 + 50), isRare ? 1 : 0]
      labels.append((x0 > 0) != isRare ? 1 : 0)
      groups.append(isRare ? 1 : 0)
    }
    self.inputs = inputs
    self.labels = labels
    self.groups = groups
  }

  /// Logits of a teacher that is always right, or right on the common mold alone.
  func answers(isRightOnRare: Bool = true) -> [Float] {
    zip(labels, groups).flatMap { label, group -> [Float] in
      let answer = group == 1 && !isRightOnRare ? 1 - label : label
      return answer == 1 ? [-3, 3] : [3, -3]
    }
  }

  func job(teacher: JobTeacher, seed: UInt64 = 1) throws -> LearningJob {
    let shape = try StudentShape(inputCount: 2, hiddenWidths: [16], classCount: 2)
    let rows = try TrainingRows(
      inputs: inputs, featureCount: 2, labels: labels, classCount: 2, groups: groups, groupCount: 2)
    let strata = zip(groups, labels).map { $0 * 2 + $1 }
    return LearningJob(
      rows: rows, folds: .timeOrdered(strata: strata), groups: keys, groupNames: ["mold=common", "mold=rare"],
      parts: (0..<count).map { "P\($0)" }, teacher: teacher, shape: shape, seed: seed, remarks: ["read from a test"])
  }
}

private func run(_ job: LearningJob, stopAt fraction: Double = 2) throws -> (LearnedLine, [TrainingProgress]) {
  var told: [TrainingProgress] = []
  var clock = 0.0
  let learned = try job.run {
    clock += 0.01
    return clock
  } progress: { progress in
    told.append(progress)
    return progress.fraction >= fraction ? .stop : .more
  }
  return (learned, told)
}

@Test func `a first student learns both molds and is reported on rows it has not seen`() throws {
  let plant = TwoMolds(count: 1500)
  let (learned, told) = try run(
    plant.job(teacher: .answers(name: "oracle", labelled: plant.answers(), unlabelled: nil)))
  let report = learned.report
  #expect(learned.student != nil && learned.teacher == nil)
  #expect(report.teacher.verdict == .trusted)
  #expect(
    report.arms.map(\.name) == [
      "labels, plain training", "labels only", "labels only, Group DRO", "distilled, balanced", "GroupDistil alpha 0.5",
      "GroupDistil alpha 0.9", "GroupDistil held-out",
    ])
  #expect(report.arms.allSatisfy { $0.skipped == nil && $0.selectScore != nil && $0.reasons.count == 2 })
  #expect(report.remarks.contains { $0.contains("plain training") }, "the gate's verdict is told")
  #expect(report.folds.map { $0.train + $0.select + $0.heldOut }.reduce(0, +) == 1500)
  #expect(report.heldOutScores.map(\.total) == report.folds.map(\.heldOut))
  #expect(report.heldOutScores.allSatisfy { ($0.accuracy ?? 0) > 0.9 })
  #expect(report.teacher.scores.allSatisfy { $0.accuracy == 1 })
  #expect(report.pairs.isEmpty)
  #expect(report.remarks.first == "read from a test")
  #expect(zip(told, told.dropFirst()).allSatisfy { $0.fraction <= $1.fraction })
  #expect(told.last?.fraction == 1)
  #expect(told.allSatisfy { ($0.secondsLeft ?? 0) >= 0 })
}

@Test func `the same seed gives the same student`() throws {
  let plant = TwoMolds(count: 600)
  let teacher = JobTeacher.answers(name: "oracle", labelled: plant.answers(), unlabelled: nil)
  let first = try run(plant.job(teacher: teacher)).0.student
  #expect(try run(plant.job(teacher: teacher)).0.student == first)
  #expect(try run(plant.job(teacher: teacher, seed: 2)).0.student != first)
}

@Test func `a teacher weaker than labels teaches nothing, and the report says where it is weak`() throws {
  let plant = TwoMolds(count: 1500)
  let (learned, _) = try run(
    plant.job(teacher: .answers(name: "one-sided", labelled: plant.answers(isRightOnRare: false), unlabelled: nil)))
  let report = learned.report
  #expect(report.teacher.verdict == .weaker)
  #expect(report.teacher.sentence.contains("weaker in mold=rare (0.0 % against"))
  #expect(report.chosenArm?.hasPrefix("labels") == true)
  #expect(report.arms.prefix(3).allSatisfy { $0.skipped == nil })
  #expect(
    report.arms.dropFirst(3).allSatisfy { $0.skipped == "the teacher is weaker than labels alone here" },
    "the figures stand once, with the teacher")
}

@Test func `without a teacher the arms on labels go on alone`() throws {
  let (learned, _) = try run(TwoMolds(count: 600).job(teacher: .absent("there is none")))
  #expect(learned.student != nil)
  #expect(learned.report.teacher.verdict == .absent)
  #expect(learned.report.arms.dropFirst(3).allSatisfy { $0.skipped == "no teacher: there is none" })
}

@Test func `a teacher trained here comes back with the student`() throws {
  var parameters = TeacherParameters()
  parameters.hiddenLayers = [.dense(width: 24)]
  parameters.training.stepCount = 300
  let (learned, told) = try run(TwoMolds(count: 900).job(teacher: .train(parameters)))
  let teacher = try #require(learned.teacher)
  #expect(teacher.shape.hiddenWidths == [24])
  #expect(learned.report.teacher.name.contains("24"))
  #expect(learned.report.teacher.scores.allSatisfy { $0.total > 0 && ($0.accuracy ?? 0) > 0.85 })
  #expect(told.first?.stage == "teacher")
}

@Test func `unlabelled rows take part where a teacher answers for them`() throws {
  let plant = TwoMolds(count: 600)
  let traffic = TwoMolds(count: 400, rareShare: 0.5, seed: 9)
  var job = try plant.job(
    teacher: .answers(name: "oracle", labelled: plant.answers(), unlabelled: traffic.answers()))
  job.unlabelledInputs = traffic.inputs
  job.unlabelledGroups = traffic.groups
  let (learned, _) = try run(job)
  #expect(learned.report.remarks.last?.contains("400 unlabelled rows") == true)
}

@Test func `a job that is told to stop stops`() throws {
  let job = try TwoMolds(count: 600).job(teacher: .absent("none"))
  #expect(throws: DistilError.self) { _ = try run(job, stopAt: 0.1) }
}

@Test func `a fold without rows is told`() throws {
  var job = try TwoMolds(count: 600).job(teacher: .absent("none"))
  job.folds = FoldPlan.retraining(
    strata: Array(repeating: 0, count: 600), parts: (0..<600).map(String.init), gateRowsMinimum: 600)
  let error = #expect(throws: DistilError.self) { _ = try run(job) }
  #expect(error?.description.contains("600 held out") == true)
}
