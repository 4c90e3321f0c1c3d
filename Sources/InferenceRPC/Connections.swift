import NIOCore
import Synchronization
import Wire

/// Who is at the other end of a connection, as the kernel saw it when it was made (unix(7), SO_PEERCRED).
struct Caller: Sendable {
  let uid: UInt32
  /// Set for a connection past the limit: what every call on it is answered.
  let refusal: WireFault?
}

/// The open connections of one server.
final class Connections: Sendable {
  private struct Connection {
    let channel: any Channel
    var caller: Caller?
  }

  private let open = Mutex<[ObjectIdentifier: Connection]>([:])

  var count: Int { open.withLock { $0.count } }

  /// - Returns: how many there are with this one.
  func add(_ channel: any Channel) -> Int {
    open.withLock { open in
      open[ObjectIdentifier(channel)] = Connection(channel: channel)
      return open.count
    }
  }

  func identify(_ channel: any Channel, _ caller: Caller) {
    open.withLock { $0[ObjectIdentifier(channel)]?.caller = caller }
  }

  func caller(of channel: any Channel) -> Caller? {
    open.withLock { $0[ObjectIdentifier(channel)]?.caller }
  }

  func remove(_ channel: any Channel) {
    _ = open.withLock { $0.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  func closeAll() {
    for channel in open.withLock({ $0.values.map(\.channel) }) { channel.close(promise: nil) }
  }
}

/// The kernel's `struct ucred`, which Glibc's module hides behind `_GNU_SOURCE`.
struct KernelCredentials: Sendable {
  var pid: Int32 = 0
  var uid: UInt32 = 0
  var gid: UInt32 = 0
}
