import Domain
import Engine
import Glibc
import Synchronization

/// The journal in front of `ledger.db`: two files in its folder, one of which is written while the ledger takes in the
/// other.
///
/// A file is a header (a mark, and the start of the machine that monotonic times belong to) and records. Written rows
/// outlive the process like those of a transaction with synchronous = NORMAL; after `sync` a power cut too.
public final class LedgerJournal: Journal {
  /// Two files: the one written, and the one being stored.
  static let names = ["ledger-journal-0", "ledger-journal-1"]

  private struct State {
    var active = 0
    /// Bytes of the active file; 0 before its header is there.
    var byteCount = 0
    var files = [File(), File()]
    /// Found at the start, and not in the ledger yet; oldest first.
    var left: [JournalFile]?
    /// Kept for the next round: records are built in it.
    var bytes: [UInt8] = []
  }

  private struct File {
    var safety = Safety.synced
    /// Times it was emptied: what becomes of a sync that was begun before says nothing of its bytes now.
    var turn = 0
  }

  private enum Safety {
    /// The disk has it all, or it is empty.
    case synced
    case written
    /// The disk failed to say that it has it: behind what may be missing nothing would be found.
    /// `isTold`: every row before has been told of.
    case doubtful(isTold: Bool)
  }

  private let folder: String
  private let descriptors: [CInt]
  private let bootID: String
  private let disk: Disk
  private let state = Mutex(State())

  private init(folder: String, descriptors: [CInt], bootID: String, disk: Disk, left: [JournalFile]) {
    self.folder = folder
    self.descriptors = descriptors
    self.bootID = bootID
    self.disk = disk
    state.withLock { $0.left = left }
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  /// Opens the files and reads what a former process left in them; `recover` has to be called before rows are kept.
  ///
  /// - Throws: `StorageFailure` when they cannot be opened or read, or are not ours.
  public static func open(
    stateDirectory: String, bootID: String = SQLiteLedger.currentBootID(), disk: Disk = .system
  ) throws(StorageFailure) -> LedgerJournal {
    var descriptors: [CInt] = []
    var left: [JournalFile] = []
    do throws(StorageFailure) {
      for name in names {
        let path = stateDirectory + "/" + name
        let descriptor = disk.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard descriptor >= 0 else { throw systemFailure("cannot open \(path)") }
        descriptors.append(descriptor)
        guard let bytes = readAll(descriptor) else { throw systemFailure("\(path) could not be read") }
        // Cut to nothing later: what is not ours must not be.
        guard JournalFile.mayBeOurs(bytes) else {
          throw StorageFailure("\(path) is no journal that this kaizend can read; move it away", mayPass: false)
        }
        left.append(JournalFile(bytes, name: name))
      }
    } catch {
      for descriptor in descriptors { close(descriptor) }
      throw error
    }
    StoreFile.syncFolder(of: stateDirectory + "/" + names[0])
    left.sort { $0.isOlder(than: $1, now: bootID) }
    return LedgerJournal(folder: stateDirectory, descriptors: descriptors, bootID: bootID, disk: disk, left: left)
  }

  public func recover(into ledger: any Ledger) throws(StorageFailure) -> JournalRecovery {
    guard let left = state.withLock({ $0.left }) else { return JournalRecovery(rows: 0, remarks: []) }
    if left.contains(where: { !$0.rows.isEmpty }) {
      // What the disk had is not forgotten before the disk has it elsewhere.
      try ledger.durableTransaction { () throws(StorageFailure) in
        for file in left { try file.store(into: ledger) }
      }
    }
    for descriptor in descriptors { _ = disk.truncate(descriptor, 0) }
    state.withLock { $0.left = nil }
    return JournalRecovery(rows: left.reduce(0) { $0 + $1.rows.count }, remarks: left.compactMap(\.remark))
  }

  public func append(_ rows: [Prediction]) throws(StorageFailure) {
    let failure = state.withLock { state -> StorageFailure? in
      guard state.left == nil else { return Self.notReady }
      let active = state.active
      if case .doubtful = state.files[active].safety { return doubtful(active) }
      state.bytes.removeAll(keepingCapacity: state.bytes.capacity <= Self.keptCapacity)
      if state.byteCount == 0 { state.bytes.append(contentsOf: JournalFile.header(bootID: bootID)) }
      for row in rows { JournalRecord.append(row, to: &state.bytes) }
      let descriptor = descriptors[active]
      guard state.bytes.withUnsafeBytes({ write($0, to: descriptor, at: state.byteCount) }) else {
        let failure = Self.systemFailure("\(folder)/\(Self.names[active]) could not be written")
        // Half a round must not be found by the next start.
        _ = disk.truncate(descriptor, off_t(state.byteCount))
        return failure
      }
      state.byteCount += state.bytes.count
      state.files[active].safety = .written
      return nil
    }
    if let failure { throw failure }
  }

  /// A round of pictures is not kept as room for measurements.
  private static let keptCapacity = 1 << 20

  private static let notReady = StorageFailure(
    "the journal still holds rows of the last run, which the ledger does not take", mayPass: true)

  private func doubtful(_ file: Int) -> StorageFailure {
    StorageFailure(
      "\(folder)/\(Self.names[file]) could not be brought to the disk; it is used again once the ledger has its rows, "
        + "\"dmesg\" says whether the disk is failing", mayPass: true)
  }

  // MARK: - The disk's word

  public func sync() throws(StorageFailure) {
    var failure: StorageFailure?
    for index in descriptors.indices {
      let (turn, isDoubtful) = state.withLock { Self.beginSync(&$0.files[index]) }
      if isDoubtful { failure = doubtful(index) }
      guard let turn else { continue }
      guard disk.sync(descriptors[index]) != 0 else { continue }
      failure = Self.systemFailure("\(folder)/\(Self.names[index]) could not be brought to the disk")
      state.withLock { Self.failSync(&$0.files[index], turn: turn) }
    }
    if let failure { throw failure }
  }

  /// - Returns: the file's turn where it has to be synced; true where it holds rows that no sync can vouch for.
  private static func beginSync(_ file: inout File) -> (turn: Int?, isDoubtful: Bool) {
    switch file.safety {
    case .synced, .doubtful(isTold: true): return (nil, false)
    case .doubtful(isTold: false):
      file.safety = .doubtful(isTold: true)
      return (nil, true)
    case .written:
      file.safety = .synced
      return (file.turn, false)
    }
  }

  private static func failSync(_ file: inout File, turn: Int) {
    guard file.turn == turn else { return }
    // Rows written while the disk was asked lie behind what it may have lost.
    if case .written = file.safety {
      file.safety = .doubtful(isTold: false)
    } else {
      file.safety = .doubtful(isTold: true)
    }
  }

  // MARK: - Turns

  public func turnOver() {
    state.withLock { state in
      state.active = 1 - state.active
      state.byteCount = 0
    }
  }

  public func forget() {
    let old = state.withLock { state in
      let old = 1 - state.active
      state.files[old] = File(turn: state.files[old].turn + 1)
      return old
    }
    _ = disk.truncate(descriptors[old], 0)
  }

  // MARK: - Bytes

  private func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = disk.write(
        descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  /// nil when the disk does not give it.
  private static func readAll(_ descriptor: CInt) -> [UInt8]? {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeMutableBytes { room in
        pread(descriptor, room.baseAddress.map { $0 + done }, room.count - done, off_t(done))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return nil }
      guard count > 0 else { break }
      done += count
    }
    return Array(bytes.prefix(done))
  }

  private static func systemFailure(_ what: String) -> StorageFailure {
    let code = errno
    let next =
      code == ENOSPC || code == EDQUOT
      ? "its disk is full, nothing of this was stored; free space there and it goes on by itself"
      : "check with \"ls -l\" that kaizend's user may write there, and with \"dmesg\" that its disk is sound"
    return StorageFailure("\(what): \(String(cString: strerror(code))); \(next)", mayPass: true)
  }
}
