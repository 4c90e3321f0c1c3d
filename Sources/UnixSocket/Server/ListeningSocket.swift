import Glibc

/// A bound socket file that is ours: a lock beside it says so for as long as this process lives.
///
/// Order: lock, probe, remove only what is a socket nobody answers on, bind, mode and group, listen. Before `listen`
/// nobody can connect, so the file is never open to more users than it should be.
public struct ListeningSocket: Sendable {
  public let descriptor: CInt
  private let path: String
  private let lock: CInt
  private let device: dev_t
  private let inode: ino_t

  /// Connections the kernel holds until they are accepted.
  private static let backlog: CInt = 512

  /// - Throws: `SocketFailure` when the path is held by a live server, is no socket, or cannot be made.
  public static func open(path: String, mode: UInt32, group: String?) throws(SocketFailure) -> ListeningSocket {
    let address = try UnixAddress(path)
    let lock = try takeLock(path)
    var socket: CInt = -1
    do throws(SocketFailure) {
      try removeStale(path, address)
      socket = try bound(path, address, mode: mode, group: group)
      guard listen(socket, backlog) == 0 else {
        throw .system("cannot listen on \(path)", next: "this is a fault of the system, not of a setting")
      }
      var status = stat()
      guard lstat(path, &status) == 0 else {
        throw .system("\(path) vanished while it was opened", next: "start again")
      }
      return ListeningSocket(
        descriptor: socket, path: path, lock: lock, device: status.st_dev, inode: status.st_ino)
    } catch {
      if socket >= 0 { close(socket) }
      close(lock)
      throw error
    }
  }

  /// Takes the file away, if it is still the one that was made, and gives up the lock. The lock's file stays: removing
  /// it would let two processes lock two different files of that name.
  public func remove() {
    var status = stat()
    if lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode { unlink(path) }
    close(lock)
  }

  private static func takeLock(_ path: String) throws(SocketFailure) -> CInt {
    let file = path + ".lock"
    let lock = Glibc.open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else {
      throw .system("cannot open \(file)", next: "check that the folder exists and that this user may write there")
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      throw SocketFailure(
        "another kaizend holds \(path); stop it first (systemctl stop kaizend), or use another --state-dir")
    }
    return lock
  }

  private static func removeStale(_ path: String, _ address: UnixAddress) throws(SocketFailure) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      guard errno == ENOENT else {
        throw .system("cannot look at \(path)", next: "check the folder's permissions")
      }
      return
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw SocketFailure("\(path) is there and is not a socket; move it away or choose another path")
    }
    let probe = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard probe >= 0 else { throw .system("cannot make a socket", next: "check the limit of open files") }
    defer { close(probe) }
    let answer = address.withPointer { connect(probe, $0, $1) }
    // Refused is the one answer that proves that nobody listens; a full backlog, say, is a live one.
    guard answer != 0, errno == ECONNREFUSED else {
      throw SocketFailure("something answers on \(path) already; stop it first, or use another path")
    }
    guard unlink(path) == 0 else {
      throw .system("cannot remove the stale socket \(path)", next: "remove it by hand")
    }
  }

  private static func bound(_ path: String, _ address: UnixAddress, mode: UInt32, group: String?)
    throws(SocketFailure) -> CInt
  {
    let socket = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard socket >= 0 else { throw .system("cannot make a socket", next: "check the limit of open files") }
    guard address.withPointer({ bind(socket, $0, $1) }) == 0 else {
      let failure = SocketFailure.system("cannot make \(path)", next: "check that this user may write in its folder")
      close(socket)
      throw failure
    }
    do throws(SocketFailure) {
      if let group {
        guard let id = groupID(group) else {
          throw SocketFailure("there is no group \(group); create it: groupadd --system \(group)")
        }
        guard chown(path, uid_t.max, id) == 0 else {
          throw .system("cannot give \(path) to the group \(group)", next: "run as a member of that group")
        }
      }
      guard chmod(path, mode) == 0 else {
        throw .system("cannot set the mode of \(path)", next: "check the file system of its folder")
      }
    } catch {
      unlink(path)
      close(socket)
      throw error
    }
    return socket
  }

  private static func groupID(_ name: String) -> gid_t? {
    getgrnam(name).map { $0.pointee.gr_gid }
  }
}

/// A path as the kernel takes it (unix(7)).
struct UnixAddress: Sendable {
  private var address = sockaddr_un()

  /// - Throws: for an empty path or one that does not fit `sun_path` with its terminating zero.
  init(_ path: String) throws(SocketFailure) {
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    let bytes = Array(path.utf8)
    guard !bytes.isEmpty, bytes.count < capacity, !bytes.contains(0) else {
      throw SocketFailure(
        "a socket's path has 1 to \(capacity - 1) bytes, got \(bytes.count) (\(path)); use a shorter folder")
    }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
  }

  func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}
