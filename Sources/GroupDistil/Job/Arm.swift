import Domain
import NeuralNet

/// One way of training that a job tries.
struct Arm: Sendable {
  let name: String
  let parameters: DistilParameters
  /// The method of a study that is the same training.
  let method: StudyMethod?

  var isDistilled: Bool { parameters.alpha > 0 }
  /// Whether the teacher is held against it: the arm without a teacher that treats all groups alike.
  var isRival: Bool { method == .balanced }

  /// What every other arm of a first student has to beat: every row equally often, the best checkpoint on average.
  static func plain(_ shared: DistilParameters) -> Arm { Arm("labels, plain training", shared, .erm) }

  /// The arms of a line's first student, simplest first: labels alone must always be among them.
  static func fresh(_ shared: DistilParameters) -> [Arm] {
    var trusting = shared.training(by: .groupDistil)
    trusting.alpha = trustingAlpha
    trusting.temperature = max(shared.temperature, trustingTemperature)
    return [
      Arm("labels only", shared, .balanced),
      Arm("labels only, Group DRO", shared, .groupDRO),
      Arm("distilled, balanced", shared, .kdBalanced),
      Arm("GroupDistil alpha \(shared.alpha)", shared, .groupDistil),
      Arm(name: "GroupDistil alpha \(trustingAlpha)", parameters: trusting),
      Arm("GroupDistil held-out", shared, .groupDistilHeldOut),
    ]
  }

  /// A student that hardly hears labels needs the teacher's small probabilities (`learning.md` 2.3).
  static let trustingAlpha: Float = 0.9
  static let trustingTemperature: Float = 4

  private init(_ name: String, _ shared: DistilParameters, _ method: StudyMethod) {
    self.name = name
    self.method = method
    parameters = shared.training(by: method)
  }

  init(name: String, parameters: DistilParameters) {
    self.name = name
    self.parameters = parameters
    method = nil
  }
}

/// How an arm ended.
enum ArmEnd: Sendable {
  case trained(TrainedStudent)
  case skipped(String)

  var student: TrainedStudent? {
    guard case .trained(let student) = self else { return nil }
    return student
  }
}

/// An arm and its end, with the seconds it took.
struct ArmRun: Sendable {
  let name: String
  let end: ArmEnd
  let seconds: Double

  func report(groups: [GroupKey], names: [String]) -> ArmReport {
    switch end {
    case .skipped(let reason):
      return ArmReport(
        name: name, skipped: reason, selectScore: nil, selectScores: [], steps: 0, seconds: seconds, weights: [],
        reasons: [])
    case .trained(let trained):
      return ArmReport(
        name: name, skipped: nil, selectScore: trained.score,
        selectScores: groupScores(trained.selectTallies, groups: groups), steps: trained.steps, seconds: seconds,
        weights: trained.trace.map { $0.record(groups: groups) },
        reasons: zip(names, trained.reasons).map { "\($0): \($1)" })
    }
  }
}

extension GroupWeightRecord {
  func record(groups: [GroupKey]) -> WeightRecord {
    let bound: WeightLimit =
      switch limit {
      case .none: .none
      case .floor: .floor
      case .cap: .cap
      }
    return WeightRecord(
      step: step, group: groups[group], rows: rows, loss: loss, relativeLoss: relativeLoss, weight: weight,
      limit: bound, selectCorrect: selectCorrect, selectTotal: selectTotal)
  }
}

/// Which arm is kept, and why.
public struct ArmChoice: Sendable, Equatable {
  public let index: Int
  public let sentence: String

  /// Among clones of a serving student, scores nearer than this are a tie, and the simpler arm wins it
  /// (`learning.md` 8). A first student takes the best score: there is nothing yet that a change could cost.
  public static let cloneTie = 0.01

  /// Nil when no arm was trained.
  /// - Parameters:
  ///   - names: simplest first.
  ///   - scores: select scores, nil for arms that were skipped.
  ///   - tie: how much less than the best still counts as a tie.
  public init?(names: [String], scores: [Double?], tie: Double) {
    guard let best = scores.compactMap(\.self).max(),
      let index = scores.firstIndex(where: { score in score.map { $0 >= best - tie } ?? false }),
      let score = scores[index]
    else { return nil }
    self.index = index
    let others = scores.indices.filter { $0 != index && scores[$0] != nil }
      .map { "\(names[$0]) \(fixedScore(scores[$0] ?? 0))" }.joined(separator: ", ")
    let figures = "select score \(fixedScore(score))" + (others.isEmpty ? ", the only arm trained" : "; \(others)")
    let isTie = score < best
    sentence =
      "\(isTie ? "chosen" : "best") arm \"\(names[index])\" (\(figures))"
      + (isTie ? ": within one point of the best, and the simpler arm wins a tie" : "")
  }
}

/// A score with three decimals, without Foundation.
private func fixedScore(_ score: Double) -> String {
  // The mean's thousandth part may lift a perfect score above 1.
  let thousandths = Int((min(score, 1) * 1000).rounded())
  let digits = String(thousandths % 1000)
  return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - digits.count) + digits
}
