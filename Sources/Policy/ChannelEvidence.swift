import Domain
import Statistics

/// Parts of one group on one calendar day, as far as one channel has had the time to speak of them.
public struct DayCounts: Sendable, Equatable {
  public let day: Int64
  public var correct: Int
  public var wrong: Int
  /// Of which the channel said nothing.
  public var unlabelled: Int

  public init(day: Int64, correct: Int, wrong: Int, unlabelled: Int = 0) {
    self.day = day
    self.correct = correct
    self.wrong = wrong
    self.unlabelled = unlabelled
  }

  public var total: Int { correct + wrong }
}

/// What one look adds to a group by one channel.
public struct ChannelCounts: Sendable, Equatable {
  public let day: Int64
  public var correct = 0
  public var wrong = 0
  public var unlabelled = 0
  /// Of the labelled parts, those of which nobody more trusted says otherwise: what is shown of the group.
  public var rulingCorrect = 0
  public var rulingWrong = 0
  /// 1/π of each labelled part, right and wrong ones apart; kept where the channel's sampling is `.weighted`.
  public var correctWeights: [Double] = []
  public var wrongWeights: [Double] = []

  public init(day: Int64) { self.day = day }

  public var parts: Int { correct + wrong + unlabelled }
}

/// How much outcomes of a day hang together, for a group of this size.
public struct Inflation: Sendable, Equatable {
  public let accuracy: Double
  /// As `accuracy`, where parts without a label count too.
  public let parts: Double
  /// Of whether parts are labelled at all.
  public let labelling: Double

  public static let none = Inflation(accuracy: 1, parts: 1, labelling: 1)

  public init(accuracy: Double, parts: Double, labelling: Double) {
    self.accuracy = accuracy
    self.parts = parts
    self.labelling = labelling
  }
}

/// What one channel has told of one group under one student.
///
/// Each channel has a baseline of its own: who chooses its parts always in the same way cancels out there, though not
/// against a target (`monitoring.md` 6.5). What it says is void from the day the share of parts it labels moves, until
/// that share has settled again.
public struct ChannelEvidence: Sendable, Equatable {
  public let channel: String
  public private(set) var sampling: ChannelSampling
  public private(set) var matured: Int
  public private(set) var correct: Int
  public private(set) var wrong: Int
  /// The latest days with parts, oldest first.
  public private(set) var days: [DayCounts]
  public private(set) var target: TargetDetector?
  public private(set) var baseline: Baseline
  public private(set) var labelled: Baseline
  public private(set) var unlabelled: Baseline
  /// The day from which what it says is void; nil while it holds.
  public private(set) var voidSince: Int64?
  /// The day from which its baseline is a new one, because who is labelled had changed.
  public private(set) var anewSince: Int64?

  /// Days kept for display and for the design effect.
  public static let keptDays = 30

  init(channel: String, sampling: ChannelSampling, target: Double?) {
    self.channel = channel
    self.sampling = sampling
    matured = 0
    correct = 0
    wrong = 0
    days = []
    self.target = target.map { TargetDetector(sampling, nullAccuracy: $0) }
    baseline = Baseline(.accuracy)
    labelled = Baseline(.labelled)
    unlabelled = Baseline(.unlabelled)
  }

  /// What was kept of a channel.
  public init(
    channel: String, sampling: ChannelSampling, matured: Int, correct: Int, wrong: Int, days: [DayCounts],
    target: TargetDetector?, baseline: Baseline, labelled: Baseline, unlabelled: Baseline, voidSince: Int64?,
    anewSince: Int64?
  ) {
    self.channel = channel
    self.sampling = sampling
    self.matured = matured
    self.correct = correct
    self.wrong = wrong
    self.days = days
    self.target = target
    self.baseline = baseline
    self.labelled = labelled
    self.unlabelled = unlabelled
    self.voidSince = voidSince
    self.anewSince = anewSince
  }

  /// Once other parts are labelled than before, nobody can take the labelled ones to be like the others any more.
  private var use: ChannelSampling { sampling == .assumed && anewSince != nil ? .chosen : sampling }

  /// What the channel says can be held against a target now.
  private var holdsTarget: Bool { voidSince == nil || use.outlastsOtherShares }

  public var labels: Int { correct + wrong }
  /// Of the days that are kept.
  public var recentLabels: Int { days.reduce(0) { $0 + $1.total } }

  /// - Parameter quiet: nothing looks wrong with the group, so its beginning may still be learned.
  mutating func absorb(_ counts: ChannelCounts, inflation: Inflation, quiet: Bool, watchesLabelling: Bool) {
    matured += counts.parts
    correct += counts.correct
    wrong += counts.wrong
    keep(counts)
    if watchesLabelling {
      let (hits, misses) = (counts.correct + counts.wrong, counts.unlabelled)
      labelled.observe(
        day: counts.day, hits: hits, misses: misses, designEffect: inflation.labelling, quiet: voidSince == nil)
      unlabelled.observe(
        day: counts.day, hits: misses, misses: hits, designEffect: inflation.labelling, quiet: voidSince == nil)
      if voidSince != nil, labelled.isArmed { voidSince = nil }
    }
    if holdsTarget {
      let effect = use == .chosen ? inflation.parts : inflation.accuracy
      target?.observe(counts, designEffect: effect)
    }
    guard voidSince == nil else { return }
    baseline.observe(
      day: counts.day, hits: counts.correct, misses: counts.wrong, designEffect: inflation.accuracy, quiet: quiet)
  }

  private mutating func keep(_ counts: ChannelCounts) {
    guard counts.parts > 0 else { return }
    if let last = days.indices.last(where: { days[$0].day == counts.day }) {
      days[last].correct += counts.correct
      days[last].wrong += counts.wrong
      days[last].unlabelled += counts.unlabelled
    } else {
      days.append(
        DayCounts(day: counts.day, correct: counts.correct, wrong: counts.wrong, unlabelled: counts.unlabelled))
      if days.count > Self.keptDays { days.removeFirst(days.count - Self.keptDays) }
    }
  }

  /// A changed target makes the old evidence an answer to another question.
  mutating func setTarget(_ accuracy: Double?) {
    guard accuracy != target?.nullAccuracy else { return }
    target = accuracy.map { TargetDetector(use, nullAccuracy: $0) }
  }

  mutating func setSampling(_ new: ChannelSampling, target accuracy: Double?) {
    guard new != sampling else { return }
    sampling = new
    target = accuracy.map { TargetDetector(use, nullAccuracy: $0) }
  }

  /// From this day on nobody knows how the labelled parts were chosen: what rests on that begins anew.
  mutating func void(since day: Int64) {
    voidSince = day
    anewSince = day
    baseline = Baseline(.accuracy)
    labelled = Baseline(.labelled)
    unlabelled = Baseline(.unlabelled)
    if sampling == .assumed, let accuracy = target?.nullAccuracy {
      target = TargetDetector(use, nullAccuracy: accuracy)
    }
  }

  /// As the whole line's channel: for sets in which parts without a label cannot be seen.
  mutating func follow(void day: Int64?) {
    guard day != voidSince else { return }
    if let day { void(since: day) } else { voidSince = nil }
  }

  /// Detectors of accuracy that can raise an alarm now; each counts in the alarm level.
  public var armed: [ArmedDetector] {
    var armed: [ArmedDetector] = []
    if let target, holdsTarget { armed.append(target.armed(channel)) }
    if voidSince == nil, let detector = baseline.detector {
      armed.append(ArmedDetector(detector, null: .ownBaseline, channel: channel))
    }
    return armed
  }

  /// ln of the e-values of the detectors in `armed`.
  var logEValues: [Double] {
    let target = holdsTarget ? target?.logEValue : nil
    let own = voidSince == nil ? baseline.detector?.logEValue : nil
    return [target, own].compactMap(\.self)
  }

  /// How many `armed` has, without asking what they say.
  public var armedCount: Int { armedTargets + (voidSince == nil && baseline.detector != nil ? 1 : 0) }
  public var armedTargets: Int { target != nil && holdsTarget ? 1 : 0 }

  /// Whether the share of labelled parts since a day is more than a quarter off the share before, and not by chance
  /// alone, as one look says (2.6 standard errors).
  func hasOtherShare(since day: Int64) -> Bool {
    let sums = days.reduce(into: (before: (0, 0), after: (0, 0))) { sums, counts in
      if counts.day < day {
        sums.before.0 += counts.total
        sums.before.1 += counts.total + counts.unlabelled
      } else {
        sums.after.0 += counts.total
        sums.after.1 += counts.total + counts.unlabelled
      }
    }
    guard sums.before.1 >= labelsMinimum, sums.after.1 >= labelsMinimum, sums.before.0 > 0 else { return false }
    let (before, after) = (
      Double(sums.before.0) / Double(sums.before.1), Double(sums.after.0) / Double(sums.after.1)
    )
    let mean = Double(sums.before.0 + sums.after.0) / Double(sums.before.1 + sums.after.1)
    let error = (mean * (1 - mean) * (1 / Double(sums.before.1) + 1 / Double(sums.after.1))).squareRoot()
    return abs(after - before) > Baseline.shareTolerance * before && abs(after - before) > 2.6 * error
  }

  /// Whether it labels another number of parts a day since a day, by more than a quarter; nil while no whole day has shown.
  ///
  /// A fixed share and a fixed number are both common; as long as one of them stays, who is labelled is chosen as before.
  func hasOtherNumber(since day: Int64) -> Bool? {
    let whole = days.dropLast().filter { $0.total + $0.unlabelled > 0 }
    let before = whole.filter { $0.day < day }
    let after = whole.filter { $0.day >= day }
    guard !before.isEmpty, !after.isEmpty else { return nil }
    func mean(_ days: [DayCounts]) -> Double { Double(days.reduce(0) { $0 + $1.total }) / Double(days.count) }
    return abs(mean(after) - mean(before)) > Baseline.shareTolerance * mean(before)
  }

  /// The share is another one, and means nothing.
  mutating func learnShareAnew() {
    labelled = Baseline(.labelled)
    unlabelled = Baseline(.unlabelled)
  }

  /// Detectors of a change in who is labelled.
  public var armedLabelling: [ShiryaevRobertsDetector] {
    guard voidSince == nil else { return [] }
    return [labelled.detector, unlabelled.detector].compactMap(\.self)
  }

  public var armedLabellingCount: Int {
    voidSince == nil ? (labelled.detector == nil ? 0 : 1) + (unlabelled.detector == nil ? 0 : 1) : 0
  }
}
