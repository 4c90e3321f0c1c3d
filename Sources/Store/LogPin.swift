import CSQLite
import Engine

/// Keeps a write-ahead log from beginning anew, by reading: nobody writes over what a reader may need.
///
/// Where all of the log was copied and synced before, there is nothing to keep, and it keeps nothing; nor is anything
/// copied then, for a reader of the database alone forbids it.
final class LogPin {
  private let database: Database
  private(set) var isHeld = false

  init(path: String, disk: Disk) throws(OpenFailure) {
    database = try Database(path: path, access: .readWrite, disk: disk)
  }

  /// As the log is now. One that is held already stays as it was, for what it protects is older.
  func hold() throws(StorageFailure) {
    guard !isHeld else { return }
    try database.execute("BEGIN")
    do throws(StorageFailure) {
      _ = try database.number("SELECT count(*) FROM sqlite_schema")
    } catch {
      release()
      throw error
    }
    isHeld = true
  }

  func release() {
    isHeld = false
    sqlite3_exec(database.handle, "ROLLBACK", nil, nil, nil)
  }
}

extension Database {
  /// Waits until the disk has what checkpoints have written to the file. SQLite does it with the checkpoint that reaches
  /// the end of the log, and so for all those before it too.
  func sync() throws(StorageFailure) {
    let (file, methods) = try mainFile()
    let code = methods.xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Has the whole log copied again by whoever copies next, for the disk may have lost pages that were copied before.
  ///
  /// SQLite has no call for it, so its count of copied frames is set to none, as it is after a crash (nBackfill:
  /// sqlite.org/walformat.html, 2.3), under the lock of those who copy.
  /// - Throws: when somebody copies at the moment; nothing was changed then.
  func disownCopies() throws(StorageFailure) {
    let (file, methods) = try mainFile()
    var code = methods.xShmLock(file, Self.copyingLock, 1, SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE)
    guard code == SQLITE_OK else { throw failure(code) }
    defer { _ = methods.xShmLock(file, Self.copyingLock, 1, SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE) }
    var index: UnsafeMutableRawPointer?
    code = methods.xShmMap(file, 0, Self.indexRegionByteCount, 0, &index)
    guard code == SQLITE_OK, let index, index.load(as: UInt32.self) == Self.indexVersion else {
      throw failure(code == SQLITE_OK ? SQLITE_IOERR : code)
    }
    index.storeBytes(of: 0, toByteOffset: Self.copiedOffset, as: UInt32.self)
    methods.xShmBarrier(file)
  }

  private func mainFile() throws(StorageFailure) -> (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods) {
    var file: UnsafeMutablePointer<sqlite3_file>?
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file)
    guard code == SQLITE_OK, let file, let methods = file.pointee.pMethods else { throw failure(code) }
    return (file, methods.pointee)
  }

  // sqlite.org/walformat.html: WAL_CKPT_LOCK, the size of a piece of the index, its version, and where nBackfill is.
  private static let copyingLock: Int32 = 1
  private static let indexRegionByteCount: Int32 = 32768
  private static let indexVersion: UInt32 = 3_007_000
  private static let copiedOffset = 96
}
