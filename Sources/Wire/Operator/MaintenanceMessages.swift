import Domain

/// The work of minutes that the daemon does beside serving: the one under way, and the last of each kind that ended.
public struct MaintenanceReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var running: MaintenanceJob?
  public var finished: [MaintenanceJob]

  public init(running: MaintenanceJob?, finished: [MaintenanceJob]) {
    self.running = running
    self.finished = finished
  }

  /// The job of that number that was started then; nil where the daemon knows it no more.
  public func job(_ number: Int, startedAt: String) -> MaintenanceJob? {
    ([running].compactMap { $0 } + finished).first { $0.number == number && $0.startedAt == startedAt }
  }
}

public struct MaintenanceJob: Codable, Sendable, Equatable {
  /// Counted from the daemon's start.
  public var number: Int
  /// `backup` or `doctor`.
  public var kind: String
  public var by: String
  public var startedAt: String
  public var endedAt: String?
  public var stage: String
  /// 0...1.
  public var fraction: Double
  /// Why it did not come to its end.
  public var problem: String?
  public var backup: BackupRow?
  public var doctor: DoctorReply?

  public init(
    number: Int, kind: String, by: String, startedAt: String, endedAt: String? = nil, stage: String, fraction: Double,
    problem: String? = nil, backup: BackupRow? = nil, doctor: DoctorReply? = nil
  ) {
    self.number = number
    self.kind = kind
    self.by = by
    self.startedAt = startedAt
    self.endedAt = endedAt
    self.stage = stage
    self.fraction = fraction
    self.problem = problem
    self.backup = backup
    self.doctor = doctor
  }
}

/// A backup that the daemon keeps, or that `kaizenctl` has brought elsewhere.
public struct BackupRow: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var stamp: String
  /// The folder it lies in.
  public var path: String
  public var createdAt: String
  public var kaizend: String
  public var bytes: Int
  public var predictions: Int
  public var outcomes: Int
  public var files: [BackupFile]

  public init(_ manifest: BackupManifest, path: String) {
    stamp = manifest.stamp
    self.path = path
    createdAt = manifest.createdAt
    kaizend = manifest.kaizend
    bytes = manifest.byteCount
    predictions = manifest.rows(of: "prediction") ?? 0
    outcomes = manifest.rows(of: "outcome") ?? 0
    files = manifest.files
  }
}

public struct BackupsReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  /// The oldest first.
  public var backups: [BackupRow]
  public init(backups: [BackupRow]) { self.backups = backups }
}

public struct RemoveBackupReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var stamp: String
  public var sentence: String

  public init(stamp: String, sentence: String) {
    self.stamp = stamp
    self.sentence = sentence
  }
}

/// What was put back, as `kaizend --restore` tells it.
public struct RestoreReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var backup: BackupRow
  public var stateDirectory: String
  /// Where what was there before is kept.
  public var replaced: String?
  public var sentence: String

  public init(backup: BackupRow, stateDirectory: String, replaced: String?, sentence: String) {
    self.backup = backup
    self.stateDirectory = stateDirectory
    self.replaced = replaced
    self.sentence = sentence
  }
}

/// Everything that was looked at, the worst told in `worst`.
public struct DoctorReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  /// `ok`, `warning` or `broken`.
  public var worst: String
  public var checks: [DoctorRow]

  public init(worst: String, checks: [DoctorRow]) {
    self.worst = worst
    self.checks = checks
  }
}

public struct DoctorRow: Codable, Sendable, Equatable {
  public var subject: String
  public var state: String
  public var sentence: String
  /// What to do about it.
  public var next: String?

  public init(subject: String, state: String, sentence: String, next: String?) {
    self.subject = subject
    self.state = state
    self.sentence = sentence
    self.next = next
  }
}
