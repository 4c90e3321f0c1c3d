/// What a backup holds: written last, so that a folder with one is whole.
public struct BackupManifest: Codable, Sendable, Equatable {
  /// The version of this file's keys.
  public var format = 1
  /// The backup's name: its folder, `20261128T061500Z`.
  public var stamp: String
  /// RFC 3339 in UTC: when both databases stood as they do here.
  public var createdAt: String
  public var host: String
  /// The version of the kaizend that wrote it.
  public var kaizend: String
  public var ledgerSchema: Int
  public var stateSchema: Int
  public var files: [BackupFile]
  public var rows: [TableRows]

  public init(
    stamp: String, createdAt: String, host: String, kaizend: String, ledgerSchema: Int, stateSchema: Int,
    files: [BackupFile], rows: [TableRows]
  ) {
    self.stamp = stamp
    self.createdAt = createdAt
    self.host = host
    self.kaizend = kaizend
    self.ledgerSchema = ledgerSchema
    self.stateSchema = stateSchema
    self.files = files
    self.rows = rows
  }

  /// The manifest's own name in the folder.
  public static let name = "manifest.json"
  public static let formatKnown = 1

  public var byteCount: Int { files.reduce(0) { $0 + $1.bytes } }

  /// Rows of a table of the ledger; nil where it is not told.
  public func rows(of table: String) -> Int? { rows.first { $0.database == "ledger.db" && $0.table == table }?.rows }
}

public struct BackupFile: Codable, Sendable, Equatable {
  /// Below the backup's folder: `ledger.db`, `state.db`, `teachers/NAME`.
  public var path: String
  public var bytes: Int
  /// Lower-case hex.
  public var sha256: String

  public init(path: String, bytes: Int, sha256: String) {
    self.path = path
    self.bytes = bytes
    self.sha256 = sha256
  }

  /// False for a path that could lead out of the folder: manifests come from other machines.
  public var isInside: Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count) else { return false }
    return parts.allSatisfy(Self.isPlain)
  }

  /// True for a name that no file system and no shell reads as anything else.
  public static func isPlain(_ name: Substring) -> Bool {
    guard let first = name.utf8.first, first != UInt8(ascii: "."), name.utf8.count <= 128 else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}

public struct TableRows: Codable, Sendable, Equatable {
  /// The database's file name.
  public var database: String
  public var table: String
  public var rows: Int

  public init(database: String, table: String, rows: Int) {
    self.database = database
    self.table = table
    self.rows = rows
  }
}
