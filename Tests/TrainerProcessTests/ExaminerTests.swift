import Domain
import Engine
import Foundation
import NeuralNet
import Store
import Synchronization
import Testing
import TrainerProcess

/// A state directory with a ledger of one line, gone with its test.
private final class StateFolder {
  let path: String
  let definition: LineDefinition

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/kaizend-night-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path + "/teachers", withIntermediateDirectories: true)
    definition = LineDefinition(
      id: try LineID("press-1"), schema: try GroupSchema(attributes: ["product"], includesOutcome: false),
      featureNames: ["x", "y"], classNames: ["bad", "good"])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// 100 parts of A and of B, half of them positive; the student calls all of A by the sign of x, and of B all good.
  func fill() throws {
    let ledger = try SQLiteLedger(.file(path + "/ledger.db"))
    let day = try #require(Timestamp("2026-03-01"))
    try ledger.transaction { () throws(StorageFailure) in
      for index in 0..<200 {
        let isPositive = index / 2 % 2 == 0
        let isA = index % 2 == 0
        _ = try ledger.append(
          Prediction(
            line: definition.id, part: "p\(index)", cell: Cell([isA ? "A" : "B"]), version: ModelVersion(1),
            inputs: [isPositive ? 1 : -1, 0], logits: [0, 1], predictedClass: isPositive || !isA ? 1 : 0,
            confidence: 0.9, time: day,
            receipt: Receipt(wallClock: day, monotonicMicroseconds: 0, peerUID: 0)))
      }
    }
  }

  /// Says good where x is positive.
  func writeTeacher() throws {
    let shape = try StudentShape(inputCount: 2, hiddenWidths: [], classCount: 2)
    let teacher = try #require(
      Student(shape: shape, standardizer: Standardizer(identity: 2), parameters: [-3, 3, 0, 0, 0, 0]))
    try Data(teacher.bytes).write(to: URL(filePath: path + "/teachers/own.bin"))
  }

  func spec(_ teacher: TeacherSource = .trained(file: "own.bin")) -> AgreementSpec {
    AgreementSpec(definition: definition, teacher: teacher, day: 20_513, after: 0, through: 200)
  }

  func script(_ text: String) throws -> String {
    let file = path + "/trainer"
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(filePath: file))
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: file)
    return file
  }

  var leftover: Bool { FileManager.default.fileExists(atPath: path + "/night") }
}

private func end(_ examiner: ProcessExaminer, _ spec: AgreementSpec, then: () -> Void = {}) async throws
  -> ExaminationEnd
{
  let (ends, told) = AsyncStream<ExaminationEnd>.makeStream()
  try examiner.examine(spec) {
    told.yield($0)
    told.finish()
  }
  then()
  var first: ExaminationEnd?
  for await end in ends { first = end }
  return try #require(first)
}

@Suite struct ExaminerTests {
  @Test func `the real trainer counts, cell by cell, how often the teacher says the same`() async throws {
    let folder = try StateFolder()
    try folder.fill()
    try folder.writeTeacher()
    let examiner = ProcessExaminer(executable: try trainerProgram(), stateDirectory: folder.path)
    let told = try await end(examiner, folder.spec())
    let count = AgreementReport.CellCount.self
    let expected = AgreementReport(
      day: 20_513, dayParts: 200,
      cells: [
        count.init(cell: Cell(["A"]), version: ModelVersion(1), parts: 100, agreed: 100),
        count.init(cell: Cell(["B"]), version: ModelVersion(1), parts: 100, agreed: 50),
      ], absent: nil)
    #expect(told == .finished(expected))
    #expect(!folder.leftover)
    #expect(try await end(examiner, folder.spec()) == .finished(expected), "and again the next night")
  }

  @Test func `a teacher that cannot answer for new parts is said to be absent, not a failure`() async throws {
    let folder = try StateFolder()
    try folder.fill()
    let examiner = ProcessExaminer(executable: try trainerProgram(), stateDirectory: folder.path)
    for teacher in [
      TeacherSource.columns(prefix: "t_"), .trained(file: "missing.bin"), .onnx(file: "missing.onnx"),
      .trained(file: "../own.bin"),
    ] {
      guard case .finished(let report) = try await end(examiner, folder.spec(teacher)) else {
        Issue.record("\(teacher) did not end")
        continue
      }
      #expect(report.cells.isEmpty)
      #expect(report.absent != nil, "\(teacher)")
    }
  }

  @Test func `a ledger that is not there fails with the reason`() async throws {
    let folder = try StateFolder()
    let told = try await end(
      ProcessExaminer(executable: try trainerProgram(), stateDirectory: folder.path), folder.spec())
    guard case .failed(let sentence) = told else {
      Issue.record("\(told)")
      return
    }
    #expect(sentence.contains("ledger.db cannot be opened"), "\(sentence)")
    #expect(!folder.leftover)
  }

  @Test func `a process that hangs is ended, by its time or by request`() async throws {
    let folder = try StateFolder()
    let program = try folder.script("exec sleep 1000")
    let slow = ProcessExaminer(executable: program, stateDirectory: folder.path, limit: .milliseconds(50))
    guard case .failed(let sentence) = try await end(slow, folder.spec()) else {
      Issue.record("it did not fail")
      return
    }
    #expect(sentence.contains("was ended"), "\(sentence)")
    let stopped = ProcessExaminer(executable: program, stateDirectory: folder.path)
    #expect(try await end(stopped, folder.spec(), then: { stopped.stop() }) == .stopped)
    #expect(!folder.leftover)
  }

  @Test func `a process that is killed or writes rubbish fails with what happened`() async throws {
    let folder = try StateFolder()
    let killed = ProcessExaminer(executable: try folder.script("kill -KILL $$"), stateDirectory: folder.path)
    guard case .failed(let sentence) = try await end(killed, folder.spec()) else {
      Issue.record("it did not fail")
      return
    }
    #expect(sentence.contains("signal 9"), "\(sentence)")
    let rubbish = ProcessExaminer(
      executable: try folder.script("echo '{' > \"$5/report.json\""), stateDirectory: folder.path)
    guard case .failed = try await end(rubbish, folder.spec()) else {
      Issue.record("it did not fail")
      return
    }
  }
}
