/// Who is at the other end, as the kernel saw it when the connection was made (unix(7), SO_PEERCRED).
public struct Peer: Sendable, Equatable {
  public let uid: UInt32
  public let gid: UInt32
  public let pid: Int32

  public init(uid: UInt32, gid: UInt32, pid: Int32) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
  }
}

/// The kernel's `struct ucred`, which Glibc's module hides behind `_GNU_SOURCE`.
struct KernelCredentials: Sendable {
  var pid: Int32 = 0
  var uid: UInt32 = 0
  var gid: UInt32 = 0
}
