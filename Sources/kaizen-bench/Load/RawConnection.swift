import Glibc

/// A connection that sends exactly the bytes it is told to, for what no client library would do.
final class RawConnection: Sendable {
  private let file: Int32

  /// Silence after which nothing more is waited for.
  private static let secondsMax = 30

  /// Nil when nobody takes the connection.
  init?(_ path: String) {
    file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    var limit = timeval(tv_sec: Self.secondsMax, tv_usec: 0)
    setsockopt(file, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let file = file
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { return nil }
  }

  deinit { close(file) }

  /// - Returns: whether all of it was taken.
  @discardableResult
  func write(_ bytes: some Collection<UInt8>) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  /// At most `count` bytes; none once the other side has closed or is silent.
  func read(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = recv(file, &bytes, count, 0)
    return Array(bytes.prefix(max(0, got)))
  }

  /// The status of the next answer; nil where none comes.
  ///
  /// - Parameter count: bytes taken at once, at most.
  func readStatus(atOnce count: Int = 4096) -> Int? {
    var bytes: [UInt8] = []
    while true {
      let whole = Self.length(bytes)
      if let whole, bytes.count >= whole {
        return Int(String(decoding: bytes.dropFirst("HTTP/1.1 ".utf8.count).prefix(3), as: UTF8.self))
      }
      // Never into the next answer of a pipeline.
      let more = read(whole.map { min(count, $0 - bytes.count) } ?? min(count, Self.headStep))
      guard !more.isEmpty else { return nil }
      bytes += more
    }
  }

  /// A header field or two: fewer bytes than any answer has.
  private static let headStep = 64

  /// Bytes of the answer that begins here; nil while its header is not there.
  private static func length(_ bytes: [UInt8]) -> Int? {
    guard let end = RequestBytes.first(Array("\r\n\r\n".utf8), in: bytes) else { return nil }
    let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
    let field = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
    let count = field.flatMap { Int($0.dropFirst("content-length:".count).drop { $0 == " " }) }
    return end + 4 + (count ?? 0)
  }
}
