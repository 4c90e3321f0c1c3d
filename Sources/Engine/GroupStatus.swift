import Domain
import Policy
import Statistics

/// A monitored set of parts as a person asks about it.
public struct GroupStatus: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    /// One of the partition: what is trained for and routed.
    case group
    /// A node above groups: the line, an attribute's value, a pair of values, a true class.
    case node
    /// A slice that an operator adopted.
    case slice
  }

  public struct Channel: Sendable, Equatable {
    /// Empty for outcomes whose sender named none.
    public let name: String
    public let sampling: ChannelSampling
    /// Hours until a part counts for this channel.
    public let maturityHours: Double
    /// Labelled by it under the present student, and all that have matured by its measure.
    public let labelled: Int
    public let matured: Int
    /// Day from which the share of parts it labels is not what it was, which voids what it says; nil while it holds.
    public let voidSince: Int64?
  }

  /// What operators have said of it.
  public struct Marks: Sendable, Equatable {
    public var acknowledged: Mark?
    /// Until then it does not count for `kaizenctl check`.
    public var silenced: (mark: Mark, until: Timestamp)?

    public static func == (left: Marks, right: Marks) -> Bool {
      left.acknowledged == right.acknowledged && left.silenced?.mark == right.silenced?.mark
        && left.silenced?.until == right.silenced?.until
    }
  }

  public struct Mark: Sendable, Equatable {
    public let by: Principal
    public let at: Timestamp
    public let reason: String
  }

  public let slice: PartSlice
  public let kind: Kind
  public let name: String
  public let state: GroupState
  /// When it came into this state, in the line's time; nil for states older than this version.
  public let since: Timestamp?
  /// nil where several students serve its parts.
  public let version: ModelVersion?
  /// The newest labelled parts (`GroupEvidence.window`).
  public let correct: Int
  public let wrong: Int
  /// 95 % Beta-mixture interval of these; nil without labels.
  public let interval: Interval?
  /// All parts old enough to be counted, and those of them with an outcome, under the present student.
  public let matured: Int
  public let labelled: Int
  /// What the accuracy is at least and at most, whatever the parts without an outcome were; nil without matured parts.
  public let bounds: Interval?
  /// Accuracy drawn towards that of all groups as far as few labels deserve it: for ranking; nil without labels.
  public let shrunk: Double?
  /// Very likely more than 3 points below the other groups together: for ranking, not an alarm.
  public let trailsRest: Bool
  public let target: Double?
  /// The strongest armed statistic over its LAGGING level: 1 means lagging.
  public let evidence: Double?
  /// On the list of sets that lag now, of which at most one in ten is wrong on average (e-BH).
  public let isCertain: Bool
  /// The lagging set inside this one that explains its lagging; nil where none does.
  public let explainedBy: String?
  /// Oldest first, at most 30 days that had labels.
  public let days: [DayCounts]
  public let channels: [Channel]
  public let signs: [EarlySign]
  public let estimate: EarlyEstimate?
  public let marks: Marks
  public let why: String

  public var total: Int { correct + wrong }
  public var accuracy: Double? { total > 0 ? Double(correct) / Double(total) : nil }
  /// Labelled share of matured parts; nil when none has matured.
  public var coverage: Double? { matured > 0 ? Double(labelled) / Double(matured) : nil }
}
