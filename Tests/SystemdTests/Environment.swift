import Glibc
import Testing

/// Run one after another: they set the environment of the process, and start others that inherit it.
@Suite(.serialized) struct ProcessStateTests {}

/// Sets variables of this process while `body` runs; nil removes one. Only within serialized suites.
func withEnvironment<Result>(_ variables: [String: String?], _ body: () throws -> Result) rethrows -> Result {
  let before = variables.keys.map { key in (key, getenv(key).map { String(cString: $0) }) }
  func set(_ key: String, _ value: String?) {
    if let value { setenv(key, value, 1) } else { unsetenv(key) }
  }
  for (key, value) in variables { set(key, value) }
  defer { for (key, value) in before { set(key, value) } }
  return try body()
}

/// A datagram socket at a path of its own, as systemd's notification socket is.
final class NotifySocket {
  let path: String
  private let descriptor: Int32

  init() throws {
    path = "/tmp/kaizend-notify-\(getpid())-\(UInt32.random(in: 0 ... .max))"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let bound = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if descriptor < 0 || bound != 0 { throw SocketFailure(code: errno) }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// The datagrams that have arrived; delivery on one machine is immediate.
  func received() -> [String] {
    var texts: [String] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count <= 0 { return texts }
      texts.append(String(decoding: buffer[..<count], as: UTF8.self))
    }
  }
}

struct SocketFailure: Error { let code: Int32 }
