import Domain
import Policy

/// What was told about the last parts of a line, for the share that is diverted.
struct AdviceHistory {
  /// Enough that one part in a hundred shows, few enough that today does.
  static let capacity = 1000

  /// Newest last until it is full, then overwritten from the oldest on.
  private var given: [Advice] = []
  private var next = 0

  init(_ oldestFirst: [Advice]) { given = oldestFirst.suffix(Self.capacity) }

  mutating func append(_ advice: Advice) {
    if given.count < Self.capacity {
      given.append(advice)
    } else {
      given[next] = advice
      next = (next + 1) % Self.capacity
    }
  }

  var shares: AdviceShares {
    func count(_ reason: Advice) -> Int { given.count { $0.contains(reason) } }
    return AdviceShares(
      parts: given.count, manualCheck: given.count { !$0.isEmpty },
      reasons: Advice.allCases.map { (reason: $0, parts: count($0)) })
  }
}

/// How many of a line's last parts were sent to manual check, and why; a part may have several reasons.
public struct AdviceShares: Sendable, Equatable {
  public let parts: Int
  public let manualCheck: Int
  /// Every reason there is, in the order of `Advice.allCases`.
  public let reasons: [(reason: Advice, parts: Int)]

  public static func == (left: AdviceShares, right: AdviceShares) -> Bool {
    left.parts == right.parts && left.manualCheck == right.manualCheck
      && left.reasons.elementsEqual(right.reasons, by: ==)
  }
}

extension Plant {
  /// Counts what was told about parts just answered. Lines nobody asked about yet are read from the ledger when
  /// somebody does, so that a start waits for nothing and these parts cost nothing.
  func remember(_ answered: [AnsweredPart]) {
    remember(answered.filter { !$0.repeated }.map(\.prediction))
  }

  func remember(_ predictions: [Prediction]) {
    guard let line = predictions.first?.line, recentAdvice[line] != nil else { return }
    for prediction in predictions { recentAdvice[line]?.append(prediction.advice) }
  }

  /// The shares of the last parts of a line.
  func adviceShares(_ line: LineState) throws(StorageFailure) -> AdviceShares {
    if let known = recentAdvice[line.id] { return known.shares }
    let history = AdviceHistory(try ledger.latestAdvice(line: line.id, limit: AdviceHistory.capacity))
    recentAdvice[line.id] = history
    return history.shares
  }
}

extension LineState {
  /// How parts of each live student are judged.
  var adviceRules: [ModelVersion: AdviceRule] {
    students.keys.reduce(into: [:]) { rules, version in rules[version] = AdviceRule(bounds[version], settings) }
  }

  /// For each live student, below which confidence and outside which range its parts go to manual check, and why.
  var adviceSentences: [String] {
    students.keys.sorted().flatMap { version in
      adviceReasons(bounds[version], definition: definition, settings: settings)
        .map { "student \(version): \($0)" }
    }
  }
}

/// Both halves of a student's advice as sentences without their full stops.
func adviceReasons(_ bounds: AdviceBounds?, definition: LineDefinition, settings: LineSettings) -> [String] {
  let range =
    settings.adviceRange == .check
    ? rangeSentence(bounds?.range) { definition.featureName($0) }
    : "no part goes to manual check for its numbers' range: advice_range is \"ignore\""
  return [confidenceThreshold(bounds?.confidence, errorMax: settings.adviceErrorMax).sentence, range]
}
