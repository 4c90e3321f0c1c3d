import Foundation

/// The built `kaizen-bench`, which a build puts beside the tests.
enum Bench {
  static let program: URL = {
    let own = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    let linked = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map {
      URL(filePath: $0)
    }
    let candidates = [own, linked].compactMap { $0?.deletingLastPathComponent().appending(path: "kaizen-bench") }
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? own
  }()

  /// - Returns: what it printed and how it ended.
  static func run(_ arguments: [String]) throws -> (output: String, errors: String, code: Int32) {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = program
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Neither fills a pipe: a report is a few thousand bytes.
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    let complained = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (
      String(decoding: printed, as: UTF8.self), String(decoding: complained, as: UTF8.self), process.terminationStatus
    )
  }
}
