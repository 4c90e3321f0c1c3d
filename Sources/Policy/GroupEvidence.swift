import Domain
import Statistics

/// Outcomes of one group on one calendar day.
public struct DayCounts: Sendable, Equatable, Codable {
  public let day: Int64
  public var correct: Int
  public var wrong: Int

  public init(day: Int64, correct: Int, wrong: Int) {
    self.day = day
    self.correct = correct
    self.wrong = wrong
  }

  public var total: Int { correct + wrong }
}

/// All that is remembered of one group under one student: enough to decide, small enough to keep for ever.
///
/// Two detectors run side by side (`monitoring.md` 6.4): L1 against the operator's target, L2 against the group's own
/// beginning under this student. Only matured labels may be absorbed, each once.
public struct GroupEvidence: Sendable, Equatable, Codable {
  /// The student this evidence is about; a new student for the group starts new evidence.
  public let version: ModelVersion
  /// Matured predictions, labelled or not.
  public private(set) var matured = 0
  public private(set) var correct = 0
  public private(set) var wrong = 0
  /// The latest days with labels, oldest first.
  public private(set) var days: [DayCounts] = []
  public private(set) var targetDetector: ShiryaevRobertsDetector?
  public private(set) var baseline: Baseline
  public private(set) var state: GroupState = .unknown

  /// Days kept for display and for the design effect.
  public static let keptDays = 30
  /// Labels shown in a group's accuracy: the newest, so that a recovery is seen within weeks.
  public static let windowLabels = 1000

  public init(version: ModelVersion, targetAccuracy: Double?) {
    self.version = version
    targetDetector = targetAccuracy.map { ShiryaevRobertsDetector(nullAccuracy: $0) }
    baseline = Baseline()
  }

  public var labelled: Int { correct + wrong }

  /// Counts a day's matured predictions of this group.
  ///
  /// - Parameter designEffect: 1 for independent outcomes, more where a day's outcomes hang together (6.3b).
  public mutating func absorb(day: Int64, correct: Int, wrong: Int, unlabelled: Int, designEffect: Double) {
    matured += correct + wrong + unlabelled
    guard correct + wrong > 0 else { return }
    self.correct += correct
    self.wrong += wrong
    if let last = days.indices.last(where: { days[$0].day == day }) {
      days[last].correct += correct
      days[last].wrong += wrong
    } else {
      days.append(DayCounts(day: day, correct: correct, wrong: wrong))
      if days.count > Self.keptDays { days.removeFirst(days.count - Self.keptDays) }
    }
    targetDetector?.observe(day: day, correct: correct, wrong: wrong, designEffect: designEffect)
    baseline.observe(
      day: day, correct: correct, wrong: wrong, designEffect: designEffect, quiet: state == .ok || state == .unknown)
  }

  public mutating func enter(_ state: GroupState) { self.state = state }

  /// A changed target makes the old L1 evidence an answer to another question.
  public mutating func setTarget(_ target: Double?) {
    guard target != targetDetector?.nullAccuracy else { return }
    targetDetector = target.map { ShiryaevRobertsDetector(nullAccuracy: $0) }
  }

  /// Detectors that can raise an alarm now; each counts in the alarm level.
  public var armedDetectors: [ArmedDetector] {
    var armed: [ArmedDetector] = []
    if let targetDetector { armed.append(ArmedDetector(null: .target, detector: targetDetector)) }
    if let detector = baseline.detector { armed.append(ArmedDetector(null: .ownBaseline, detector: detector)) }
    return armed
  }

  /// The newest labelled outcomes: at most `windowLabels` (to the whole day) and `keptDays`.
  public var window: (correct: Int, wrong: Int, firstDay: Int64?) {
    var correct = 0
    var wrong = 0
    var firstDay: Int64?
    for counts in days.reversed() {
      if firstDay != nil && correct + wrong + counts.total > Self.windowLabels { break }
      correct += counts.correct
      wrong += counts.wrong
      firstDay = counts.day
    }
    return (correct, wrong, firstDay)
  }
}

/// The L2 null: what the group's accuracy was at its beginning under this student.
///
/// The null is the one-sided 95 % Clopper-Pearson lower bound of the first labels, so that a lucky beginning accuses
/// nobody (the table of `monitoring.md` 6.4: plug-in 5.6-18 healthy groups accused, lower bound .2-.4). It is armed at
/// 200 labels and sharpened at 500 and 1000 as long as nothing looks wrong.
public struct Baseline: Sendable, Equatable, Codable {
  public private(set) var correct = 0
  public private(set) var wrong = 0
  public private(set) var detector: ShiryaevRobertsDetector?
  private var stagesPassed = 0

  static let stages = [200, 500, 1000]
  /// Below this bound a group was never good; a drop from there is for the target to judge.
  static let lowestNull = 0.05

  init() {}

  mutating func observe(day: Int64, correct: Int, wrong: Int, designEffect: Double, quiet: Bool) {
    detector?.observe(day: day, correct: correct, wrong: wrong, designEffect: designEffect)
    guard stagesPassed < Self.stages.count, quiet || detector == nil else { return }
    self.correct += correct
    self.wrong += wrong
    let total = self.correct + self.wrong
    guard total >= Self.stages[stagesPassed] else { return }
    while stagesPassed < Self.stages.count, total >= Self.stages[stagesPassed] { stagesPassed += 1 }
    if let bound = clopperPearsonLower(correct: self.correct, total: total), bound >= Self.lowestNull {
      detector = ShiryaevRobertsDetector(nullAccuracy: min(bound, 0.999))
    }
  }
}

/// Which question a detector asks.
public enum NullHypothesis: String, Sendable, Codable {
  /// L1: at least the operator's target.
  case target
  /// L2: at least the lower bound of its own beginning.
  case ownBaseline
}

public struct ArmedDetector: Sendable, Equatable {
  public let null: NullHypothesis
  public let detector: ShiryaevRobertsDetector
}

public enum GroupState: String, Sendable, Codable, CaseIterable {
  /// Too few labels to say anything.
  case unknown
  case ok
  /// Evidence that a system with this many groups shows about once a month when nothing is wrong.
  case watch
  /// Evidence that it shows once a year when nothing is wrong: acted on.
  case lagging
}
