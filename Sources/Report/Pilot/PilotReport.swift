import Domain

/// A line's months as its report tells them: figures and what was recorded, nothing judged yet.
public struct PilotReport: Sendable, Equatable {
  public var line: String
  /// Parts carry their own time: what was recorded by the machine's clock does not lie on their axis.
  public var hasOwnTime: Bool
  /// observe, propose or auto.
  public var mode: String
  /// The line's time.
  public var now: Timestamp
  /// Parts up to then were counted.
  public var until: Timestamp
  public var target: Double?
  /// nil while it is learned.
  public var maturityHours: Double?
  /// Days of one point of a series.
  public var periodDays: Int
  /// Whether groups hold the true class: parts without an outcome then belong to none.
  public var outcomeInGroups: Bool
  public var groups: [PilotGroup]
  /// Parts of no group of `groups`: of groups beyond the bound, and without the outcome that would make the group.
  public var rest: [PilotPoint] = []
  public var otherGroups = 0
  public var youngParts = 0
  public var youngLabelled = 0
  public var droppedParts = 0
  public var waiting = 0
  public var channels: [PilotChannel] = []
  /// Oldest first.
  public var jobs: [PilotJob] = []
  public var olderJobs = 0
  /// Oldest first.
  public var events: [PilotEvent] = []
  /// What the line waits for now, as the daemon says it.
  public var activity: String?

  public init(
    line: String, hasOwnTime: Bool, mode: String, now: Timestamp, until: Timestamp, target: Double?,
    maturityHours: Double?, periodDays: Int, outcomeInGroups: Bool, groups: [PilotGroup]
  ) {
    self.line = line
    self.hasOwnTime = hasOwnTime
    self.mode = mode
    self.now = now
    self.until = until
    self.target = target
    self.maturityHours = maturityHours
    self.periodDays = periodDays
    self.outcomeInGroups = outcomeInGroups
    self.groups = groups
  }
}

public struct PilotGroup: Sendable, Equatable {
  public let name: String
  /// The cell that is served; the group's own name where groups hold no true class.
  public let cell: String
  /// unknown, ok, watch or lagging; nil for a group that is not watched.
  public let state: String?
  public let target: Double?
  /// By day and student.
  public let points: [PilotPoint]

  public init(name: String, cell: String, state: String?, target: Double?, points: [PilotPoint]) {
    self.name = name
    self.cell = cell
    self.state = state
    self.target = target
    self.points = points
  }
}

/// What one student did with one group's parts in one period.
public struct PilotPoint: Sendable, Equatable {
  /// The period's first day, in days since 1970.
  public let day: Int64
  public let version: Int
  public let parts: Int
  public let labelled: Int
  /// Labelled parts that say how often answers are right, and those of them that were.
  public let judged: Int
  public let right: Int

  public init(day: Int64, version: Int, parts: Int, labelled: Int, judged: Int, right: Int) {
    self.day = day
    self.version = version
    self.parts = parts
    self.labelled = labelled
    // Counts that contradict each other would stop the page.
    self.judged = max(0, judged)
    self.right = min(max(0, right), max(0, judged))
  }
}

public struct PilotChannel: Sendable, Equatable {
  public let name: String
  public let outcomes: Int
  /// Parts of which it says otherwise than what is in force.
  public let conflicts: Int
  /// It chooses its parts, and is left out of accuracies.
  public let isSilent: Bool

  public init(name: String, outcomes: Int, conflicts: Int, isSilent: Bool) {
    self.name = name
    self.outcomes = outcomes
    self.conflicts = conflicts
    self.isSilent = isSilent
  }
}

/// Something that was recorded: an alarm, a decision, a change.
public struct PilotEvent: Sendable, Equatable {
  /// By the machine's clock.
  public let time: Timestamp
  /// `group_lagging`, `model_promoted`, ...
  public let event: String
  public let group: String?
  public let run: Int?
  public let login: String
  /// As it was recorded, in English.
  public let sentence: String

  public init(time: Timestamp, event: String, group: String?, run: Int?, login: String, sentence: String) {
    self.time = time
    self.event = event
    self.group = group
    self.run = run
    self.login = login
    self.sentence = sentence
  }

  /// Whom the daemon's own decisions are recorded under.
  public static let daemonLogin = "kaizend"

  public var isByPerson: Bool { login != Self.daemonLogin }
}
