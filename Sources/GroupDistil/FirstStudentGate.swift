import Statistics

/// Whether a student made for the weak groups replaces the one from plain training, judged on select rows.
public struct FirstStudentGate: Sendable, Equatable {
  public let isPassed: Bool
  public let sentence: String
  public let probability: Double
  public let wins: Int
  public let losses: Int
  public let gain: Double
  public let scoreGain: Double
  public let overallChange: Double

  init(plain: [Bool], challenger: [Bool], rows: TrainingRows, attempts: Int) {
    let halves = halves(rows, seed: 0)
    var (wins, losses, total) = (0, 0, 0)
    for side in 0..<2 {
      let weak = Self.weakGroups(plain, rows: rows, among: halves[1 - side])
      for row in halves[side] where weak[rows.groups[row]] {
        total += 1
        if challenger[row], !plain[row] { wins += 1 }
        if plain[row], !challenger[row] { losses += 1 }
      }
    }
    let before = tally(plain, rows: rows)
    let after = tally(challenger, rows: rows)
    self.wins = wins
    self.losses = losses
    probability = mcnemarExact(wins: wins, losses: losses)
    gain = Double(wins - losses) / Double(max(total, 1))
    scoreGain = selectScore(after) - selectScore(before)
    overallChange = overallAccuracy(after) - overallAccuracy(before)
    isPassed = probability <= 0.05 && scoreGain >= 0.01 && overallChange >= -0.02
    sentence = "p \(probability) gain \(percent(max(gain, 0))) wins \(wins) losses \(losses) of \(total)"
      + " score \(scoreGain) overall \(overallChange) \(isPassed ? "promoted" : "kept plain")"
  }

  /// Groups below the mean of groups on these rows, accuracies drawn towards it.
  static func weakGroups(_ isRight: [Bool], rows: TrainingRows, among indices: [Int]) -> [Bool] {
    let tallies = tally(indices.map { isRight[$0] }, rows: rows.subset(indices))
    let accuracies = tallies.compactMap(\.accuracy)
    let mean = accuracies.reduce(0, +) / Double(max(accuracies.count, 1))
    return tallies.map { tally in tally.accuracy.map { $0 < mean } ?? false }
  }
}

/// Adopting a head fitted again needs this much (`learning.md` 9.5).
let finishGain = 0.01
