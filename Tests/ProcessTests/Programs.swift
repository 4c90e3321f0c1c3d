import Foundation
import Testing

/// All process tests, one after the other: each measures a program that wants the processor for itself.
@Suite(.serialized) struct ProcessTests {}

/// Where the programs under test are.
enum Programs {
  /// The directory named by `KAIZEN_PROGRAMS`, else the test bundle's own: a build puts programs and tests together.
  static let directory: String = {
    if let named = ProcessInfo.processInfo.environment["KAIZEN_PROGRAMS"] { return named }
    let linked = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let own = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().path
    let folders = [own, linked].map { URL(filePath: $0).deletingLastPathComponent().path }
    return folders.first { FileManager.default.isExecutableFile(atPath: $0 + "/kaizend") } ?? folders[0]
  }()

  static func path(_ name: String) throws -> String {
    let path = "\(directory)/\(name)"
    try #require(
      FileManager.default.isExecutableFile(atPath: path),
      "there is no program \(path); build it, or name its folder in KAIZEN_PROGRAMS")
    return path
  }

  /// A program of the system, nil where it is not installed.
  static func installed(_ name: String) -> String? {
    ["/usr/bin", "/bin", "/usr/local/bin"].map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}

/// What did not come in time.
struct TimedOut: Error, CustomStringConvertible {
  let description: String
}

/// How long a test waits for what must come: only a failed one waits so long, on a machine with other work too.
let patience = Duration.seconds(180)

/// Asks until there is an answer: waits for what a process does, never for a guess of how long it takes.
@discardableResult
func eventually<Value>(
  within limit: Duration = patience, _ what: String, _ question: () async throws -> Value?
) async throws -> Value {
  let start = ContinuousClock.now
  while true {
    if let value = try await question() { return value }
    guard ContinuousClock.now - start < limit else { throw TimedOut(description: "\(what) not within \(limit)") }
    try await Task.sleep(for: .milliseconds(2))
  }
}

/// A folder of its own for one test, gone with its last user.
final class Folder: Sendable {
  let path: String
  private let isOwner: Bool

  /// Short, because a socket's path has 107 bytes at most.
  init() throws {
    path = "/tmp/kz-\(UInt64.random(in: 0...UInt64.max))"
    isOwner = true
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Another hand on the same folder, which stays with its owner.
  init(sharing other: Folder) {
    path = other.path
    isOwner = false
  }

  deinit { if isOwner { try? FileManager.default.removeItem(atPath: path) } }

  static func names(_ path: String) throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: file(name)))) }
  func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let target = URL(filePath: file(name))
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: target)
  }

  func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }
}
