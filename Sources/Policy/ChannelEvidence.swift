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
  /// 1/π of each labelled part, right and wrong ones apart; kept where the channel's sampling is `.weighted`.
  public var correctWeights: [Double] = []
  public var wrongWeights: [Double] = []

  public init(day: Int64) { self.day = day }

  public var parts: Int { correct + wrong + unlabelled }
}

/// How much outcomes of a day hang together, for a group of this size.
public struct Inflation: Sendable, Equatable {
  public let accuracy: Double
  /// Of whether parts are labelled at all.
  public let labelling: Double

  public static let none = Inflation(accuracy: 1, labelling: 1)

  public init(accuracy: Double, labelling: Double) {
    self.accuracy = accuracy
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
    target: TargetDetector?, baseline: Baseline, labelled: Baseline, unlabelled: Baseline, voidSince: Int64?
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
  }

  public var labels: Int { correct + wrong }

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
    guard voidSince == nil || sampling == .chosen else { return }
    target?.observe(counts, designEffect: inflation.accuracy)
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
    target = accuracy.map { TargetDetector(sampling, nullAccuracy: $0) }
  }

  mutating func setSampling(_ new: ChannelSampling, target accuracy: Double?) {
    guard new != sampling else { return }
    sampling = new
    target = accuracy.map { TargetDetector(new, nullAccuracy: $0) }
  }

  /// From this day on nobody knows how the labelled parts were chosen: what rests on that begins anew.
  mutating func void(since day: Int64) {
    voidSince = day
    baseline = Baseline(.accuracy)
    labelled = Baseline(.labelled)
    unlabelled = Baseline(.unlabelled)
    if sampling != .chosen, let accuracy = target?.nullAccuracy {
      target = TargetDetector(sampling, nullAccuracy: accuracy)
    }
  }

  /// Detectors of accuracy that can raise an alarm now; each counts in the alarm level.
  public var armed: [ArmedDetector] {
    var armed: [ArmedDetector] = []
    if let target, voidSince == nil || sampling == .chosen { armed.append(target.armed(channel)) }
    if voidSince == nil, let detector = baseline.detector {
      armed.append(ArmedDetector(detector, null: .ownBaseline, channel: channel))
    }
    return armed
  }

  /// How many `armed` has, without asking what they say.
  public var armedCount: Int {
    (target != nil && (voidSince == nil || sampling == .chosen) ? 1 : 0)
      + (voidSince == nil && baseline.detector != nil ? 1 : 0)
  }

  /// Detectors of a change in who is labelled.
  public var armedLabelling: [ShiryaevRobertsDetector] {
    guard voidSince == nil else { return [] }
    return [labelled.detector, unlabelled.detector].compactMap(\.self)
  }
}
