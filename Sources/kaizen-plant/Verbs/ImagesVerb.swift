import ArgumentParser
import Domain
import Foundation
import PlantSimulation
import Wire

struct ImagesVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "images",
    abstract: "Three cameras on real pictures: a rare one that lags, one that is hung up the other way round.",
    discussion: """
      Needs Debian's package \(FashionImages.package) and nothing else. A line of 28 x 28 pictures is made from \
      10,000 of them, and five weeks of others are streamed at a daemon of its own. The student's worst mistakes are \
      written as a page with their pictures.
      """)

  @Option(help: "Where to put the daemon's state, a new directory; else one under the temporary folder.") var dir:
    String?
  @Option(help: "Folder of the pictures' .gz files.") var data = FashionImages.folder
  @Option(help: "The page of mistakes to write; else mistakes.html in the daemon's directory.") var page: String?
  @Option(help: "Seed of which picture is seen when, and of the training.") var seed: UInt64 = 1

  private static let line = "belts"
  /// Every camera must keep this accuracy.
  private static let target = "0.88"

  func run() async throws {
    try await reporting {
      let plant = try CameraPlant(try FashionImages(folder: data), scenario: .demo, seed: seed)
      try await DemoDaemon.with(directory: dir) { programs, directory in
        let report = try await play(plant, programs, directory)
        return (report, {})
      }
    }
  }

  private func play(_ plant: CameraPlant, _ programs: Programs, _ directory: String) async throws -> PlantReport {
    try await makeLine(plant, programs, directory)
    print(Self.announcement(plant.scenario))
    let client = try await PlantClient.connect(stateDirectory: directory)
    let line = try await client.line(Self.line)
    let run = StreamRun(
      client: client, lines: [line], failures: [nil], plan: OutcomePlan(medianHours: 8, loss: 0.1), seed: seed,
      log: ProgressLog(isQuiet: false))
    let parts = try plant.parts(classNames: line.row.classes)
    let (report, answers) = try await run.play(parts)
    let phases = Self.phases(answers, plant.scenario, frozenVersion: line.streamed.frozenVersion)
    print("\n" + CameraPhaseText.table(phases) + "\n")
    for sentence in CameraPhaseText.sentences(phases) { print(wrapped(sentence, indent: 2)) }
    print("\n" + report.lines.map(ReportText.runs).joined(separator: "\n"))
    print("\n" + ReportText.counts(report))
    let page = self.page ?? directory + "/mistakes.html"
    let mistakes = MistakePage(
      plant, answers: answers, phases: phases, line: Self.line, classNames: line.row.classes)
    try writeText(mistakes.html, to: page)
    print("\nThe worst mistakes with their pictures, for a browser: \(page)")
    return report
  }

  private func makeLine(_ plant: CameraPlant, _ programs: Programs, _ directory: String) async throws {
    let file = directory + "/history.npz"
    try write(plant.historyFile, to: file)
    let words = [
      "line", "add", Self.line, "--data", file, "--label", "label", "--groups", CameraScenario.attribute, "--target",
      Self.target, "--time", "event", "--seed", "\(seed)",
    ]
    let here = FileManager.default.currentDirectoryPath
    print("$ kaizenctl " + words.map { ShownPath.relative($0, to: here) }.joined(separator: " "))
    try await programs.run("kaizenctl", words + ["--state-dir", directory])
  }

  private static func announcement(_ scenario: CameraScenario) -> String {
    let turned = scenario.cameras.compactMap { camera in
      camera.remount.map { "Camera \(camera.name) will be hung up the other way round on day \($0.day)." }
    }
    let rarest = scenario.cameras.min { $0.historyParts < $1.historyParts }
    let rare = rarest.map { ["Camera \($0.name) is new: \($0.historyParts) of the parts above are its own."] } ?? []
    return wrapped(
      (["\nStreaming \(scenario.days) days of other pictures."] + rare + turned).joined(separator: " "), indent: 0)
  }

  private static func phases(
    _ answers: [StreamedPart], _ scenario: CameraScenario, frozenVersion: Int
  ) -> [CameraPhase] {
    let cells = scenario.cameras.map { Cell([$0.name]) }
    let remounts = zip(cells, scenario.cameras).compactMap { cell, camera in
      camera.remount.map { (cell, Scenario.moment(day: $0.day)) }
    }
    return CameraPhase.all(
      answers, cells: cells, frozenVersion: frozenVersion,
      remounts: Dictionary(remounts, uniquingKeysWith: { $1 }))
  }
}

func write(_ bytes: [UInt8], to path: String) throws(PlantFault) {
  do {
    try Data(bytes).write(to: URL(filePath: path), options: .atomic)
  } catch {
    throw PlantFault(.noInput, "cannot write \(path): \(error.localizedDescription)")
  }
}
