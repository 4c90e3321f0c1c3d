import Domain
import Engine
import FoundationEssentials
import Glibc

/// Why a backup was not put back; each case ends the program with another code.
public enum RestoreFailure: Error, Equatable {
  /// No backup there.
  case missing(String)
  /// Not what its manifest says, or no sound database.
  case damaged(String)
  /// Made by a kaizend newer than this one.
  case newerSchema(String)
  /// The disk, or who may write there.
  case io(String)

  public var sentence: String {
    switch self {
    case .missing(let sentence), .damaged(let sentence), .newerSchema(let sentence), .io(let sentence): sentence
    }
  }
}

/// Puts a backup in the place of a state directory's databases, journals and teachers, while no daemon runs there.
///
/// The backup is copied into `restore/` below the state directory and checked there. A mark then says that it is
/// `ready`; from it on `finish` carries the change through however often it is interrupted: first all that is there
/// goes into `quarantine/`, then the mark becomes `cleared`, then the copies take their places. Before the mark the
/// old state is untouched, after it the new one is whole in `restore/` or in its place.
public struct StateRestore {
  private let stateDirectory: String
  private let freeByteCount: (String) -> Int?
  /// Called before each step that changes something; a test throws from it, as a kill would end the process there.
  private let step: (String) throws(StorageFailure) -> Void

  static let folder = "restore"
  private static let ready = "ready"
  private static let cleared = "cleared"

  public init(
    stateDirectory: String, freeByteCount: @escaping (String) -> Int? = FileSystem.freeByteCount(at:),
    step: @escaping (String) throws(StorageFailure) -> Void = { _ in }
  ) {
    self.stateDirectory = stateDirectory
    self.freeByteCount = freeByteCount
    self.step = step
  }

  /// What a restore has done.
  public struct Restored: Sendable, Equatable {
    /// Of the backup that stands there now; its stamp alone is told where an earlier process had begun.
    public let stamp: String
    /// Where what was there before is; nil where nothing was.
    public let replaced: String?
  }

  /// Who put a backup in place, for the audit trail of the daemon that starts next.
  public struct Note: Codable, Sendable, Equatable {
    public let stamp: String
    /// Below `quarantine/`.
    public let replaced: String
    public let uid: UInt32
    public let login: String
  }

  private static let note = "restored"

  private var staging: String { stateDirectory + "/" + Self.folder }
  private var databases: [String] { [StoreFile.ledger, StoreFile.state] }

  // MARK: - From a backup

  /// Checks the backup, copies it and puts it in place.
  ///
  /// - Parameters:
  ///   - source: the backup's folder.
  ///   - time: stands in the name of the folder that takes what was there.
  ///   - actor: whom the audit trail names.
  public func restore(
    from source: String, at time: Timestamp, by actor: Principal, _ work: LongWork
  ) throws(RestoreFailure) -> (manifest: BackupManifest, restored: Restored) {
    // One that was interrupted is ended first: its mark must not meet these files.
    do throws(StorageFailure) { _ = try finish() } catch { throw .io(error.sentence) }
    let manifest = try manifest(of: source)
    do throws(StorageFailure) {
      try requireRoom(manifest)
      try makeFolder(staging)
      try stage(manifest, from: source, work)
    } catch {
      PlainFile.remove(staging)
      throw error.mayPass ? .io(error.sentence) : .damaged(error.sentence)
    }
    do throws(RestoreFailure) { try check(manifest, from: source, work) } catch {
      PlainFile.remove(staging)
      throw error
    }
    do throws(StorageFailure) {
      try markReady(manifest, time, actor)
      guard let restored = try finish() else { preconditionFailure("the mark was set a moment ago") }
      return (manifest, restored)
    } catch {
      throw .io(error.sentence)
    }
  }

  private func manifest(of source: String) throws(RestoreFailure) -> BackupManifest {
    guard PlainFile.isThere(source + "/" + BackupManifest.name) else {
      throw .missing(
        "\(source) is no whole backup: it has no \(BackupManifest.name); \"kaizenctl backup --list\" shows those there are"
      )
    }
    let manifest: BackupManifest
    do throws(StorageFailure) { manifest = try StateBackup.manifest(in: source) } catch {
      throw .damaged(error.sentence)
    }
    guard manifest.format <= BackupManifest.formatKnown, Int64(manifest.ledgerSchema) <= ledgerSchema.version,
      Int64(manifest.stateSchema) <= registrySchema.version
    else {
      throw .newerSchema(
        "the backup was made by kaizend \(manifest.kaizend), which is newer than this one; install that version, then "
          + "restore it")
    }
    let names = manifest.files.map(\.path)
    guard databases.allSatisfy(names.contains), Set(names).count == names.count else {
      throw .damaged("the backup's manifest does not name both databases; take another backup")
    }
    guard manifest.files.allSatisfy({ $0.isInside && isExpected($0.path) }) else {
      throw .damaged("the backup's manifest names files that belong to no backup; take another backup")
    }
    return manifest
  }

  private func isExpected(_ path: String) -> Bool {
    databases.contains(path) || path.hasPrefix(StateBackup.teachers + "/")
  }

  private func stage(_ manifest: BackupManifest, from source: String, _ work: LongWork) throws(StorageFailure) {
    let total = Double(max(1, manifest.byteCount))
    var before = 0
    for file in manifest.files {
      try step("copy \(file.path)")
      if file.path.hasPrefix(StateBackup.teachers) { try makeFolder("\(staging)/\(StateBackup.teachers)") }
      let target = "\(staging)/\(file.path)"
      let content = try PlainFile.copy("\(source)/\(file.path)", to: target) { (count) throws(StorageFailure) in
        try work.report("copying \(file.path)", 0.7 * Double(before + count) / total)
      }
      guard content.byteCount == file.bytes, content.sha256 == file.sha256 else {
        throw StorageFailure(
          "\(source)/\(file.path) is not what the manifest says (its SHA-256 differs): the backup was damaged; nothing "
            + "was changed, take another backup", mayPass: false)
      }
      try adopt(target)
      before += file.bytes
    }
  }

  private func check(_ manifest: BackupManifest, from source: String, _ work: LongWork) throws(RestoreFailure) {
    for (name, schema) in zip(databases, [ledgerSchema, registrySchema]) {
      do throws(StorageFailure) {
        try work.report("checking \(name)", 0.8)
        let copy = try CopiedDatabase("\(staging)/\(name)")
        guard try copy.mark() == schema.applicationID else {
          throw StorageFailure("\(source)/\(name) is a database of another program", mayPass: false)
        }
        // The file itself counts: a manifest is a text that anyone can change.
        guard Int64(try copy.check(work)) <= schema.version else { throw Self.newer }
      } catch {
        if error == Self.newer {
          throw .newerSchema(
            "\(source)/\(name) was written by a newer kaizend; install that version, then restore it")
        }
        throw .damaged("\(error.sentence) (nothing was changed)")
      }
    }
  }

  private static let newer = StorageFailure("newer", mayPass: false)

  private func markReady(_ manifest: BackupManifest, _ time: Timestamp, _ actor: Principal) throws(StorageFailure) {
    if PlainFile.isFolder("\(staging)/\(StateBackup.teachers)") {
      try PlainFile.synchronize(folder: "\(staging)/\(StateBackup.teachers)")
    }
    try PlainFile.synchronize(folder: staging)
    let quarantine = "\(stateDirectory)/\(StoreFile.quarantine)"
    let name = StoreFile.stamp(Timestamp(seconds: time.microseconds / 1_000_000)) + "-replaced"
    var replaced = name
    var attempt = 1
    while PlainFile.isThere("\(quarantine)/\(replaced)") {
      attempt += 1
      replaced = "\(name)-\(attempt)"
    }
    let plan = Note(stamp: manifest.stamp, replaced: replaced, uid: actor.uid, login: actor.login)
    let text = try JSONText.encode(plan, for: "the mark")
    try step("mark as ready")
    try PlainFile.replace("\(staging)/\(Self.ready)", with: Array(text.utf8), owner: adopt)
    try PlainFile.synchronize(folder: stateDirectory)
  }

  // MARK: - To its end

  /// Carries through what a restore had made ready, or removes what it had not; for the start of the daemon too, before
  /// any database is opened.
  ///
  /// - Returns: nil where no restore had become ready.
  public func finish() throws(StorageFailure) -> Restored? {
    guard PlainFile.isFolder(staging) else { return nil }
    let mark = [Self.ready, Self.cleared].first { PlainFile.isThere("\(staging)/\($0)") }
    guard let mark else {
      try step("remove what was not ready")
      PlainFile.remove(staging)
      return nil
    }
    let plan: Note
    do {
      let bytes = try PlainFile.piece(of: "\(staging)/\(mark)", offset: 0, count: 1 << 16)
      plan = try JSONDecoder().decode(Note.self, from: Data(bytes))
    } catch {
      throw StorageFailure(
        "\(staging)/\(mark) cannot be read (\(error)); the restored files are in \(staging), what was there before in "
          + "\(stateDirectory) or its \(StoreFile.quarantine)/: put one of them in place by hand", mayPass: false)
    }
    let replaced = "\(stateDirectory)/\(StoreFile.quarantine)/\(plan.replaced)"
    if mark == Self.ready { try clear(into: replaced) }
    for name in databases + [StateBackup.teachers] where PlainFile.isThere("\(staging)/\(name)") {
      try move("\(staging)/\(name)", to: "\(stateDirectory)/\(name)")
    }
    try step("leave a note")
    try PlainFile.replace(
      "\(stateDirectory)/\(Self.note)", with: Array(try JSONText.encode(plan, for: "the note").utf8), owner: adopt)
    try step("remove the mark")
    PlainFile.remove("\(staging)/\(Self.cleared)")
    PlainFile.remove(staging)
    return Restored(stamp: plan.stamp, replaced: PlainFile.isThere(replaced) ? replaced : nil)
  }

  /// Who restored last, as long as nobody has told the audit trail; nil where nobody did.
  ///
  /// - Throws: `StorageFailure` where it is there and cannot be read: the trail must not lack it without a word.
  public func note() throws(StorageFailure) -> Note? {
    let path = "\(stateDirectory)/\(Self.note)"
    guard PlainFile.isThere(path) else { return nil }
    let bytes = try PlainFile.piece(of: path, offset: 0, count: 1 << 16)
    do {
      return try JSONDecoder().decode(Note.self, from: Data(bytes))
    } catch {
      throw StorageFailure(
        "\(path), which tells who restored a backup last, cannot be read (\(error)); note what it says and remove it",
        mayPass: false)
    }
  }

  /// Called once the audit trail has it.
  public func forgetNote() { PlainFile.remove("\(stateDirectory)/\(Self.note)") }

  private func clear(into replaced: String) throws(StorageFailure) {
    let old =
      databases.flatMap { name in StoreFile.suffixes.map { name + $0 } } + LedgerJournal.names
      + [StateBackup.teachers]
    for name in old where PlainFile.isThere("\(stateDirectory)/\(name)") {
      if !PlainFile.isFolder(replaced) {
        try makeFolder("\(stateDirectory)/\(StoreFile.quarantine)")
        try makeFolder(replaced)
      }
      try move("\(stateDirectory)/\(name)", to: "\(replaced)/\(name)")
    }
    if PlainFile.isFolder(replaced) {
      try PlainFile.synchronize(folder: replaced)
      try PlainFile.synchronize(folder: "\(stateDirectory)/\(StoreFile.quarantine)")
    }
    try PlainFile.synchronize(folder: stateDirectory)
    try move("\(staging)/\(Self.ready)", to: "\(staging)/\(Self.cleared)")
    try PlainFile.synchronize(folder: staging)
  }

  // MARK: - Steps

  private func move(_ path: String, to target: String) throws(StorageFailure) {
    try step("move \(path)")
    guard rename(path, target) == 0 else { throw PlainFile.failure("\(path) could not be moved to \(target)") }
  }

  private func makeFolder(_ path: String) throws(StorageFailure) {
    do throws(OpenFailure) { try StoreFile.makeDirectory(path) } catch {
      throw StorageFailure(error.sentence, mayPass: true)
    }
    try adopt(path)
  }

  /// Root restores for the daemon's user, whom the state directory belongs to.
  private func adopt(_ path: String) throws(StorageFailure) {
    guard geteuid() == 0 else { return }
    var status = stat()
    guard stat(stateDirectory, &status) == 0, lchown(path, status.st_uid, status.st_gid) == 0 else {
      throw PlainFile.failure("\(path) could not be given to the owner of \(stateDirectory)")
    }
  }

  private func requireRoom(_ manifest: BackupManifest) throws(StorageFailure) {
    let needed = manifest.byteCount + StateBackup.reserveByteCount
    guard let free = freeByteCount(stateDirectory), free < needed else { return }
    throw StorageFailure(
      "restoring needs \(needed >> 20) MB on the disk of \(stateDirectory), where \(free >> 20) MB are free; free some",
      mayPass: true)
  }
}
