import Domain
import NeuralNet

extension StudySeed {
  /// Arms of the default recipe that may run with this teacher.
  var arms: [Arm] { Arm.fresh(recipe.shared).filter { isTeacherTrusted || !$0.isDistilled } }

  /// Runs plain training and all arms, takes the best by the select rows, and holds it against plain training.
  mutating func portfolio(
    now: () -> Double, progress: (Double) -> Continuation
  ) throws(DistilError) -> FinishedMethod {
    let arms = [Arm.plain(recipe.shared)] + arms
    var results: [FinishedMethod] = []
    for (index, arm) in arms.enumerated() {
      results.append(try finish(arm, now: now) { done in progress((Double(index) + done) / Double(arms.count)) })
    }
    let began = now()
    let candidates = zip(arms, results).map { arm, result in
      Candidate(name: arm.name, student: result.student, isRight: result.isRight)
    }
    let portfolio = Portfolio.choose(
      plain: candidates[0], arms: Array(candidates.dropFirst()), select: data.select, groupNames: data.groupNames,
      seed: seed)
    var result = results[portfolio.kept.map { $0 + 1 } ?? 0]
    result.student = portfolio.student
    result.arm = portfolio.kept.map { arms[$0 + 1].name }
    result.isRight = portfolio.isRight
    result.selectTallies = tally(portfolio.isRight, rows: data.select)
    result.testTallies = tally(portfolio.student, rows: data.test)
    result.seconds = results.reduce(now() - began) { $0 + $1.seconds }
    let skipped = isTeacherTrusted ? "" : "no arm was distilled: \(teacherExamination.sentence); "
    result.choice = skipped + portfolio.sentence
    return result
  }

  /// An arm's result, from the method that is the same training where there is one.
  private mutating func finish(
    _ arm: Arm, now: () -> Double, progress: (Double) -> Continuation
  ) throws(DistilError) -> FinishedMethod {
    if let method = arm.method {
      _ = try run(method, now: now, progress: progress)
      if let result = finished[method] { return result }
    }
    let began = now()
    return FinishedMethod(try fit(arm.parameters, progress: progress), data: data, seconds: now() - began)
  }
}
