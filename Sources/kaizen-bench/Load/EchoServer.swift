import ArgumentParser
import CBench
import Foundation
import Glibc

/// `kaizen-bench echo`: the fastest server over a Unix socket there can be, a process of its own like those it is
/// compared with.
struct Echo: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answers fixed lengths with fixed lengths: the floor of 'serve', which starts it.", shouldDisplay: false)

  @Option(help: "Socket to listen on.") var socket: String
  @Flag(help: "All connections on one thread, else a thread each.") var epoll = false

  /// Bytes of a request and of an answer, about those of a prediction in binary.
  static let requestBytes = 256
  static let answerBytes = 64

  func run() throws {
    let failure = kb_serve_echo(socket, Int64(Self.requestBytes), Int64(Self.answerBytes), epoll ? 1 : 0)
    FileHandle.standardError.write(Data("kaizen-bench: \(socket): \(String(cString: strerror(failure)))\n".utf8))
    throw ExitCode(70)
  }

  /// What its client sends.
  static func requests() -> RequestSet {
    RequestSet([RequestKind(bytes: [UInt8](repeating: 0x20, count: requestBytes), expected: .bytes(answerBytes))])
  }

  static func start(socket: String, epoll: Bool, placement: Placement) throws -> ServerProcess {
    let server = try ServerProcess(
      program: "/proc/self/exe", arguments: ["echo", "--socket", socket] + (epoll ? ["--epoll"] : []),
      placement: placement)
    try server.waitUntilListening(socket, seconds: 10)
    return server
  }
}
