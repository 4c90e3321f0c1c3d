import ArgumentParser
import Domain
import Foundation
import Wire

struct DemoVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "The whole product once: a daemon of its own, a line, ten weeks of parts, and what came of them.",
    discussion: """
      Without --data a generated plant whose group product=B2,camera=2 fails on day 28. With --data the die-casting \
      file: a line from its first 12,000 rows, the other 58,802 streamed after them. The daemon is stopped at the end; \
      its state directory stays for a look around.
      """)

  @Option(help: "The die-casting data, diecast.csv.gz.") var data: String?
  @Option(help: "Where to put the daemon's state, a new directory; else one under the temporary folder.") var dir:
    String?
  @Option(help: "Seed of the generated plant.") var plantSeed: UInt64 = 1

  /// How much better than during its failure the failing group must be served at the end.
  static let recoveryMinimum = 0.15

  func run() async throws {
    try await reporting {
      if let data, !FileManager.default.fileExists(atPath: data) {
        throw PlantFault(
          .noInput,
          "there is no file \(data): the die-casting data is not part of this project and is looked for beside it;"
            + " 'make run' needs no data")
      }
      let programs = try Programs()
      for name in ["kaizend", "kaizenctl", "kaizen-trainer"] { _ = try programs.path(name) }
      let directory = try makeDirectory()
      let daemon = try DaemonProcess(programs: programs, stateDirectory: directory)
      do {
        try await daemon.ready(stateDirectory: directory)
        let demo = data.map { RunningDemo.replay($0) } ?? .simulation(plantSeed: plantSeed)
        let report = try await demo.play(programs, directory)
        await daemon.stop()
        print(Self.leftovers(programs, directory, report))
        try report.check()
        try demo.judge(report)
      } catch {
        await daemon.stop()
        FileHandle.standardError.write(Data("kaizen-plant: the daemon's state and log are in \(directory)\n".utf8))
        throw error
      }
    }
  }

  private func makeDirectory() throws(PlantFault) -> String {
    if let dir {
      do {
        try FileManager.default.createDirectory(atPath: dir, withIntermediateDirectories: true)
      } catch {
        throw PlantFault(.noInput, "cannot make \(dir): \(error.localizedDescription)")
      }
      return dir
    }
    var template = Array((FileManager.default.temporaryDirectory.path + "/kaizen-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw PlantFault(
        .software, "cannot make a directory like \(FileManager.default.temporaryDirectory.path)/kaizen-XXXXXX")
    }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
