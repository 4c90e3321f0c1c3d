public struct ModelsReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var models: [ModelRow]

  public init(line: String, models: [ModelRow]) {
    self.line = line
    self.models = models
  }
}

public struct ModelRow: Codable, Sendable, Equatable {
  public var version: Int
  /// champion, scoped, trial (waits for approval, or is compared), imported (served nobody yet, or no more) or retired.
  public var role: String
  /// Cells it serves by a route of their own.
  public var cells: [String]
  public var createdAt: String
  public var run: Int
  public var arm: String?
  public var parameters: Int
  public var sha256: String
  public var by: String

  public init(
    version: Int, role: String, cells: [String], createdAt: String, run: Int, arm: String?, parameters: Int,
    sha256: String, by: String
  ) {
    self.version = version
    self.role = role
    self.cells = cells
    self.createdAt = createdAt
    self.run = run
    self.arm = arm
    self.parameters = parameters
    self.sha256 = sha256
    self.by = by
  }
}

/// `GET /v1/lines/LINE/models/V/bytes`: the student as it is served.
public struct ModelBytesReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var version: Int
  public var sha256: String
  /// base64
  public var bytes: String

  public init(line: String, version: Int, sha256: String, bytes: String) {
    self.line = line
    self.version = version
    self.sha256 = sha256
    self.bytes = bytes
  }
}

/// `POST /v1/lines/LINE/models`: a student from a file; it serves nobody yet.
public struct ImportModelRequest: Codable, Sendable, Equatable {
  /// The student's bytes in base64.
  public var student: String
  /// The file's name, for the audit.
  public var source: String
  /// Lower-case hex of the file.
  public var sha256: String

  public init(student: String, source: String, sha256: String) {
    self.student = student
    self.source = source
    self.sha256 = sha256
  }
}

public struct ImportModelReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var version: Int
  public var run: Int
  public var sentence: String

  public init(line: String, version: Int, run: Int, sentence: String) {
    self.line = line
    self.version = version
    self.run = run
    self.sentence = sentence
  }
}

/// What `kaizenctl models import --json` prints.
public struct ImportedModelReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var model: ImportModelReply
  /// nil unless it was put into service at once.
  public var activation: PromoteReply?
  public var remarks: [String]

  public init(model: ImportModelReply, activation: PromoteReply?, remarks: [String]) {
    self.model = model
    self.activation = activation
    self.remarks = remarks
  }
}

/// What `kaizenctl models export --json` prints.
public struct ExportedModelReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var version: Int
  public var file: String
  /// Of the student's own bytes, as `models` shows it.
  public var sha256: String

  public init(line: String, version: Int, file: String, sha256: String) {
    self.line = line
    self.version = version
    self.file = file
    self.sha256 = sha256
  }
}

/// `POST /v1/lines/LINE/rollback`. No cell: every cell of the newest scoped student goes back to the student before, or
/// all parts to what served them before a student was put into service by hand.
public struct RollbackRequest: Codable, Sendable, Equatable {
  public var cell: String?
  public var reason: String?

  public init(cell: String?, reason: String?) {
    self.cell = cell
    self.reason = reason
  }
}

public struct RollbackReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var changes: [RouteChange]
  public var sentence: String

  public init(line: String, changes: [RouteChange], sentence: String) {
    self.line = line
    self.changes = changes
    self.sentence = sentence
  }
}

public struct RouteChange: Codable, Sendable, Equatable {
  public var cell: String
  public var from: Int
  public var to: Int

  public init(cell: String, from: Int, to: Int) {
    self.cell = cell
    self.from = from
    self.to = to
  }
}
