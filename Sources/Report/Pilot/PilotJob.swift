import Domain

/// One run: why it was started, what was tried, what it gave and what it took.
public struct PilotJob: Sendable, Equatable {
  public struct Rows: Sendable, Equatable {
    public let train: Int
    /// Chose among the ways of training.
    public let select: Int
    /// Seen by nothing but the gate.
    public let gate: Int

    public init(train: Int, select: Int, gate: Int) {
      self.train = train
      self.select = select
      self.gate = gate
    }

    public var total: Int { train + select + gate }
  }

  public struct Arm: Sendable, Equatable {
    public let name: String
    /// Why it was not run, in English; nil when it was.
    public let skipped: String?
    /// Of the worst group on the select rows, 0...1.
    public let score: Double?
    public let steps: Int
    public let seconds: Double
    public let isKept: Bool

    public init(name: String, skipped: String?, score: Double?, steps: Int, seconds: Double, isKept: Bool) {
      self.name = name
      self.skipped = skipped
      self.score = score
      self.steps = steps
      self.seconds = seconds
      self.isKept = isKept
    }
  }

  /// One group's gate rows, answered by both students.
  public struct Pair: Sendable, Equatable {
    public let group: String
    public let total: Int
    public let before: Int
    public let after: Int
    /// Newly right and newly wrong.
    public let wins: Int
    public let losses: Int

    public init(group: String, total: Int, before: Int, after: Int, wins: Int, losses: Int) {
      self.group = group
      self.total = max(0, total)
      self.before = min(max(0, before), self.total)
      self.after = min(max(0, after), self.total)
      self.wins = wins
      self.losses = losses
    }
  }

  public struct Teacher: Sendable, Equatable {
    public let name: String
    public let verdict: TeacherVerdict
    /// In English.
    public let sentence: String
    /// Right of asked, over all groups, on rows it was not fitted to.
    public let correct: Int
    public let total: Int
    /// Its lowest group among those with rows.
    public let worst: (group: String, correct: Int, total: Int)?
    /// Mean distance of its confidence from its accuracy, 0...1.
    public let calibrationError: Double?
    /// Against the serving student on the gate's rows, where that was measured.
    public let gatePairs: [Pair]

    public init(
      name: String, verdict: TeacherVerdict, sentence: String, correct: Int, total: Int,
      worst: (group: String, correct: Int, total: Int)?, calibrationError: Double?, gatePairs: [Pair]
    ) {
      self.name = name
      self.verdict = verdict
      self.sentence = sentence
      self.correct = correct
      self.total = total
      self.worst = worst
      self.calibrationError = calibrationError
      self.gatePairs = gatePairs
    }

    public static func == (left: Self, right: Self) -> Bool {
      left.name == right.name && left.verdict == right.verdict && left.sentence == right.sentence
        && left.correct == right.correct && left.total == right.total && left.worst?.group == right.worst?.group
        && left.worst?.correct == right.worst?.correct && left.worst?.total == right.worst?.total
        && left.calibrationError == right.calibrationError && left.gatePairs == right.gatePairs
    }
  }

  /// Weights of groups over the steps of the kept arm; all groups of one step sum to 1.
  public struct Weights: Sendable, Equatable {
    public let steps: [Int]
    public let groups: [(group: String, weights: [Double])]

    public init(steps: [Int], groups: [(group: String, weights: [Double])]) {
      self.steps = steps
      self.groups = groups
    }

    public static func == (left: Self, right: Self) -> Bool {
      left.steps == right.steps && left.groups.elementsEqual(right.groups) { $0 == $1 }
    }
  }

  public let number: Int
  /// first, retrain or import.
  public let kind: String
  /// promoted, kept, failed, ...; words that are newer than this page are shown as they are.
  public let state: String
  public let groups: [String]
  public let cells: [String]
  /// Parts from then on were used.
  public let since: Timestamp
  public let startedAt: Timestamp
  public let endedAt: Timestamp?
  public let login: String
  /// The student it put into service.
  public let version: Int?
  /// As they were recorded, in English.
  public let causes: [String]
  public let verdict: [String]
  /// For every part of the line, not for some groups alone.
  public var isWhole = false
  public var rows: Rows?
  /// Parts without an outcome that the teacher's answers were learned from.
  public var unlabelledRows: Int?
  public var arms: [Arm] = []
  public var pairs: [Pair] = []
  public var teacher: Teacher?
  public var weights: Weights?
  public var seconds: Double?
  public var processorSeconds: Double?
  /// It stood still so long for answers to come in time.
  public var pausedSeconds: Double?
  /// In English.
  public var remarks: [String] = []

  public init(
    number: Int, kind: String, state: String, groups: [String], cells: [String], since: Timestamp,
    startedAt: Timestamp, endedAt: Timestamp?, login: String, version: Int?, causes: [String], verdict: [String]
  ) {
    self.number = number
    self.kind = kind
    self.state = state
    self.groups = groups
    self.cells = cells
    self.since = since
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.login = login
    self.version = version
    self.causes = causes
    self.verdict = verdict
  }

  public var isRetraining: Bool { kind == "retrain" }
  public var isAutomatic: Bool { login == PilotEvent.daemonLogin }
  public var end: Timestamp { endedAt ?? startedAt }

  /// What became of it, as far as a page has to tell apart.
  public enum Fate: Sendable, Equatable {
    case running, onTrial, promoted, kept, rejected, rolledBack, failed, interrupted, other
  }

  public var fate: Fate {
    switch state {
    case "training", "evaluating": .running
    case "awaiting", "shadow", "canary", "watch": .onTrial
    case "promoted": .promoted
    case "kept": .kept
    case "rejected": .rejected
    case "rolled_back": .rolledBack
    case "failed": .failed
    case "interrupted": .interrupted
    default: .other
    }
  }
}
