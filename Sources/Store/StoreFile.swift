import CSQLite
import Domain
import Glibc

/// Where a database lives.
public enum StoreLocation: Sendable, Equatable {
  /// Gone when its connection closes; for tests and trials.
  case memory
  /// An absolute path, or one relative to the working directory.
  case file(String)

  var path: String {
    switch self {
    case .memory: ":memory:"
    case .file(let path): path
    }
  }
}

/// Names below the state directory.
public enum StoreFile {
  public static let ledger = "ledger.db"
  public static let state = "state.db"
  /// Damaged ledgers, kept for whoever wants to save rows from them.
  public static let quarantine = "quarantine"

  /// The companions SQLite keeps beside a database in WAL mode.
  static let suffixes = ["", "-wal", "-shm"]

  /// Owner writes, group reads, nobody else: features and outcomes are the plant's own business.
  static let fileMode: mode_t = 0o640
  static let directoryMode: mode_t = 0o750

  /// Creates the folder with mode 0750 unless it is there.
  static func makeDirectory(_ path: String) throws(OpenFailure) {
    guard mkdir(path, directoryMode) != 0, errno != EEXIST else { return }
    throw systemFailure("could not create the folder \(path)", path: path)
  }

  /// Creates an empty file with mode 0640 unless it is there; SQLite gives its WAL and shared memory the same mode.
  static func makeFile(_ path: String) throws(OpenFailure) {
    // O_EXCL: a file that exists is never opened here, for closing it would drop SQLite's locks on it.
    let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, fileMode)
    if descriptor >= 0 {
      close(descriptor)
      syncFolder(of: path)
    } else if errno != EEXIST {
      throw systemFailure("could not create \(path)", path: path)
    }
  }

  /// A time as part of a name: RFC 3339 without what file systems and shells dislike, `20261123T221530Z`.
  static func stamp(_ time: Timestamp) -> String { String(time.description.filter { $0 != "-" && $0 != ":" }) }

  /// Makes the entry of a new file outlive a power cut, as far as its file system can; SQLite does so for its log alone.
  static func syncFolder(of path: String) {
    let descriptor = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  /// Bytes of the file and its write-ahead log; 0 for what is not there.
  static func byteCount(_ path: String) -> Int {
    size(path) + size(path + "-wal")
  }

  /// Bytes of a database's write-ahead log; 0 where there is none.
  public static func logByteCount(_ path: String) -> Int { size(path + "-wal") }

  /// 0 for a file that is not there.
  static func size(_ path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  /// Moves a damaged database with its companions into `quarantine/` beside it.
  ///
  /// - Returns: the new path of the database.
  static func moveToQuarantine(_ path: String, at time: Timestamp) throws(OpenFailure) -> String {
    let folder = directory(of: path) + "/" + quarantine
    try makeDirectory(folder)
    let stamp = stamp(time)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var target = "\(folder)/\(stamp)-\(name)"
    var attempt = 1
    while access(target, F_OK) == 0 {
      attempt += 1
      target = "\(folder)/\(stamp)-\(attempt)-\(name)"
    }
    // The database first: SQLite drops a log it finds beside a new, empty database.
    for suffix in suffixes where access(path + suffix, F_OK) == 0 {
      guard rename(path + suffix, target + suffix) == 0 else {
        throw systemFailure("could not move the damaged \(path + suffix) to \(folder)", path: path)
      }
    }
    return target
  }

  static func systemFailure(_ what: String, path: String) -> OpenFailure {
    let code = errno
    let reason = String(cString: strerror(code))
    switch code {
    case EACCES, EPERM, EROFS:
      return .permission(
        "\(what): \(reason); check with \"ls -ld \(directory(of: path))\" that kaizend's user may write there")
    default:
      return .io(
        "\(what): \(reason); check the folder with \"ls -ld \(directory(of: path))\" and the disk with \"df -h\"")
    }
  }
}

/// Tells network file systems apart, by the magic number of statfs(2).
public enum FileSystem {
  /// statfs `f_type` numbers (linux/magic.h and the file systems' own sources) where locks or shared memory between
  /// processes are not those of a local disk.
  private static let networkMagics: [UInt32: String] = [
    0x6969: "NFS", 0x517B: "SMB", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB2", 0x0102_1997: "9p", 0x5346_414F: "AFS",
    0x6B41_4653: "AFS", 0x00C3_6400: "Ceph", 0x7375_7245: "Coda", 0x564C: "NCP", 0x0BD0_0BD0: "Lustre",
    0x4750_4653: "GPFS",
  ]

  /// The name of the network file system with that magic number; nil for a local one.
  public static func networkName(magic: UInt32) -> String? { networkMagics[magic] }

  /// Bytes that an ordinary user may still write to the file system that holds `path`; nil when it cannot be asked.
  public static func freeByteCount(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return Int(clamping: UInt64(status.f_bavail) &* UInt64(status.f_frsize))
  }

  /// The magic number of the file system that holds `path`; nil when it cannot be asked.
  public static func magic(of path: String) -> UInt32? {
    var status = statfs()
    guard statfs(path, &status) == 0 else { return nil }
    return UInt32(truncatingIfNeeded: status.f_type)
  }
}
