import Foundation
import Testing

/// Programs in Python that talk to the daemon with other people's clients, in the environment that
/// Config/python-clients.sh makes. Each prints `ok CHECK` for everything it saw to hold and ends at the first that
/// does not.
enum ClientProgram {
  /// Nil where the clients are not installed.
  static let python: String? = {
    guard let named = ProcessInfo.processInfo.environment["KAIZEN_CLIENTS"], !named.isEmpty else { return nil }
    return named
  }()

  static let missing: Comment =
    "skipped: KAIZEN_CLIENTS names no Python with the clients; make test sets it, Config/python-clients.sh says why not"

  /// The proxy of systemd for clients that know only TCP, and the program that gives it its socket.
  static let proxy: (activate: String, proxyd: String)? = {
    let folders = ["/usr/lib/systemd", "/lib/systemd"]
    let proxyd = folders.map { "\($0)/systemd-socket-proxyd" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let activate = Programs.installed("systemd-socket-activate"), let proxyd else { return nil }
    return (activate, proxyd)
  }()

  static let proxyMissing: Comment = "skipped: systemd-socket-proxyd is not there; install Debian's package systemd"

  /// The repository's own file.
  static func file(_ path: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)").standardizedFileURL.path
  }

  /// Runs a program of the folder Clients and compares what it saw with `checks`, so that none can get lost.
  static func expect(
    _ name: String, _ arguments: [String], within limit: Duration = .seconds(60), checks: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let python = try #require(Self.python)
    let ran = try await run(
      python, [file("Tests/ProcessTests/Clients/\(name)")] + arguments,
      environment: ["PYTHONUTF8": "1"], within: limit)
    #expect(ran.end == .exited(0), "\(ran.output)\n\(ran.errors)", sourceLocation: sourceLocation)
    let seen = ran.output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.map { String($0.dropFirst(3)) }
    #expect(seen == checks, sourceLocation: sourceLocation)
  }
}
