/// `POST /v1/reload`: what reading the configuration again has changed. A wrong one is a 409 and changes nothing.
public struct ReloadReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  /// Keys that hold otherwise now.
  public var changes: [ChangedSetting]
  /// Keys that were changed in the files and hold only after a restart.
  public var needsRestart: [ChangedSetting]
  /// Lines that run with other settings now.
  public var lines: [String]
  /// Lines that were out of service and serve again.
  public var reopened: [String]
  /// Stored students that cannot be read; what served goes on serving.
  public var problems: [String]
  public var sentence: String

  public init(
    changes: [ChangedSetting], needsRestart: [ChangedSetting], lines: [String], reopened: [String],
    problems: [String], sentence: String
  ) {
    self.changes = changes
    self.needsRestart = needsRestart
    self.lines = lines
    self.reopened = reopened
    self.problems = problems
    self.sentence = sentence
  }
}

/// One key of the configuration; values as TOML, nil for none.
public struct ChangedSetting: Codable, Sendable, Equatable {
  public var key: String
  public var from: String?
  public var to: String?

  public init(key: String, from: String?, to: String?) {
    self.key = key
    self.from = from
    self.to = to
  }

  public var text: String { "\(key): \(from ?? "none") -> \(to ?? "none")" }
}
