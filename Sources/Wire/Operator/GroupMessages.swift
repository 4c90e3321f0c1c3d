public struct GroupRow: Codable, Sendable, Equatable {
  public var group: String
  /// unknown, ok, watch or lagging.
  public var state: String
  /// The student that serves it now; 0 where several do.
  public var modelVersion: Int
  /// Of the latest labelled, matured parts: at most 1000 and 30 days.
  public var accuracy: Double?
  /// 95 % Beta-mixture interval of that accuracy (`monitoring.md` 6.2).
  public var lower: Double?
  public var upper: Double?
  public var n: Int
  /// Matured parts under this student, labelled or not.
  public var matured: Int
  public var labelled: Int
  public var target: Double?
  /// The largest armed e-SR statistic over its LAGGING threshold: 1 means lagging.
  public var evidence: Double?
  public var why: String

  /// group (one of those that are trained for), node (a wider set) or slice (one that an operator adopted).
  public var kind: String?
  /// When it came into its state.
  public var since: String?
  /// Labelled share of the matured parts.
  public var coverage: Double?
  /// What the accuracy is at least and at most, whatever the parts without an outcome were.
  public var lowest: Double?
  public var highest: Double?
  /// Accuracy drawn towards that of all groups where labels are few: for ranking.
  public var shrunk: Double?
  /// Very likely more than 3 points below the other groups together.
  public var trailsRest: Bool?
  /// On the list of sets that lag now, of which at most one in ten is wrong on average.
  public var certain: Bool?
  /// The lagging set inside this one that explains its lagging.
  public var explainedBy: String?
  /// Days that had labels, oldest first, at most 30.
  public var days: [DayRow]?
  public var channels: [GroupChannelRow]?
  /// Hints from before outcomes come; none of them is more than a hint.
  public var signs: [SignRow]?
  public var estimate: EstimateRow?
  public var acknowledged: MarkRow?
  /// Who silenced it, while that lasts.
  public var silenced: MarkRow?
  public var silencedUntil: String?
  /// Why retraining is not tried any more, and when it will be; absent for all other groups.
  public var hopeless: String?

  public init(
    group: String, state: String, modelVersion: Int, accuracy: Double?, lower: Double?, upper: Double?, n: Int,
    matured: Int, labelled: Int, target: Double?, evidence: Double?, why: String
  ) {
    self.group = group
    self.state = state
    self.modelVersion = modelVersion
    self.accuracy = accuracy
    self.lower = lower
    self.upper = upper
    self.n = n
    self.matured = matured
    self.labelled = labelled
    self.target = target
    self.evidence = evidence
    self.why = why
  }

  /// Whether its labels cannot be trusted now, because a channel labels another share of parts than before.
  public var isVoid: Bool { channels?.contains { $0.voidSince != nil } ?? false }

  /// What somebody on call should look at: on watch, lagging, or not judged any more.
  public var isAlarm: Bool { state == "lagging" || state == "watch" || (state == "unknown" && isVoid) }
}

extension GroupRow {
  /// What a reader wants to see first: lagging before watch, more evidence before less, then the lower accuracy.
  public struct Rank: Comparable, Sendable {
    private let state: Int
    private let evidence: Double
    private let accuracy: Double

    init(_ row: GroupRow) {
      state =
        switch row.state {
        case "lagging": row.explainedBy == nil ? 0 : 1
        case "watch": 2
        case "unknown" where row.isVoid: 3
        case "unknown": 5
        default: 4
        }
      evidence = row.evidence ?? -1
      accuracy = row.shrunk ?? row.lower ?? 1
    }

    public static func < (left: Rank, right: Rank) -> Bool {
      (left.state, -left.evidence, left.accuracy) < (right.state, -right.evidence, right.accuracy)
    }
  }

  /// The least comes first.
  public var rank: Rank { Rank(self) }
}

/// Outcomes of one calendar day in UTC.
public struct DayRow: Codable, Sendable, Equatable {
  /// `2026-11-03`.
  public var day: String
  public var correct: Int
  public var wrong: Int

  public init(day: String, correct: Int, wrong: Int) {
    self.day = day
    self.correct = correct
    self.wrong = wrong
  }

  public var total: Int { correct + wrong }
}

/// One channel of outcomes, as far as it speaks of a group.
public struct GroupChannelRow: Codable, Sendable, Equatable {
  /// Empty for outcomes whose sender named none.
  public var channel: String
  /// representative, assumed, weighted or chosen.
  public var sampling: String
  public var maturityHours: Double
  public var labelled: Int
  public var matured: Int
  /// `2026-11-03`; absent while the channel's word holds.
  public var voidSince: String?

  public init(
    channel: String, sampling: String, maturityHours: Double, labelled: Int, matured: Int, voidSince: String? = nil
  ) {
    self.channel = channel
    self.sampling = sampling
    self.maturityHours = maturityHours
    self.labelled = labelled
    self.matured = matured
    self.voidSince = voidSince
  }
}

public struct SignRow: Codable, Sendable, Equatable {
  /// confidence, drift, disagreement or arrivals.
  public var kind: String
  /// The first day that showed it, `2026-11-03`.
  public var day: String
  public var sentence: String

  public init(kind: String, day: String, sentence: String) {
    self.kind = kind
    self.day = day
    self.sentence = sentence
  }
}

/// What an accuracy may be now, judged without outcomes.
public struct EstimateRow: Codable, Sendable, Equatable {
  public var accuracy: Double
  /// Answers it rests on.
  public var parts: Int

  public init(accuracy: Double, parts: Int) {
    self.accuracy = accuracy
    self.parts = parts
  }
}

/// What an operator said of a group.
public struct MarkRow: Codable, Sendable, Equatable {
  public var by: String
  public var at: String
  public var reason: String

  public init(by: String, at: String, reason: String) {
    self.by = by
    self.at = at
    self.reason = reason
  }
}

public struct GroupsReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var groups: [GroupRow]

  public init(line: String, groups: [GroupRow]) {
    self.line = line
    self.groups = groups
  }
}
