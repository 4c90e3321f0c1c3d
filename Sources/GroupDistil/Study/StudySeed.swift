import Domain
import NeuralNet

/// One seed of a study: what its methods share (the teacher's answers, the start of the student), and their results.
///
/// A pure function of data, recipe, teacher and seed; `now` is for the seconds in the results alone.
public struct StudySeed: Sendable {
  public let data: StudyData
  public let recipe: StudyRecipe
  public let seed: UInt64
  /// What the teacher is worth on the select rows, beside the student trained on labels with balanced batches.
  public let teacherExamination: TeacherExamination
  /// Those not used: of two trained here the one with the weaker worst group.
  public let otherTeachers: [TeacherExamination]
  let initial: Student
  let train: TrainingRows
  let unlabelled: UnlabelledRows?
  /// Every method that has been run: others are made of it.
  var finished: [StudyMethod: FinishedMethod] = [:]

  /// Trains the teacher where it is to be, the balanced student it is compared with, and examines it.
  ///
  /// - Parameters:
  ///   - now: seconds on a clock that only runs forward.
  ///   - progress: share of this preparation done; `.stop` ends it with `DistilError.stoppedEarly`.
  public init(
    data: StudyData, recipe: StudyRecipe, teacher: StudyTeacher, seed: UInt64, now: () -> Double = { 0 },
    progress: (Double) -> Continuation = { _ in .more }
  ) throws(DistilError) {
    self.data = data
    self.recipe = recipe
    self.seed = seed
    let rows = try data.train.withPlausibleGroups(data.groups)
    initial = Student(shape: recipe.shape, standardizer: Standardizer(fitting: rows), seed: seed)
    let answers = try StudyAnswers(data: data, rows: rows, recipe: recipe, teacher: teacher, seed: seed) { done in
      progress(0.95 * done)
    }
    train = try rows.with(teacherLogits: answers.used?.train)
    unlabelled = try answers.used?.unlabelled(data)
    let began = now()
    let balanced = try StudyFit(
      data: data, initial: initial, train: train, unlabelled: nil, parameters: recipe.parameters(for: .balanced),
      seed: seed
    ).train { progress(0.95 + 0.05 * $0) }
    finished[.balanced] = FinishedMethod(balanced, data: data, seconds: now() - began)
    teacherExamination = answers.examination(against: balanced, data: data)
    otherTeachers = answers.others(data)
  }

  /// Whether the teacher may teach in the portfolio; single methods are run as asked, however bad the teacher.
  public var isTeacherTrusted: Bool { teacherExamination.verdict == .trusted }

  /// Runs one method, or hands back what it gave before.
  ///
  /// - Parameter progress: share of this method done; `.stop` ends it.
  /// - Throws: `DistilError.noTeacherLogits` for a distillation without a teacher, `.stoppedEarly` when stopped.
  public mutating func run(
    _ method: StudyMethod, now: () -> Double, progress: (Double) -> Continuation
  ) throws(DistilError) -> StudyRun {
    if let done = finished[method] { return done.run(method, seed: seed) }
    let result =
      switch method {
      case .erm, .balanced, .groupDRO, .kd, .kdBalanced, .groupDistilRaw, .groupDistil, .groupDistilHeldOut:
        try single(method, now: now, progress: progress)
      case .dfr: try finishedHead(now: now, progress: progress)
      case .portfolio: try portfolio(now: now, progress: progress)
      }
    finished[method] = result
    return result.run(method, seed: seed)
  }

  /// The student a method that has been run ended with.
  public func student(of method: StudyMethod) -> Student? { finished[method]?.student }

  private func single(
    _ method: StudyMethod, now: () -> Double, progress: (Double) -> Continuation
  ) throws(DistilError) -> FinishedMethod {
    let began = now()
    let trained = try fit(recipe.parameters(for: method), progress: progress)
    return FinishedMethod(trained, data: data, seconds: now() - began)
  }

  func fit(
    _ parameters: DistilParameters, progress: (Double) -> Continuation
  ) throws(DistilError) -> TrainedStudent {
    try StudyFit(
      data: data, initial: initial, train: train, unlabelled: unlabelled, parameters: parameters, seed: seed
    ).train(progress: progress)
  }

  /// The better of plain and balanced distillation with its head fitted again; balanced labels without a teacher.
  private mutating func finishedHead(
    now: () -> Double, progress: (Double) -> Continuation
  ) throws(DistilError) -> FinishedMethod {
    let bases: [StudyMethod] = train.teacherLogits == nil ? [.balanced] : [.kd, .kdBalanced]
    var best: (base: StudyMethod, result: FinishedStudent)?
    var seconds = 0.0
    for (index, base) in bases.enumerated() {
      let run = try run(base, now: now) { done in progress((Double(index) + done) / Double(bases.count)) }
      let began = now()
      guard let student = student(of: base) else { continue }
      let result = try finishHead(of: student, select: data.select, seed: seed)
      seconds += run.seconds + now() - began
      if best.map({ selectScore(result.tallies) > selectScore($0.result.tallies) }) ?? true { best = (base, result) }
    }
    guard let best, let base = finished[best.base] else { throw .noTeacherLogits }
    return base.with(
      best.result, data: data, seconds: seconds,
      choice: "the last layer of \(best.base.rawValue)'s student, fitted again on balanced select rows")
  }
}
