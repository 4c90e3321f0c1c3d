import NeuralNet

/// A trained arm with its answers to the select rows.
struct Candidate: Sendable {
  let name: String
  let student: Student
  /// Per select row.
  let isRight: [Bool]

  func tallies(_ rows: TrainingRows) -> [GroupTally] { tally(isRight, rows: rows) }
}

/// The best of several arms, its head finished where that helps, held against plain training.
struct Portfolio: Sendable {
  /// Number of the arm kept; nil: plain training.
  let kept: Int?
  let student: Student
  let isRight: [Bool]
  let isHeadFinished: Bool
  let sentence: String

  /// A head fitted again may score this much below its arm: the arm's score is that of the best of some seventy
  /// checkpoints on these very rows, the head's is honest (Decisions.md 6).
  static let finishLossMaximum = 0.05

  /// - Parameters:
  ///   - arms: simplest first.
  ///   - select: rows that chose checkpoints; nothing else was fitted to them.
  static func choose(
    plain: Candidate, arms: [Candidate], select: TrainingRows, groupNames: [String], seed: UInt64
  ) -> Portfolio {
    let ordinary = overallAccuracy(plain.tallies(select))
    let tallies = arms.map { $0.tallies(select) }
    // An arm too dear for the gate is not the best one, unless all are.
    let affordable = tallies.map { ordinary - overallAccuracy($0) <= FirstStudentGate.overallLossMaximum }
    let scores = tallies.indices.map { index -> Double? in
      affordable[index] || !affordable.contains(true) ? selectScore(tallies[index]) : nil
    }
    guard let choice = ArmChoice(names: arms.map(\.name), scores: scores, tie: 0) else {
      return Portfolio(
        kept: nil, student: plain.student, isRight: plain.isRight, isHeadFinished: false,
        sentence: "plain training is kept: no other way could be tried")
    }
    let best = arms[choice.index]
    var challengers = [(best, "")]
    if let finish = try? finishHead(of: best.student, select: select, seed: seed),
      selectScore(finish.tallies) >= selectScore(tallies[choice.index]) - finishLossMaximum
    {
      let finished = Candidate(name: best.name, student: finish.student, isRight: finish.isRight)
      challengers.insert((finished, ", its last layer fitted again on balanced select rows"), at: 0)
    }
    var verdict = ""
    for (challenger, how) in challengers {
      let gate = FirstStudentGate(
        plain: plain.isRight, challenger: challenger.isRight, rows: select, groupNames: groupNames)
      verdict = "\(choice.sentence)\(how); \(gate.sentence)"
      guard gate.isPassed else { continue }
      return Portfolio(
        kept: choice.index, student: challenger.student, isRight: challenger.isRight, isHeadFinished: !how.isEmpty,
        sentence: verdict)
    }
    return Portfolio(
      kept: nil, student: plain.student, isRight: plain.isRight, isHeadFinished: false, sentence: verdict)
  }
}
