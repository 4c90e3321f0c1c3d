import Foundation
import Glibc
import Wire

/// A daemon for one demonstration: started before it, stopped after it, its state left for a look around.
enum DemoDaemon {
  /// Runs `play` against a daemon in a new directory, says what is left, and judges the report.
  ///
  /// - Parameters:
  ///   - directory: the daemon's state; nil for a new one under the temporary folder.
  ///   - play: gives the report and what else must hold of it.
  static func with(
    directory: String?,
    _ play: (Programs, String) async throws -> (report: PlantReport, judge: () throws -> Void)
  ) async throws {
    let programs = try programs()
    let directory = try make(directory)
    let daemon = try DaemonProcess(programs: programs, stateDirectory: directory)
    do {
      try await daemon.ready(stateDirectory: directory)
      let (report, judge) = try await play(programs, directory)
      await daemon.stop()
      print(leftovers(programs, directory, report))
      try report.check()
      try judge()
    } catch {
      await daemon.stop()
      FileHandle.standardError.write(Data("kaizen-plant: the daemon's state and log are in \(directory)\n".utf8))
      throw error
    }
  }

  static func make(_ named: String?) throws(PlantFault) -> String {
    if let named {
      do {
        try FileManager.default.createDirectory(atPath: named, withIntermediateDirectories: true)
      } catch {
        throw PlantFault(.noInput, "cannot make \(named): \(error.localizedDescription)")
      }
      return named
    }
    var template = Array((FileManager.default.temporaryDirectory.path + "/kaizen-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw PlantFault(
        .software, "cannot make a directory like \(FileManager.default.temporaryDirectory.path)/kaizen-XXXXXX")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// All the programs a demonstration needs.
  static func programs() throws(PlantFault) -> Programs {
    let programs = try Programs()
    for name in ["kaizend", "kaizenctl", "kaizen-trainer"] { _ = try programs.path(name) }
    return programs
  }

  private static func leftovers(_ programs: Programs, _ directory: String, _ report: PlantReport) -> String {
    let here = FileManager.default.currentDirectoryPath
    let state = ShownPath.relative(directory, to: here)
    func program(_ name: String) -> String { ShownPath.program("\(programs.directory)/\(name)", from: here) }
    let line = report.lines.first?.line ?? ""
    let run = report.lines.first?.runs.map(\.run).max() ?? 1
    return """

      The daemon is stopped. Its state directory is \(state), with
        ledger.db    predictions and outcomes
        state.db     lines, models, audit
        kaizend.log  its log
      To look around, start it again:
        \(program("kaizend")) --state-dir \(state) &
      and try
        \(program("kaizenctl")) groups \(line) --state-dir \(state)
        \(program("kaizenctl")) explain \(run) --state-dir \(state)
        \(program("kaizenctl")) audit verify --state-dir \(state)
      """
  }
}
