import Domain
import Engine
import Glibc

/// One thing that was looked at, and how it was found.
public struct CheckFinding: Sendable, Equatable {
  public enum State: String, Sendable, Comparable {
    case ok
    /// Works, but somebody should look at it.
    case warning
    /// Something stored is not what it should be, or cannot be stored.
    case broken

    public static func < (left: State, right: State) -> Bool { left.rank < right.rank }
    private var rank: Int { self == .ok ? 0 : self == .warning ? 1 : 2 }
  }

  /// What was looked at, in two words or three.
  public let subject: String
  public let state: State
  public let sentence: String
  /// What to do about it; nil where nothing is to be done.
  public let next: String?

  public init(_ subject: String, _ state: State, _ sentence: String, next: String? = nil) {
    self.subject = subject
    self.state = state
    self.sentence = sentence
    self.next = next
  }
}

/// Looks at everything below a state directory beside the daemon that uses it; changes nothing.
public struct StateCheck {
  private let stateDirectory: String
  private let freeByteCount: (String) -> Int?
  private let magic: (String) -> UInt32?

  /// Less free space than this is an alarm: some hours of a busy plant.
  private static let freeByteCountMin = 256 << 20
  /// A log that grows past this is not copied into the database any more, though it should be every few megabytes.
  public static let logByteCountMax = 256 << 20

  public init(
    stateDirectory: String, freeByteCount: @escaping (String) -> Int? = FileSystem.freeByteCount(at:),
    magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) {
    self.stateDirectory = stateDirectory
    self.freeByteCount = freeByteCount
    self.magic = magic
  }

  /// Looks at all of it: pages, totals against rows, references, students, the audit trail, files and the disk.
  ///
  /// - Throws: `LongWork.stopped`; whatever else goes wrong is a finding.
  public func run(_ work: LongWork) throws(StorageFailure) -> [CheckFinding] {
    try check(StoreFile.ledger, ledgerSchema, from: 0, work) { (database) throws(StorageFailure) in
      try LedgerCheck(database).findings(work)
    }
      + check(StoreFile.state, registrySchema, from: 0.9, work) { (database) throws(StorageFailure) in
        try registryFindings(database, work)
      } + [room(), log(StoreFile.ledger), log(StoreFile.state)] + files() + leftovers()
  }

  // MARK: - Databases

  private func check(
    _ name: String, _ schema: Schema, from fraction: Double, _ work: LongWork,
    _ rest: (Database) throws(StorageFailure) -> [CheckFinding]
  ) throws(StorageFailure) -> [CheckFinding] {
    let path = "\(stateDirectory)/\(name)"
    try work.report("reading every page of \(name)", fraction)
    let database: Database
    do throws(OpenFailure) {
      database = try Opening(schema: schema, magic: magic).openReadOnly(path: path)
    } catch {
      guard error.isDamage else { return [CheckFinding(name, .broken, error.sentence)] }
      return [CheckFinding("\(name) pages", .broken, error.sentence, next: Self.restoreNext)]
    }
    do throws(StorageFailure) {
      // One snapshot: totals and rows of the same moment, whatever is written meanwhile.
      return try work.run(database) { () throws(StorageFailure) in
        try database.snapshot { () throws(StorageFailure) in
          let findings = try database.pageFindings()
          guard findings.isEmpty else { return [damage(name, path, findings)] }
          let sound = CheckFinding("\(name) pages", .ok, "every page of \(name) is sound")
          return [sound] + (try rest(database))
        }
      }
    } catch {
      if error == LongWork.stopped { throw error }
      guard !error.mayPass else { return [CheckFinding("\(name) pages", .warning, "not checked: \(error.sentence)")] }
      return [CheckFinding("\(name) pages", .broken, error.sentence, next: Self.restoreNext)]
    }
  }

  private static let restoreNext =
    "stop kaizend, keep a copy of the state directory, and put a backup back: kaizenctl restore DIR"

  private func damage(_ name: String, _ path: String, _ findings: [String]) -> CheckFinding {
    let first = findings[0].split(separator: "\n").joined(separator: " ")
    let more = findings.count > 1 ? ", and \(findings.count - 1) more" : ""
    return CheckFinding("\(name) pages", .broken, "\(path) is damaged: \(first)\(more)", next: Self.restoreNext)
  }

  private func registryFindings(_ database: Database, _ work: LongWork) throws(StorageFailure) -> [CheckFinding] {
    try work.report("checking students and the audit trail", 0.95)
    let dangling = try database.number("SELECT count(*) FROM pragma_foreign_key_check")
    var broken: [String] = []
    try database.prepare("SELECT line, version, sha256, bytes FROM model").forEach { (row) throws(StorageFailure) in
      if sha256Text(row.bytes(3)) != row.text(2) { broken.append("\(row.text(0)) \(row.int64(1))") }
      return .more
    }
    let students = try database.number("SELECT count(*) FROM model")
    let verdict = try AuditVerifier(database).verify()
    return [
      dangling == 0
        ? CheckFinding("state references", .ok, "lines, students and routes refer to what is there")
        : CheckFinding(
          "state references", .broken, "\(dangling) rows of state.db refer to lines or students that are not there",
          next: Self.restoreNext),
      broken.isEmpty
        ? CheckFinding("students", .ok, "\(students) stored students are what they were when they were stored")
        : CheckFinding(
          "students", .broken, "changed since they were stored: \(broken.joined(separator: ", "))",
          next: "kaizenctl rollback LINE, or restore a backup"),
      audit(verdict),
    ]
  }

  private func audit(_ verdict: AuditVerdict) -> CheckFinding {
    switch verdict {
    case .intact(let rows): CheckFinding("audit trail", .ok, "the hashes of all \(rows) entries fit")
    case .broken(let rows, let first):
      CheckFinding(
        "audit trail", .broken, "entry \(first) of \(rows) does not fit the one before it",
        next: "compare state.db with a backup; kaizenctl audit verify --journal FILE tells what the journal knows")
    }
  }

  // MARK: - The disk

  private func room() -> CheckFinding {
    guard let free = freeByteCount(stateDirectory) else {
      return CheckFinding("disk", .warning, "the free space of \(stateDirectory) cannot be asked")
    }
    let used = StoreFile.byteCount("\(stateDirectory)/\(StoreFile.ledger)")
    let text = "\(free >> 20) MB are free, the ledger has \(used >> 20) MB"
    if free < Self.freeByteCountMin {
      return CheckFinding("disk", .broken, text, next: "free space on the disk of \(stateDirectory)")
    }
    if free < used {
      return CheckFinding(
        "disk", .warning, text + ": a backup there does not fit any more",
        next: "free space, or remove older backups (kaizenctl backup --list)")
    }
    return CheckFinding("disk", .ok, text)
  }

  private func log(_ name: String) -> CheckFinding {
    let size = StoreFile.size("\(stateDirectory)/\(name)-wal")
    guard size > Self.logByteCountMax else {
      return CheckFinding("\(name) log", .ok, "\(name)-wal has \(size >> 20) MB")
    }
    return CheckFinding(
      "\(name) log", .warning,
      "\(name)-wal has \(size >> 20) MB: a program that reads \(name) for long keeps it from being emptied",
      next: "fuser \(stateDirectory)/\(name)-wal names it; long queries belong on a backup")
  }

  private func files() -> [CheckFinding] {
    var directory = stat()
    guard stat(stateDirectory, &directory) == 0 else {
      return [CheckFinding("files", .broken, "\(stateDirectory) cannot be looked at")]
    }
    var wrong: [String] = []
    if directory.st_mode & 0o007 != 0 { wrong.append(". (mode \(octal(directory.st_mode)))") }
    let names = [StoreFile.ledger, StoreFile.state].flatMap { name in StoreFile.suffixes.map { name + $0 } }
    for name in names + LedgerJournal.names + [StateBackup.teachers] {
      var status = stat()
      guard lstat("\(stateDirectory)/\(name)", &status) == 0 else { continue }
      if status.st_uid != geteuid() {
        wrong.append("\(name) (owner \(status.st_uid))")
      } else if status.st_mode & 0o007 != 0 || status.st_mode & S_IFMT == S_IFLNK {
        wrong.append("\(name) (mode \(octal(status.st_mode)))")
      }
    }
    guard !wrong.isEmpty else {
      return [CheckFinding("files", .ok, "owners and modes are as kaizend makes them")]
    }
    return [
      CheckFinding(
        "files", .warning, "others may read or own what is the plant's: \(wrong.joined(separator: ", "))",
        next: "chmod o-rwx and chown kaizend: these in \(stateDirectory)")
    ]
  }

  private func octal(_ mode: mode_t) -> String { String(mode & 0o7777, radix: 8) }

  private func leftovers() -> [CheckFinding] {
    let quarantine = "\(stateDirectory)/\(StoreFile.quarantine)"
    let names = PlainFile.names(in: quarantine)
    guard !names.isEmpty else { return [] }
    return [
      CheckFinding(
        "quarantine", .warning, "\(names.count) files or folders were put aside and are kept in \(quarantine)",
        next: "look at them, save what is needed, and remove them")
    ]
  }
}
