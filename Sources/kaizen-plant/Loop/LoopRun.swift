import ArgumentParser
import Domain
import Foundation
import PlantSimulation
import Wire

/// One plant before a daemon of its own, from the line's first student to the record of what was served.
struct LoopRun {
  enum Source {
    case scenario(Scenario)
    /// Path of the die-casting data.
    case replay(String, outcomeInGroups: Bool)
  }

  let source: Source
  let seed: UInt64
  /// Path of a network that takes the place of the line's teacher.
  let teacher: String?
  let programs: Programs
  let directory: String
  /// Whether the directory stays when all went well.
  let isKept: Bool

  /// - Throws: `PlantFault`; the daemon's state stays then, and the sentence says where.
  func record() async throws -> PlantRecord {
    let daemon = try DaemonProcess(programs: programs, stateDirectory: directory)
    do {
      try await daemon.ready(stateDirectory: directory)
      try await addLine()
      try placeTeacher()
      let record = try await play(daemon)
      await daemon.stop()
      if !isKept { try FileManager.default.removeItem(atPath: directory) }
      return record
    } catch {
      await daemon.stop()
      throw PlantFault(
        (error as? PlantFault)?.kind ?? .software, "\(error) (the daemon's state and log are in \(directory))")
    }
  }

  private var line: String {
    switch source {
    case .scenario: "press-1"
    case .replay: DieCasting.line
    }
  }

  private func addLine() async throws {
    var words = ["line", "add", line, "--time", "event", "--seed", "\(seed)", "--state-dir", directory]
    switch source {
    case .scenario(let scenario):
      let history = directory + "/history.csv"
      try writeText(HistoryFile.text(SimulatedLine(scenario: scenario, index: 0, seed: seed)), to: history)
      words += [
        "--data", history, "--label", "label", "--groups", Scenario.attributeNames.joined(separator: ","), "--target",
        "0.9",
      ]
      if let channel = scenario.outcomes.channel { words += ["--channels", channel.text] }
    case .replay(let path, let outcomeInGroups):
      words += [
        "--data", path, "--label", DieCasting.labelColumn, "--groups", DieCasting.moldColumn, "--target",
        DieCasting.target, "--rows", "1:\(DieCasting.historyRows)",
      ]
      if outcomeInGroups { words.append("--outcome-in-groups") }
    }
    try await programs.run("kaizenctl", words, log: directory + "/line-add.log")
  }

  private var teacherFolder: String { directory + "/teachers" }

  /// The daemon knows its teacher by the file's name alone.
  private func placeTeacher() throws {
    guard let teacher else { return }
    guard let file = try FileManager.default.contentsOfDirectory(atPath: teacherFolder).first else {
      throw PlantFault(.software, "the line was made without a teacher; there is none to take the place of")
    }
    try write([UInt8](try Data(contentsOf: URL(filePath: teacher))), to: "\(teacherFolder)/\(file)")
  }

  private func play(_ daemon: DaemonProcess) async throws -> PlantRecord {
    let trail = Trail()
    let before = daemon.childSeconds
    let (report, answers) = try await stream(trail)
    try report.check()
    let client = try await PlantClient.connect(stateDirectory: directory)
    let row = try await client.line(line).row
    let rows = try await client.models(line: line)
    var students: [RecordedStudent] = []
    for model in rows {
      students.append(
        RecordedStudent(
          version: model.version, run: model.run, arm: model.arm,
          bytes: try await client.modelBytes(line: line, version: model.version)))
    }
    let log = LoopLog(answers, row: row, frozenVersion: report.lines.first?.frozenVersion ?? 1)
    var runs: [RecordedRun] = []
    for run in report.lines.flatMap(\.runs).sorted(by: { $0.run < $1.run }) where run.kind == "retrain" {
      guard let started = Timestamp(run.startedAt), started < log.end else { continue }
      runs.append(
        RecordedRun(
          run: run.run, state: run.state, cells: run.cells, started: log.day(started), version: run.version,
          arm: run.chosenArm, labels: try await client.report(run: run.run)?.labels, sentence: run.sentence))
    }
    let remarks = trail.remarks.filter { $0.event != "retrain_weights" }.map { remark in
      RecordedRemark(
        event: remark.event, group: remark.group, run: remark.run, day: log.day(remark.at), sentence: remark.sentence)
    }
    return PlantRecord(
      plant: name, seed: Int(seed), classNames: row.classes, attributes: row.attributes, cells: try log.cells(),
      frozenVersion: log.frozenVersion, answers: log.counts, students: students, teacher: teacherBytes, runs: runs,
      remarks: remarks, outcomes: report.ledgerOutcomes, trainerSeconds: daemon.childSeconds - before,
      seconds: report.seconds)
  }

  private var name: String {
    switch source {
    case .scenario(let scenario): scenario.name
    case .replay: DieCasting.line
    }
  }

  private var teacherBytes: String? {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: teacherFolder)) ?? []
    return files.first { $0.hasSuffix(".teacher") }
      .flatMap { try? Data(contentsOf: URL(filePath: "\(teacherFolder)/\($0)")).base64EncodedString() }
  }

  private func stream(_ trail: Trail) async throws -> (PlantReport, [StreamedPart]) {
    switch source {
    case .scenario(let scenario):
      let options = try StreamOptions.parse(["--state-dir", directory, "--seed", "\(seed)", "--quiet"])
      return try await SimulateVerb.play([line], of: scenario, plantSeed: seed, options: options, trail: trail)
    case .replay(let path, _):
      let client = try await PlantClient.connect(stateDirectory: directory)
      let added = try await client.line(line)
      let file = ReplayFile(
        path: path, rows: DieCasting.historyRows + 1...Int.max, labelColumn: DieCasting.labelColumn,
        attributes: added.row.attributes, features: added.row.features, classNames: added.row.classes,
        clock: .dates(column: DieCasting.dateColumn), idPrefix: "")
      let run = StreamRun(
        client: client, lines: [added], failures: [nil], plan: DieCasting.outcomes, seed: seed,
        log: ProgressLog(isQuiet: true), trail: trail)
      return try await run.play(try file.parts())
    }
  }
}

extension TrainingReport {
  /// Labelled rows in all folds.
  fileprivate var labels: Int { folds.reduce(0) { $0 + $1.train + $1.select + $1.heldOut } }
}
