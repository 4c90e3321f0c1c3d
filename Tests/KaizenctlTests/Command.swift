import Foundation

/// What one run of the built `kaizenctl` did.
struct Ended {
  let code: Int32
  let output: String
  let errors: String
}

/// The built program, run as an operator's shell would.
struct Command {
  /// Beside the test bundle, or a copy of it in a folder of its own.
  var program = Command.built
  var environment: [String: String] = [:]

  static let built: URL = {
    let own = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let linked = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(filePath: $0)
    }
    let candidates = [own, linked].compactMap { $0?.deletingLastPathComponent().appending(path: "kaizenctl") }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? own
  }()

  /// A started process and the files its streams go to.
  struct Running {
    let process: Process
    let end: AsyncStream<Int32>
    let folder: URL

    func ended() async throws -> Ended {
      var code: Int32 = -1
      for await status in end { code = status }
      defer { try? FileManager.default.removeItem(at: folder) }
      return Ended(
        code: code, output: try String(contentsOf: folder.appending(path: "out"), encoding: .utf8),
        errors: try String(contentsOf: folder.appending(path: "err"), encoding: .utf8))
    }
  }

  func start(_ arguments: [String]) throws -> Running {
    let folder = try temporaryFolder()
    let process = Process()
    process.executableURL = program
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    for name in ["KAIZEN_STATE_DIR", "NO_COLOR"] { variables[name] = nil }
    process.environment = variables.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try Self.file(folder.appending(path: "out"))
    process.standardError = try Self.file(folder.appending(path: "err"))
    let (end, continuation) = AsyncStream<Int32>.makeStream()
    process.terminationHandler = { process in
      continuation.yield(process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
      continuation.finish()
    }
    try process.run()
    return Running(process: process, end: end, folder: folder)
  }

  func callAsFunction(_ arguments: String...) async throws -> Ended { try await start(arguments).ended() }
  func callAsFunction(_ arguments: [String]) async throws -> Ended { try await start(arguments).ended() }

  private static func file(_ url: URL) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    return try FileHandle(forWritingTo: url)
  }
}

/// Short, because a socket's path has 107 bytes at most.
func temporaryFolder() throws -> URL {
  let folder = URL(filePath: "/tmp").appending(path: "ctl-\(UInt32.random(in: 0...UInt32.max))")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  return folder
}

/// The one JSON object of a text, nil for anything else.
func jsonObject(_ text: String) -> [String: Any]? {
  (try? JSONSerialization.jsonObject(with: Data(text.utf8))) as? [String: Any]
}
