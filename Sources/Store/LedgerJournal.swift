import Domain
import Engine
import Glibc
import Synchronization

/// The journal in front of `ledger.db`: two files in its folder, one of which is written while the ledger takes in the
/// other.
///
/// A file is a header (a mark, and the start of the machine that monotonic times belong to) and records. Written rows
/// outlive the process like those of a transaction with synchronous = NORMAL: a power cut may take the last moments.
public final class LedgerJournal: Journal {
  /// Two files: the one written, and the one being stored.
  static let names = ["ledger-journal-0", "ledger-journal-1"]
  static let mark = Array("kzLJ0001".utf8)
  /// A boot id is a UUID in 36 characters.
  static let bootByteCount = 36
  static var headByteCount: Int { mark.count + bootByteCount }

  private struct State {
    var active = 0
    /// Bytes of the active file; 0 before its header is there.
    var byteCount = 0
    /// Kept for the next round: records are built in it.
    var bytes: [UInt8] = []
  }

  private let folder: String
  private let descriptors: [CInt]
  private let header: [UInt8]
  private let state = Mutex(State())

  private init(folder: String, descriptors: [CInt], bootID: String) {
    self.folder = folder
    self.descriptors = descriptors
    // "unknown" is shorter than a UUID.
    let boot = Array(bootID.utf8.prefix(Self.bootByteCount))
    header = Self.mark + boot + repeatElement(0x20, count: Self.bootByteCount - boot.count)
  }

  deinit {
    for descriptor in descriptors { close(descriptor) }
  }

  /// Stores what a former process left into the ledger and starts with empty files.
  ///
  /// - Returns: the journal, and how many rows were found.
  /// - Throws: `StorageFailure` when the files cannot be opened, or hold rows that the ledger will not take.
  public static func open(
    stateDirectory: String, into ledger: SQLiteLedger, bootID: String = SQLiteLedger.currentBootID()
  ) throws(StorageFailure) -> (journal: LedgerJournal, recovered: Int) {
    var descriptors: [CInt] = []
    for name in names {
      let path = stateDirectory + "/" + name
      let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
      guard descriptor >= 0 else {
        for opened in descriptors { close(opened) }
        throw systemFailure("cannot open \(path)")
      }
      descriptors.append(descriptor)
    }
    let journal = LedgerJournal(folder: stateDirectory, descriptors: descriptors, bootID: bootID)
    var left: [JournalFile] = []
    for (descriptor, name) in zip(descriptors, names) {
      let path = stateDirectory + "/" + name
      guard let bytes = readAll(descriptor) else { throw systemFailure("\(path) could not be read") }
      // Cut to nothing below: what is not ours must not be. A power cut may leave zeros where bytes were to come.
      let start = bytes.prefix(mark.count)
      guard mark.starts(with: start) || start.allSatisfy({ $0 == 0 }) else {
        throw StorageFailure("\(path) is no journal that this kaizend can read; move it away", mayPass: false)
      }
      left.append(JournalFile(bytes))
    }
    // The older first: rows keep the order of their answers.
    let rows = left.sorted { ($0.firstMonotonic ?? .max) < ($1.firstMonotonic ?? .max) }
    try ledger.transaction { () throws(StorageFailure) in
      for file in rows { try file.store(into: ledger) }
    }
    for descriptor in descriptors { ftruncate(descriptor, 0) }
    return (journal, left.reduce(0) { $0 + $1.rows.count })
  }

  public func append(_ rows: [Prediction]) throws(StorageFailure) {
    let failure = state.withLock { state -> StorageFailure? in
      state.bytes.removeAll(keepingCapacity: state.bytes.capacity <= Self.keptCapacity)
      if state.byteCount == 0 { state.bytes.append(contentsOf: header) }
      for row in rows { JournalRecord.append(row, to: &state.bytes) }
      let descriptor = descriptors[state.active]
      let written = state.bytes.withUnsafeBytes { Self.write($0, to: descriptor, at: state.byteCount) }
      guard written else {
        let failure = Self.systemFailure("\(folder)/\(Self.names[state.active]) could not be written")
        // Half a round must not be found by the next start.
        ftruncate(descriptor, off_t(state.byteCount))
        return failure
      }
      state.byteCount += state.bytes.count
      return nil
    }
    if let failure { throw failure }
  }

  /// A round of pictures is not kept as room for measurements.
  private static let keptCapacity = 1 << 20

  public func turnOver() {
    state.withLock { state in
      state.active = 1 - state.active
      state.byteCount = 0
    }
  }

  public func forget() {
    let old = state.withLock { 1 - $0.active }
    ftruncate(descriptors[old], 0)
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
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

/// What a journal's file holds: whole records up to the first that is not.
struct JournalFile {
  let bootID: String
  let rows: [Prediction]

  init(_ bytes: [UInt8]) {
    let start = LedgerJournal.headByteCount
    guard bytes.count >= start, bytes.starts(with: LedgerJournal.mark) else {
      bootID = ""
      rows = []
      return
    }
    bootID = String(decoding: bytes[LedgerJournal.mark.count..<start].prefix { $0 != 0x20 }, as: UTF8.self)
    var rest = bytes[start...]
    var rows: [Prediction] = []
    while let (row, count) = JournalRecord.read(rest) {
      rows.append(row)
      rest = rest.dropFirst(count)
    }
    self.rows = rows
  }

  var firstMonotonic: Int64? { rows.first?.receipt.monotonicMicroseconds }

  /// Rows that the ledger took before the process ended are there already, and are left.
  func store(into ledger: SQLiteLedger) throws(StorageFailure) {
    guard !rows.isEmpty else { return }
    for row in rows { _ = try ledger.append(row, bootID: bootID) }
  }
}
