import CDiskFaults
import Glibc
import Store
import Synchronization

/// What can go wrong with a disk while it is used.
enum DiskFault: Int32, CaseIterable {
  case full = 1
  case writeError, syncError, readOnly, short
}

/// A disk that writes down what is done to it, and fails on request (CDiskFaults).
final class ListedDisk: Sendable {
  enum Change {
    case create(String)
    case write(String, offset: Int, bytes: UnsafeBufferPointer<UInt8>)
    case truncate(String, length: Int)
    case sync(String)
    /// Nothing written to the file since its last sync may be trusted to any later one.
    case failedSync(String)
    /// Files made and deleted before are there and gone.
    case folderSync
    case delete(String)
    case mark(Int)
  }

  /// What the folder held when the list began.
  let base: DiskImage
  private let address: UInt
  private let vfs: String
  private static let serial = Atomic(0)

  init(base: DiskImage = DiskImage()) {
    self.base = base
    vfs = "listed-\(Self.serial.add(1, ordering: .relaxed).newValue)"
    guard let made = df_make(vfs) else { preconditionFailure("no VFS could be registered") }
    address = UInt(bitPattern: made)
  }

  deinit { df_free(pointer) }

  private var pointer: OpaquePointer {
    guard let pointer = OpaquePointer(bitPattern: address) else { preconditionFailure("a disk has an address") }
    return pointer
  }

  /// Keeps this disk alive as long as anybody may use it.
  var disk: Disk {
    Disk(
      vfs: vfs, open: { df_open(self.pointer, $0, $1, $2) }, write: { df_write(self.pointer, $0, $1, $2, Int64($3)) },
      truncate: { df_truncate(self.pointer, $0, Int64($1)) }, sync: { df_sync(self.pointer, $0) })
  }

  var count: Int { df_count(pointer) }
  var failures: Int { Int(df_failures(pointer)) }

  func mark(_ number: Int) { df_mark(pointer, Int64(number)) }

  /// - Parameter count: how many operations fail; nil for all until `release`.
  func fail(_ fault: DiskFault, after: Int, count: Int?) {
    df_fail(pointer, fault.rawValue, Int64(after), count.map { Int64($0) } ?? -1)
  }

  func release() { df_release(pointer) }

  /// The bytes of a write live as long as this disk.
  subscript(_ index: Int) -> Change {
    let entry = df_at(pointer, index)
    func name() -> String { df_name(pointer, entry.file).map { String(cString: $0) } ?? "" }
    switch Int(entry.operation) {
    case DF_CREATE: return .create(name())
    case DF_WRITE:
      let bytes = UnsafeBufferPointer(start: entry.bytes, count: Int(entry.count))
      return .write(name(), offset: Int(entry.offset), bytes: bytes)
    case DF_TRUNCATE: return .truncate(name(), length: Int(entry.offset))
    case DF_SYNC: return .sync(name())
    case DF_FAILED_SYNC: return .failedSync(name())
    case DF_FOLDER_SYNC: return .folderSync
    case DF_DELETE: return .delete(name())
    default: return .mark(Int(entry.offset))
    }
  }
}
