import Domain
import Statistics

/// All that is remembered of one set of parts under its present students: enough to decide, small enough to keep for ever.
///
/// Only parts old enough may be absorbed, each once a channel.
public struct GroupEvidence: Sendable, Equatable {
  /// The student this evidence is about; nil where several serve the parts. Another student starts new evidence.
  public let version: ModelVersion?
  /// The accuracy it is held to; nil where there is none.
  public private(set) var target: Double?
  /// One of the partition: what is trained for and routed.
  public let isGroup: Bool
  /// False where a part belongs to the set by its true class: parts without a label are in no such set.
  public let seesUnlabelled: Bool
  /// Parts old enough to be counted, labelled or not, and those of them with an outcome from anybody.
  public private(set) var matured: Int
  public private(set) var labelled: Int
  /// By name.
  public private(set) var channels: [ChannelEvidence]
  /// Parts by what is in force of them, each once whoever spoke of it: the latest days with labels, oldest first.
  public private(set) var days: [DayCounts]
  /// The same, of all days.
  public private(set) var correct: Int
  public private(set) var wrong: Int
  public private(set) var state: GroupState
  /// When it came into that state, in the line's time.
  public private(set) var since: Timestamp?

  /// Labels shown in a group's accuracy: the newest, so that a recovery is seen within weeks.
  public static let windowLabels = 1000

  public init(version: ModelVersion?, target: Double?, isGroup: Bool = true, seesUnlabelled: Bool = true) {
    self.init(
      version: version, target: target, isGroup: isGroup, seesUnlabelled: seesUnlabelled, matured: 0, labelled: 0,
      channels: [], days: [], correct: 0, wrong: 0, state: .unknown, since: nil)
  }

  /// What was kept of a group.
  public init(
    version: ModelVersion?, target: Double?, isGroup: Bool, seesUnlabelled: Bool, matured: Int, labelled: Int,
    channels: [ChannelEvidence], days: [DayCounts], correct: Int, wrong: Int, state: GroupState, since: Timestamp?
  ) {
    self.version = version
    self.target = target
    self.isGroup = isGroup
    self.seesUnlabelled = seesUnlabelled
    self.matured = matured
    self.labelled = labelled
    self.channels = channels
    self.days = days
    self.correct = correct
    self.wrong = wrong
    self.state = state
    self.since = since
  }

  public mutating func count(matured: Int, labelled: Int) {
    self.matured += matured
    self.labelled += labelled
  }

  /// Counts what a channel told of a day's parts.
  public mutating func absorb(
    _ counts: ChannelCounts, channel: String, sampling: ChannelSampling, inflation: Inflation
  ) {
    show(counts)
    let place = channels.firstIndex { $0.channel >= channel } ?? channels.count
    if !channels.indices.contains(place) || channels[place].channel != channel {
      // A channel that has not spoken of the group is no evidence, and its silence no change.
      guard counts.correct + counts.wrong > 0 else { return }
      channels.insert(
        ChannelEvidence(channel: channel, sampling: sampling, target: target(for: sampling)), at: place)
    }
    // Who looks closer at what lags, and so labels other parts, does not end its alarm.
    if state != .lagging || sampling != .chosen {
      channels[place].setSampling(sampling, target: target(for: sampling))
    }
    channels[place].absorb(
      counts, inflation: inflation, quiet: state == .ok || state == .unknown, watchesLabelling: seesUnlabelled)
  }

  private mutating func show(_ counts: ChannelCounts) {
    guard counts.rulingCorrect + counts.rulingWrong > 0 else { return }
    correct += counts.rulingCorrect
    wrong += counts.rulingWrong
    if let place = days.lastIndex(where: { $0.day == counts.day }) {
      days[place].correct += counts.rulingCorrect
      days[place].wrong += counts.rulingWrong
      return
    }
    let new = DayCounts(day: counts.day, correct: counts.rulingCorrect, wrong: counts.rulingWrong)
    days.insert(new, at: days.firstIndex { $0.day > counts.day } ?? days.count)
    if days.count > ChannelEvidence.keptDays { days.removeFirst(days.count - ChannelEvidence.keptDays) }
  }

  /// Parts that were chosen can only be held against a target together with those that were not.
  private func target(for sampling: ChannelSampling) -> Double? {
    sampling == .chosen && !seesUnlabelled ? nil : target
  }

  public mutating func enter(_ state: GroupState, at time: Timestamp) {
    self.state = state
    since = time
  }

  public mutating func setTarget(_ target: Double?) {
    self.target = target
    for index in channels.indices { channels[index].setTarget(self.target(for: channels[index].sampling)) }
  }

  /// Voids channels whose share of labelled parts has moved beyond the level.
  public mutating func voidMovedChannels(level: Double) {
    for index in channels.indices {
      let moved = channels[index].armedLabelling.filter { $0.logEvidence >= level }
      guard let day = moved.compactMap(\.suspectedChangeDay).min() else { continue }
      switch channels[index].hasOtherNumber(since: day) {
      case true?: channels[index].void(since: day)
      case false?: channels[index].learnShareAnew()
      case nil: break
      }
    }
  }

  /// Before a first alarm: where the labelled share of its channel is plainly another one since the suspected change,
  /// who is labelled is the simpler reason, and the channel is void.
  ///
  /// - Parameter whole: all parts of the line, which show the share where the set itself does not.
  /// - Returns: false while that cannot be told, for no whole day has shown.
  public mutating func looksCloser(levels: AlarmLevels, whole: GroupEvidence) -> Bool {
    var isClear = true
    for detector in armedDetectors where detector.null != .targetAtBest && levels.excess(detector) >= 0 {
      guard let index = channels.firstIndex(where: { $0.channel == detector.channel }),
        detector.null == .ownBaseline || !channels[index].sampling.outlastsOtherShares,
        let day = detector.suspectedChangeDay,
        let shown = seesUnlabelled ? channels[index] : whole.channels.first(where: { $0.channel == detector.channel }),
        shown.hasOtherShare(since: day)
      else { continue }
      switch shown.hasOtherNumber(since: day) {
      case true?: channels[index].void(since: day)
      case false?: break
      case nil: isClear = false
      }
    }
    return isClear
  }

  public var armedDetectors: [ArmedDetector] {
    channels.flatMap { channel in
      channel.armed.map { detector in
        var detector = detector
        detector.isPrimary = isGroup && (detector.null != .ownBaseline || channel.target == nil)
        return detector
      }
    }
  }

  /// How many of them are primary.
  public var primaryCount: Int {
    isGroup ? channels.reduce(0) { $0 + ($1.target == nil ? $1.armedCount : $1.armedTargets) } : 0
  }

  /// Voids and accepts channels as the whole line does, where parts without a label cannot be seen.
  public mutating func follow(_ whole: GroupEvidence) {
    guard !seesUnlabelled, state != .lagging else { return }
    for index in channels.indices {
      let day = whole.channels.first { $0.channel == channels[index].channel }?.voidSince
      channels[index].follow(void: day)
    }
  }

  public var armedCount: Int { channels.reduce(0) { $0 + $1.armedCount } }
  public var armedLabelling: Int { channels.reduce(0) { $0 + $1.armedLabellingCount } }

  /// ln of an e-value against "nothing is wrong with it": the mean of its detectors' e-values; nil without one.
  public var logEValue: Double? {
    let values = channels.flatMap(\.logEValues)
    guard let top = values.max() else { return nil }
    return top + logarithm(values.reduce(0) { $0 + exponential($1 - top) } / Double(values.count))
  }

  /// The newest labelled outcomes: at most `windowLabels` (to the whole day) and `ChannelEvidence.keptDays`.
  public var window: (correct: Int, wrong: Int, firstDay: Int64?) {
    var correct = 0
    var wrong = 0
    var firstDay: Int64?
    for counts in days.reversed() where counts.total > 0 {
      if firstDay != nil && correct + wrong + counts.total > Self.windowLabels { break }
      correct += counts.correct
      wrong += counts.wrong
      firstDay = counts.day
    }
    return (correct, wrong, firstDay)
  }

  /// Labels, and parts, of a mean day that had some.
  public func perDay(_ channel: String) -> (labels: Double, parts: Double) {
    guard let days = channels.first(where: { $0.channel == channel })?.days else { return (0, 0) }
    let labelled = days.count { $0.total > 0 }
    let labels = days.reduce(0) { $0 + $1.total }
    let parts = labels + days.reduce(0) { $0 + $1.unlabelled }
    return (Double(labels) / Double(max(labelled, 1)), Double(parts) / Double(max(days.count, 1)))
  }

  /// Labels of the last `count` days up to this one.
  public func labels(lastDays count: Int64, until day: Int64) -> Int {
    channels.reduce(0) { sum, channel in
      sum + channel.days.reduce(0) { $1.day > day - count ? $0 + $1.total : $0 }
    }
  }
}

public enum GroupState: String, Sendable, Codable, CaseIterable {
  /// Too little is known to say anything.
  case unknown
  case ok
  /// Evidence that a system with this many groups shows about once a month when nothing is wrong.
  case watch
  /// Evidence that it shows as rarely as the operator's false alarms: acted on.
  case lagging
}
