public struct AuditReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var entries: [AuditRow]
  public init(entries: [AuditRow]) { self.entries = entries }
}

public struct AuditRow: Codable, Sendable, Equatable {
  public var seq: Int
  public var time: String
  public var uid: Int
  public var login: String
  public var event: String
  public var line: String?
  public var group: String?
  public var run: Int?
  public var sentence: String
  public var hash: String

  public init(
    seq: Int, time: String, uid: Int, login: String, event: String, line: String?, group: String?, run: Int?,
    sentence: String, hash: String
  ) {
    self.seq = seq
    self.time = time
    self.uid = uid
    self.login = login
    self.event = event
    self.line = line
    self.group = group
    self.run = run
    self.sentence = sentence
    self.hash = hash
  }
}

public struct AuditVerifyReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var intact: Bool
  public var rows: Int
  public var firstBrokenSeq: Int?
  public var sentence: String
  /// Entries that the journal told with their hashes; nil where it was not compared.
  public var anchors: Int?

  public init(intact: Bool, rows: Int, firstBrokenSeq: Int?, sentence: String) {
    self.intact = intact
    self.rows = rows
    self.firstBrokenSeq = firstBrokenSeq
    self.sentence = sentence
  }
}

/// What `kaizenctl audit export` has written.
public struct AuditExportReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var file: String
  public var rows: Int
  public var sha256: String

  public init(file: String, rows: Int, sha256: String) {
    self.file = file
    self.rows = rows
    self.sha256 = sha256
  }
}

/// The body of every answer that is not 2xx, on both sockets.
public struct ErrorReply: Codable, Sendable, Equatable {
  public var error: String
  public init(error: String) { self.error = error }
}
