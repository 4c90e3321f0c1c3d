import Foundation
import Testing

/// `kaizen-trainer` beside the test bundle, or where `KAIZEN_PROGRAMS` says.
func trainerProgram() throws -> String {
  let own = URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent().path
  let linked = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
  let folders: [String?] = [
    ProcessInfo.processInfo.environment["KAIZEN_PROGRAMS"], own,
    URL(filePath: linked).deletingLastPathComponent().path,
  ]
  return try #require(
    folders.compactMap(\.self).map { $0 + "/kaizen-trainer" }.first(where: FileManager.default.isExecutableFile),
    "there is no program kaizen-trainer; build it, or name its folder in KAIZEN_PROGRAMS")
}
