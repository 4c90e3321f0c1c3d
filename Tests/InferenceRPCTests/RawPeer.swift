import Glibc
import NIOCore
import NIOPosix
import UnixSocket

/// Writes bytes of HTTP/2 (RFC 9113) that no library would write.
final class RawPeer: Sendable {
  private let descriptor: CInt

  init?(_ path: String) {
    descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let answer = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard answer == 0 else { return nil }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) }

  /// Preface and empty settings.
  static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(type: 4, flags: 0, stream: 0, [])

  /// A call's head without its end; fields are literals without Huffman coding (RFC 7541, 6.2.2).
  static func headers(stream: UInt32, path: String) -> [UInt8] {
    let fields = [
      (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "a"), ("te", "trailers"),
      ("content-type", "application/grpc"),
    ]
    var block: [UInt8] = []
    for (name, value) in fields {
      block += [0, UInt8(name.utf8.count)]
      block += name.utf8
      block.append(UInt8(value.utf8.count))
      block += value.utf8
    }
    return frame(type: 1, flags: 4, stream: stream, block)
  }

  private static func frame(type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8]) -> [UInt8] {
    let length = payload.count
    return [UInt8(length >> 16 & 255), UInt8(length >> 8 & 255), UInt8(length & 255), type, flags]
      + withUnsafeBytes(of: stream.bigEndian) { Array($0) } + payload
  }

  /// Reads until the stream's last header came; false when the connection ends without one.
  func sees(ofStream stream: UInt32) async -> Bool {
    let descriptor = descriptor
    let seen = try? await NIOThreadPool.singleton.runIfActive {
      var bytes: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        bytes += buffer[..<count]
        while bytes.count >= 9 {
          let length = Int(bytes[0]) << 16 | Int(bytes[1]) << 8 | Int(bytes[2])
          guard bytes.count >= 9 + length else { break }
          // HEADERS with END_STREAM.
          if bytes[3] == 1, bytes[4] & 1 == 1, bytes[8] == UInt8(stream) { return true }
          bytes.removeFirst(9 + length)
        }
      }
    }
    return seen ?? false
  }
}

/// The same bytes in every run (splitmix64).
struct SeededBytes: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func next(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) } }
}
