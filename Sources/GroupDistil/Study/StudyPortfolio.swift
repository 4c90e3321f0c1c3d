import Domain
import NeuralNet

extension StudySeed {
  /// Arms of the default recipe, simplest first.
  var arms: [StudyMethod] {
    isTeacherTrusted ? [.balanced, .groupDRO, .kdBalanced, .groupDistil] : [.balanced, .groupDRO]
  }

  /// Runs all arms, takes the best by the select rows, finishes its head where that helps, and holds the result
  /// against plain training.
  mutating func portfolio(
    now: () -> Double, progress: (Double) -> Continuation
  ) throws(DistilError) -> FinishedMethod {
    let arms = arms
    var seconds = 0.0
    let stages = Double(arms.count + 1)
    for (index, method) in ([.erm] + arms).enumerated() {
      seconds += try run(method, now: now) { done in progress((Double(index) + done) / stages) }.seconds
    }
    guard let plain = finished[.erm] else { throw .noTeacherLogits }
    let scores = arms.map { finished[$0].map { selectScore($0.selectTallies) } }
    guard let choice = ArmChoice(names: arms.map(\.rawValue), scores: scores, tie: 0),
      var best = finished[arms[choice.index]]
    else { return plain }
    let began = now()
    var sentences = [choice.sentence]
    let finish = try finishHead(of: best.student, select: data.select, seed: seed)
    if selectScore(finish.tallies) >= selectScore(best.selectTallies) + finishGain {
      best = best.with(finish, data: data, seconds: 0, choice: "")
      sentences.append("its last layer was fitted again on balanced select rows")
    }
    let gate = FirstStudentGate(
      plain: plain.isRight, challenger: best.isRight, rows: data.select, attempts: arms.count + 1)
    sentences.append(gate.sentence)
    var result = gate.isPassed ? best : plain
    result.seconds = seconds + now() - began
    result.choice = sentences.joined(separator: "; ")
    return result
  }
}
