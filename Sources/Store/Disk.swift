import Glibc

/// What the store asks of a disk; tests put a recorder and faults in its place.
public struct Disk: Sendable {
  /// SQLite's VFS by name; nil for SQLite's own.
  public var vfs: String?
  /// open(2): path, flags, mode.
  public var open: @Sendable (String, CInt, mode_t) -> CInt
  /// pwrite(2): descriptor, bytes, count, offset.
  public var write: @Sendable (CInt, UnsafeRawPointer?, Int, off_t) -> Int
  /// ftruncate(2).
  public var truncate: @Sendable (CInt, off_t) -> CInt
  /// fdatasync(2): the file's bytes, and its length.
  public var sync: @Sendable (CInt) -> CInt

  public init(
    vfs: String?, open: @escaping @Sendable (String, CInt, mode_t) -> CInt,
    write: @escaping @Sendable (CInt, UnsafeRawPointer?, Int, off_t) -> Int,
    truncate: @escaping @Sendable (CInt, off_t) -> CInt, sync: @escaping @Sendable (CInt) -> CInt
  ) {
    self.vfs = vfs
    self.open = open
    self.write = write
    self.truncate = truncate
    self.sync = sync
  }

  /// The machine's own.
  public static let system = Disk(
    vfs: nil, open: { Glibc.open($0, $1, $2) }, write: { pwrite($0, $1, $2, $3) }, truncate: { ftruncate($0, $1) },
    sync: { fdatasync($0) })
}
