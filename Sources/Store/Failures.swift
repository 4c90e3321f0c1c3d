import CSQLite
import Engine

/// SQLITE_IOERR_SHMSIZE: the file of shared memory beside a database could not grow, which is how a full disk shows
/// when the database is opened (sqlite.org/rescode.html).
private let sharedMemorySizeCode: Int32 = SQLITE_IOERR | 19 << 8

/// Turns an SQLite result code into what happened, why, and what to do next.
func storageFailure(code: Int32, detail: String, path: String) -> StorageFailure {
  switch code & 0xFF {
  case SQLITE_FULL,
    _ where code == sharedMemorySizeCode:
    StorageFailure(
      "\(path) could not grow: its disk is full, nothing of this was stored; free space there "
        + "(\"df -h \(directory(of: path))\" shows it) and it goes on by itself",
      mayPass: true)
  case SQLITE_BUSY, SQLITE_LOCKED:
    StorageFailure(
      "\(path) is held by another program, nothing of this was stored; \"fuser \(path)\" names it, end it "
        + "or let it finish",
      mayPass: true)
  case SQLITE_IOERR:
    StorageFailure(
      "reading or writing \(path) failed (\(detail), code \(code)); \"dmesg\" says whether the disk is failing: "
        + "replace it if so, else it goes on by itself",
      mayPass: true)
  case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH:
    StorageFailure(
      "\(path) cannot be opened for writing (\(detail)); check with \"ls -l \(directory(of: path))\" that kaizend's "
        + "user owns it and with \"mount\" that its disk is not read-only",
      mayPass: true)
  case SQLITE_NOMEM:
    StorageFailure("no memory left for \(path); raise MemoryMax= of kaizend.service", mayPass: true)
  case SQLITE_CORRUPT, SQLITE_NOTADB:
    StorageFailure(
      "\(path) is damaged (\(detail)); stop kaizend, keep a copy of the file and put back the last backup",
      mayPass: false)
  default:
    StorageFailure("\(path) refused a change (\(detail), code \(code)); nothing of it was stored", mayPass: false)
  }
}

/// The folder a path lies in, for sentences.
func directory(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Why a database could not be opened: each case asks for another answer from whoever starts the daemon.
public enum OpenFailure: Error, Equatable, CustomStringConvertible {
  /// Written by a newer kaizend: refused with exit code 78, never touched.
  case newerSchema(String)
  /// Written by an older kaizend and opened for reading only, so nobody may migrate it.
  case olderSchema(String)
  /// A database whose pages or rows are damaged.
  case malformed(String)
  /// No database at all.
  case notADatabase(String)
  /// A sound database of some other program.
  case foreignDatabase(String)
  /// Locks and shared memory of a network file system do not keep what SQLite needs of them.
  case networkFileSystem(String)
  case permission(String)
  case io(String)

  /// What happened, why, and what to do next.
  public var sentence: String {
    switch self {
    case .newerSchema(let sentence), .olderSchema(let sentence), .malformed(let sentence), .notADatabase(let sentence),
      .foreignDatabase(let sentence), .networkFileSystem(let sentence), .permission(let sentence), .io(let sentence):
      sentence
    }
  }

  public var description: String { sentence }

  /// True when the file itself is beyond use and opening it again cannot help.
  var isDamage: Bool {
    switch self {
    case .malformed, .notADatabase: true
    case .newerSchema, .olderSchema, .foreignDatabase, .networkFileSystem, .permission, .io: false
    }
  }
}

extension OpenFailure {
  init(code: Int32, detail: String, path: String) {
    let sentence = storageFailure(code: code, detail: detail, path: path).sentence
    self =
      switch code & 0xFF {
      case SQLITE_NOTADB:
        .notADatabase("\(path) is not a database (\(detail)); move it away or put back the last backup")
      case SQLITE_CORRUPT: .malformed(sentence)
      // The version says that our tables are there, and they are not, or hold what they must not.
      case SQLITE_ERROR, SQLITE_SCHEMA, SQLITE_CONSTRAINT, SQLITE_MISMATCH:
        .malformed("\(path) is not as kaizend made it (\(detail)); keep a copy of it and put back the last backup")
      case SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH: .permission(sentence)
      default: .io(sentence)
      }
  }
}
