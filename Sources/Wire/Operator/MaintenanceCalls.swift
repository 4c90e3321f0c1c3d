import Domain

/// Part of a file of a backup.
public struct BackupPiece: Sendable, Equatable {
  public var stamp: String
  /// As the manifest names it, or the manifest itself.
  public var file: String
  public var offset: Int
  public var count: Int

  public init(stamp: String, file: String, offset: Int, count: Int) {
    self.stamp = stamp
    self.file = file
    self.offset = offset
    self.count = count
  }

  /// Bytes of one answer at most.
  public static let countMax = 4 << 20

  var query: [(name: String, value: String?)] {
    [("file", file), ("offset", String(offset)), ("count", String(count))]
  }
}

extension OperatorCall {
  /// Entries of one answer of `auditEntries`.
  public static let auditPageMax = 2000

  static func auditEntries(_ request: WireRequest) throws(WireFault) -> OperatorCall {
    guard let after = wholeNumber(request.query["after"] ?? "0") else {
      throw .badMessage("\"after\" is an entry's number")
    }
    return .auditEntries(after: after)
  }

  static func decodeMaintenance(_ request: WireRequest) throws(WireFault) -> OperatorCall {
    let segments = request.segments
    switch (segments[1], segments.count) {
    case ("maintenance", 2): return try get(request, .maintenance)
    case ("backups", 2): return try get(request, .backups)
    case ("backups", 4) where segments[3] == "bytes": return try get(request, try piece(request, stamp: segments[2]))
    case ("backup", 2): return try post(request, .backup)
    case ("doctor", 2): return try post(request, .doctor)
    case ("backups", 4) where segments[3] == "remove": return try post(request, .removeBackup(stamp: segments[2]))
    default: throw .unknownPath(request.path)
    }
  }

  private static func piece(_ request: WireRequest, stamp: String) throws(WireFault) -> OperatorCall {
    guard let file = request.query["file"], let offset = wholeNumber(request.query["offset"] ?? "0"),
      let count = wholeNumber(request.query["count"] ?? ""), 1...BackupPiece.countMax ~= count
    else { throw .badMessage("say which bytes: file=NAME&offset=N&count=N, at most \(BackupPiece.countMax) at once") }
    return .backupBytes(BackupPiece(stamp: stamp, file: file, offset: offset, count: count))
  }

  private static func post(_ request: WireRequest, _ call: OperatorCall) throws(WireFault) -> OperatorCall {
    try request.require(.post)
    return call
  }
}
