import Domain

/// `GET /v1/lines/L/report?since=T`: all that a report of a line's months is made of, as figures.
public struct ReportReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var mode: String
  /// `event`: parts carry their own time, and the times of `audit` are not on their axis.
  public var time: String
  public var attributes: [String]
  public var outcomeInGroups: Bool
  public var classes: [String]
  /// The student that serves where no group has its own.
  public var champion: Int
  public var targetAccuracy: Double?
  /// Hours until a part counts; absent while that is learned.
  public var maturityHours: Double?
  /// The line's time, and the time up to which parts were counted.
  public var now: String
  public var until: String
  /// What was asked for, if anything was.
  public var since: String?
  /// Days of one entry of a series: 1, or 7 and more where a line has a longer history.
  public var periodDays: Int
  /// Those with most parts.
  public var groups: [ReportGroupRow]
  /// The parts of all other groups, where there are such.
  public var others: ReportSeries?
  public var otherGroups: Int
  /// Parts since `until`, and those of them that have an outcome already.
  public var youngParts: Int
  public var youngLabelled: Int
  public var dropped: DroppedRows
  /// Parts with an outcome that have not been predicted.
  public var waiting: Int
  /// The most trusted first.
  public var channels: [ChannelRow]
  /// Of these, those that choose the parts they look at: what they say is left out of accuracies.
  public var silentChannels: [String]
  /// Oldest first.
  public var runs: [ReportRun]
  /// Older runs that are not among them.
  public var olderRuns: Int
  /// Oldest first; what is recorded too often to be told is left out.
  public var audit: [AuditRow]
  /// What the line does now, or waits for, about groups that lag.
  public var activity: String?

  public init(
    line: String, mode: String, time: String, attributes: [String], outcomeInGroups: Bool, classes: [String],
    champion: Int, now: String, until: String, periodDays: Int, groups: [ReportGroupRow], dropped: DroppedRows,
    waiting: Int, channels: [ChannelRow], silentChannels: [String], runs: [ReportRun], audit: [AuditRow]
  ) {
    self.line = line
    self.mode = mode
    self.time = time
    self.attributes = attributes
    self.outcomeInGroups = outcomeInGroups
    self.classes = classes
    self.champion = champion
    self.now = now
    self.until = until
    self.periodDays = periodDays
    self.groups = groups
    self.otherGroups = 0
    self.youngParts = 0
    self.youngLabelled = 0
    self.dropped = dropped
    self.waiting = waiting
    self.channels = channels
    self.silentChannels = silentChannels
    self.runs = runs
    self.olderRuns = 0
    self.audit = audit
  }
}

public struct ReportGroupRow: Codable, Sendable, Equatable {
  public var group: String
  /// The cell that is served, where the group holds the true class too.
  public var cell: String
  /// unknown, ok, watch or lagging; absent for a group that is not watched.
  public var state: String?
  public var target: Double?
  public var series: ReportSeries

  public init(group: String, cell: String, state: String?, target: Double?, series: ReportSeries) {
    self.group = group
    self.cell = cell
    self.state = state
    self.target = target
    self.series = series
  }
}

/// Counts by period and student, column by column: `days[i]` belongs to `parts[i]`, and so on.
public struct ReportSeries: Codable, Sendable, Equatable {
  /// A period's first day, `2026-03-02`, oldest first.
  public var days: [String] = []
  /// The student that answered.
  public var versions: [Int] = []
  public var parts: [Int] = []
  /// With an outcome, and of these those that say how often answers are right.
  public var labelled: [Int] = []
  public var judged: [Int] = []
  public var right: [Int] = []

  public init() {}

  /// Whether the columns are of one length.
  public var isWhole: Bool {
    [versions, parts, labelled, judged, right].allSatisfy { $0.count == days.count }
  }
}

public struct ReportRun: Codable, Sendable, Equatable {
  public var run: RunRow
  /// Parts from then on were used: the suspected change.
  public var since: String
  public var causes: [String]
  public var verdict: [String]
  /// `scoped`: for some groups alone; `whole`: for every part of the line.
  public var scope: String
  /// As the training process gave it, with the weights of the kept arm alone, at some of its steps; absent where there
  /// is none, and for older runs.
  public var report: TrainingReport?

  public init(run: RunRow, since: String, causes: [String], verdict: [String], scope: String, report: TrainingReport?) {
    self.run = run
    self.since = since
    self.causes = causes
    self.verdict = verdict
    self.scope = scope
    self.report = report
  }
}
