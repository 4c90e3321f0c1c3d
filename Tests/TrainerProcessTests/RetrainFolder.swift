import Domain
import Engine
import Foundation
import NeuralNet
import Store
import Testing

/// A state directory with a ledger of a line whose product B has turned, gone with its test.
final class RetrainFolder {
  let path: String
  let definition: LineDefinition
  let incumbent: Student

  static let labelledRows = 500
  static let run = 7
  private static let start = Timestamp(seconds: 1_772_323_200)

  init(hidden: [Int] = [32, 32]) throws {
    path = FileManager.default.temporaryDirectory.path + "/kaizend-retrain-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path + "/teachers", withIntermediateDirectories: true)
    definition = LineDefinition(
      id: try LineID("press-1"), schema: try GroupSchema(attributes: ["product"], includesOutcome: false),
      featureNames: ["x", "y", "z"], classNames: ["bad", "good"])
    incumbent = Student(
      shape: try StudentShape(inputCount: 3, hiddenWidths: hidden, classCount: 2),
      standardizer: Standardizer(identity: 3), seed: 2)
    try fill()
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// An hour apart: a part of A, then three of B, of which one is labelled; good where x > 0, of B where x < 0.
  private func fill() throws {
    let ledger = try SQLiteLedger(.file(path + "/ledger.db"))
    var random = Generator(seed: 4)
    try ledger.transaction { () throws(StorageFailure) in
      for index in 0..<Self.labelledRows * 4 {
        let isB = index % 4 != 0
        let x = Float(random.normal())
        let time = Self.start.advanced(hours: Double(index))
        let receipt = Receipt(wallClock: time, monotonicMicroseconds: 0, peerUID: 0)
        _ = try ledger.append(
          Prediction(
            line: definition.id, part: "p\(index)", cell: Cell([isB ? "B" : "A"]), version: ModelVersion(1),
            inputs: [x, Float(random.normal()), isB ? 1 : 0], logits: [0, 1], predictedClass: 1, confidence: 0.9,
            time: time, receipt: receipt))
        guard index % 4 < 2 else { continue }
        _ = try ledger.record(
          Outcome(
            line: definition.id, part: "p\(index)", label: (x > 0) != isB ? 1 : 0, observedAt: time, arrivedAt: time,
            source: "audit", amends: false, receipt: receipt))
      }
    }
  }

  /// Says good where B is good.
  func writeTeacher() throws {
    let shape = try StudentShape(inputCount: 3, hiddenWidths: [], classCount: 2)
    let teacher = try #require(
      Student(shape: shape, standardizer: Standardizer(identity: 3), parameters: [3, -3, 0, 0, 0, 0, 0, 0]))
    try Data(teacher.bytes).write(to: URL(filePath: path + "/teachers/own.bin"))
  }

  func spec(limits: JobLimits = JobLimits()) -> RetrainSpec {
    RetrainSpec(
      run: Self.run, definition: definition,
      settings: LineSettings(mode: .auto, time: .event, jobRowsMinimum: 300, gateRowsMinimum: 100),
      cells: [Cell(["B"])], laggingGroups: [GroupKey(cell: Cell(["B"]))], since: Self.start.advanced(hours: 200),
      until: Self.start.advanced(hours: 1e6), teacher: .trained(file: "own.bin"), seed: 5,
      incumbent: ModelVersion(2),
      students: [SpecStudent(version: ModelVersion(1), cells: [Cell(["B"])], role: .previous)],
      replayCells: [Cell(["A"])], limits: limits)
  }

  /// By the names that the spec gives them.
  var files: [String: [UInt8]] {
    [RetrainSpec.incumbentFile: incumbent.bytes, "student-1.bin": incumbent.bytes]
  }

  var runFolder: String { "\(path)/jobs/\(Self.run)" }

  var runFiles: Set<String> {
    Set((try? FileManager.default.contentsOfDirectory(atPath: runFolder)) ?? [])
  }

  /// The run's folder as the daemon makes it, for a process that a test starts itself.
  func makeRunFolder(_ spec: RetrainSpec) throws {
    try FileManager.default.createDirectory(atPath: runFolder, withIntermediateDirectories: true)
    for (name, bytes) in files { try write(bytes, as: name) }
    try write(Array(JSONEncoder().encode(spec)), as: RetrainSpec.specFile)
  }

  func write(_ bytes: [UInt8], as name: String) throws {
    try Data(bytes).write(to: URL(filePath: "\(runFolder)/\(name)"))
  }

  func script(_ text: String) throws -> String {
    let file = path + "/trainer"
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(filePath: file))
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file)
    return file
  }
}

/// `kaizen-trainer retrain` as a process of the test's own.
final class RetrainProcess {
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private let errors = Pipe()
  private var rest = Data()

  /// - Parameter said: what stands in its input before it starts.
  init(_ folder: RetrainFolder, said: String = "") throws {
    process.executableURL = URL(filePath: try trainerProgram())
    process.arguments = ["retrain", "--state-dir", folder.path, "--run-dir", folder.runFolder]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = errors
    if !said.isEmpty { try say(said) }
    try process.run()
    // Its own copy would keep the pipe open for the child's end of file.
    try input.fileHandleForReading.close()
  }

  func say(_ text: String) throws { try input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }
  func hangUp() throws { try input.fileHandleForWriting.close() }

  /// Reads progress until a stage begins; false where the process ends before.
  func reaches(_ stage: String) throws -> Bool {
    while true {
      while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = rest[..<end]
        rest = Data(rest[(end + 1)...])
        if try JSONDecoder().decode(TrainingProgress.self, from: Data(line)).stage == stage { return true }
      }
      let more = output.fileHandleForReading.availableData
      guard !more.isEmpty else { return false }
      rest += more
    }
  }

  /// Its code, negative for a signal, and what it said last.
  func end() throws -> (code: Int32, complaint: String) {
    while !output.fileHandleForReading.availableData.isEmpty {}
    let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let status = process.terminationStatus
    return (process.terminationReason == .exit ? status : -status, complaint)
  }

  func kill() { Foundation.kill(process.processIdentifier, SIGKILL) }
}
