import Glibc
import Testing

/// Listening sockets that stay open while daemons come and go: all that systemd's socket units are to a client.
final class ListeningSockets: Sendable {
  let descriptors: [CInt]
  let environment: [String: String]

  /// - Parameter paths: by the names the daemon asks for.
  init(_ paths: [(name: String, path: String)]) throws {
    descriptors = try paths.map { try Self.listen($0.path) }
    environment = [
      "LISTEN_FDS": "\(paths.count)", "LISTEN_FDNAMES": paths.map(\.name).joined(separator: ":"),
    ]
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  /// Numbers from here on are free of what a test process has open, and of those the daemon gets.
  private static let lowestDescriptor: CInt = 200

  private static func listen(_ path: String) throws -> CInt {
    let made = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    defer { close(made) }
    try #require(UnixAddress(path).use { bind(made, $0, $1) } == 0, "\(path): \(String(cString: strerror(errno)))")
    try #require(Glibc.listen(made, 256) == 0)
    let high = fcntl(made, F_DUPFD_CLOEXEC, lowestDescriptor)
    try #require(high >= 0)
    return high
  }
}
