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

  /// Adopting a head fitted again needs this much (`learning.md` 9.5).
  static let finishGain = 0.01

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
    var best = arms[choice.index]
    var finished = ""
    if let finish = try? finishHead(of: best.student, select: select, seed: seed),
      selectScore(finish.tallies) - selectScore(tallies[choice.index]) >= finishGain
    {
      best = Candidate(name: best.name, student: finish.student, isRight: finish.isRight)
      finished = ", its last layer fitted again on balanced select rows"
    }
    let gate = FirstStudentGate(
      plain: plain.isRight, challenger: best.isRight, rows: select, groupNames: groupNames)
    let kept = gate.isPassed ? best : plain
    return Portfolio(
      kept: gate.isPassed ? choice.index : nil, student: kept.student, isRight: kept.isRight,
      isHeadFinished: gate.isPassed && !finished.isEmpty, sentence: "\(choice.sentence)\(finished); \(gate.sentence)")
  }
}
