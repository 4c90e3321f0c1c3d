import Glibc

/// The address of a Unix socket, for the calls that take one.
struct UnixAddress {
  private var address = sockaddr_un()

  /// Cut at 107 bytes, what an address holds.
  init(_ path: String) {
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
  }

  func use<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }
}

/// A connection that sends exactly the bytes it is told to.
final class RawSocket: Sendable {
  private let descriptor: CInt

  /// Nil when nobody takes the connection.
  init?(_ path: String) {
    descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    // No answer within 20 s fails a test instead of hanging it.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let descriptor = descriptor
    if UnixAddress(path).use({ connect(descriptor, $0, $1) }) != 0 { return nil }
  }

  deinit { close(descriptor) }

  /// - Returns: the bytes that were taken before the other side closed.
  @discardableResult
  func write(_ bytes: [UInt8]) -> Int {
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { break }
      offset += count
    }
    return offset
  }

  @discardableResult
  func write(_ text: String) -> Int { write(Array(text.utf8)) }

  /// What comes until the other side closes or is silent for 20 s; at most 1 MB.
  func readAll() -> String {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while all.count < 1 << 20 {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { break }
      all += chunk[..<count]
    }
    return String(decoding: all, as: UTF8.self)
  }
}
