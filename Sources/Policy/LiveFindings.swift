import Domain
import Statistics

/// What the challenger's own answers show, without any outcome; all since the stage began.
public struct LiveFindings: Sendable, Equatable {
  /// Parts it answered; in the shadow those it was computed for.
  public var answers: Int
  /// Of these, answers with a number that is none.
  public var unusable: Int
  /// Answers that took longer than `LineSettings.latencyMsMax`.
  public var slow: Int
  /// Answers by class, in label order.
  public var classes: [Int]
  /// The same of the gate's rows; nil where these are not like the parts that come, because of how their labels were
  /// chosen: a rework station that labels what failed makes every student look different.
  public var gateClasses: [Int]?
  /// Groups of the trial that lag under the challenger.
  public var laggingAgain: Set<GroupKey>

  public init(
    answers: Int = 0, unusable: Int = 0, slow: Int = 0, classes: [Int] = [], gateClasses: [Int]? = nil,
    laggingAgain: Set<GroupKey> = []
  ) {
    self.answers = answers
    self.unusable = unusable
    self.slow = slow
    self.classes = classes
    self.gateClasses = gateClasses
    self.laggingAgain = laggingAgain
  }
}

/// Answers, and gate rows, below which neither their times nor their classes are judged.
public let liveAnswersMinimum = 200
/// Share of answers that may be slow.
public let slowShareAllowed = 0.01
/// Besides being no chance at `classLevel`, the stability index of the answers must exceed this: products and shifts
/// come in another mix than the gate saw, and a class of 5 % that becomes one of 14 % must not take a student back.
public let classIndexMinimum = 0.25
/// Chance of passing the bound of the index where nothing has changed.
public let classLevel = 0.001

/// Why the challenger has to go whatever its accuracy; empty where nothing speaks against it.
func liveObjections(_ live: LiveFindings, settings: LineSettings, className: (Int) -> String) -> [String] {
  var objections: [String] = []
  if live.unusable > 0 {
    objections.append("\(live.unusable) of its \(live.answers) answers are not numbers")
  }
  if live.answers >= liveAnswersMinimum, live.slow > 0,
    let surely = clopperPearsonLower(
      correct: min(live.slow, live.answers), total: live.answers, confidence: 0.99), surely > slowShareAllowed
  {
    let limit = decimal(settings.latencyMsMax, places: settings.latencyMsMax < 10 ? 1 : 0)
    objections.append(
      "\(live.slow) of its \(live.answers) answers took longer than the \(limit) ms allowed: surely more than "
        + "\(percent(surely)), and \(percent(slowShareAllowed)) may")
  }
  if let jump = classJump(live, className: className) { objections.append(jump) }
  return objections
}

private func classJump(_ live: LiveFindings, className: (Int) -> String) -> String? {
  guard let gate = live.gateClasses, gate.count == live.classes.count else { return nil }
  let now = live.classes.reduce(0, +)
  let before = gate.reduce(0, +)
  guard min(now, before) >= liveAnswersMinimum,
    let index = StabilityIndex(now: live.classes, base: gate), index.index > classIndexMinimum,
    index.index > index.threshold(level: classLevel)
  else { return nil }
  func shares(_ label: Int) -> (now: Double, before: Double) {
    (Double(live.classes[label]) / Double(now), Double(gate[label]) / Double(before))
  }
  let moved = gate.indices.max { left, right in
    abs(shares(left).now - shares(left).before) < abs(shares(right).now - shares(right).before)
  }
  guard let moved else { return nil }
  return "it answers \(className(moved)) for \(percent(shares(moved).now)) of \(now) parts, and did for "
    + "\(percent(shares(moved).before)) of the \(before) at its gate (stability index "
    + "\(decimal(index.index, places: 2)), allowed \(decimal(classIndexMinimum, places: 2)))"
}
