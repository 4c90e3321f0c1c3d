import Domain
import Engine
import Foundation
import NeuralNet
import Synchronization
import Testing
import TrainerProcess

/// What a trainer posts about one run.
private struct Posted {
  let events: AsyncStream<TrainingEvent>
  let post: @Sendable (TrainingEvent) -> Void

  init() {
    let (events, told) = AsyncStream<TrainingEvent>.makeStream()
    self.events = events
    post = { event in
      told.yield(event)
      if case .ended = event { told.finish() }
    }
  }

  /// - Parameter progress: called for each, in turn.
  func end(progress: (TrainingProgress) -> Void = { _ in }) async throws -> TrainingEnd {
    var end: TrainingEnd?
    for await event in events {
      switch event {
      case .progress(let told): progress(told)
      case .ended(let ended): end = ended
      }
    }
    return try #require(end)
  }
}

private func finished(_ end: TrainingEnd) throws -> (report: TrainingReport, student: [UInt8]) {
  guard case .finished(let report, let student) = end else {
    Issue.record("\(end)")
    throw CancellationError()
  }
  return (report, try #require(student))
}

private func failure(_ end: TrainingEnd) throws -> String {
  guard case .failed(let sentence) = end else {
    Issue.record("\(end)")
    throw CancellationError()
  }
  return sentence
}

/// The job of the folder in one go.
private func uninterrupted() async throws -> (report: TrainingReport, student: [UInt8]) {
  let folder = try RetrainFolder()
  try folder.writeTeacher()
  let posted = Posted()
  let trainer = ProcessTrainer(executable: try trainerProgram(), stateDirectory: folder.path)
  try trainer.start(folder.spec(), files: folder.files, events: posted.post)
  return try finished(try await posted.end())
}

@Suite struct RetrainTests {
  @Test func `the real trainer tries every arm, learns what has turned and tells what it cost`() async throws {
    let folder = try RetrainFolder()
    try folder.writeTeacher()
    let posted = Posted()
    let trainer = ProcessTrainer(executable: try trainerProgram(), stateDirectory: folder.path)
    try trainer.start(folder.spec(), files: folder.files, events: posted.post)
    let (report, student) = try finished(try await posted.end())
    #expect(report.arms.map(\.skipped) == Array(repeating: nil, count: 6))
    let pair = try #require(report.pairs.first)
    #expect(report.pairs.count == 1 && Double(pair.challengerCorrect) > 0.9 * Double(pair.total), "\(pair)")
    #expect(report.teacherPairs?.first?.challengerCorrect == pair.total)
    #expect((report.unlabelledRows ?? 0) >= 200, "two of three parts of B have no outcome")
    #expect(report.gateClasses?.reduce(0, +) == pair.total)
    let cost = try #require(report.cost)
    #expect(cost.cpuSeconds > 0 && cost.pausedSeconds == 0 && cost.peakBytes > 1 << 20)
    #expect(try Student(bytes: student).isFinite)
    #expect(
      folder.runFiles == ["spec.json", "incumbent.bin", "student-1.bin", "student.bin", "report.json"],
      "what lets a run go on is gone")
  }

  @Test func `a whole line gets one student, taught by those that serve it`() async throws {
    let folder = try RetrainFolder()
    let scoped = folder.spec()
    let spec = RetrainSpec(
      run: RetrainFolder.run, scope: .whole, definition: folder.definition, settings: scoped.settings,
      cells: [Cell(["A"]), Cell(["B"])], laggingGroups: [], since: scoped.since, until: scoped.until,
      teacher: scoped.teacher, seed: 5, incumbent: ModelVersion(2),
      students: [SpecStudent(version: ModelVersion(1), cells: [Cell(["B"])], role: .serving)])
    let posted = Posted()
    let trainer = ProcessTrainer(executable: try trainerProgram(), stateDirectory: folder.path)
    try trainer.start(spec, files: folder.files, events: posted.post)
    let report = try finished(try await posted.end()).report
    #expect(report.arms.map(\.name) == [RetrainSpec.labelsArm, RetrainSpec.consolidatedArm])
    #expect(report.pairs.map(\.group.cell) == spec.cells)
    #expect(report.teacher.verdict == .absent)
  }

  // MARK: - Pauses, and the daemon's end

  @Test func `it stands still when told to, and goes on when told to`() async throws {
    let folder = try RetrainFolder()
    let posted = Posted()
    let trainer = ProcessTrainer(executable: try trainerProgram(), stateDirectory: folder.path)
    try trainer.start(folder.spec(), files: folder.files, events: posted.post)
    trainer.setPaused(true, run: RetrainFolder.run)
    var stages: [String] = []
    let end = try await posted.end { told in
      stages.append(told.stage)
      if told.stage == TrainingProgress.paused { trainer.setPaused(false, run: RetrainFolder.run) }
    }
    #expect(stages.count { $0 == TrainingProgress.paused } == 1)
    #expect(stages.last == "evaluating")
    #expect((try finished(end).report.cost?.pausedSeconds ?? 0) > 0)
  }

  @Test(arguments: ["", "pause\n"])
  func `it ends when its input does, standing still or not`(said: String) throws {
    let folder = try RetrainFolder()
    try folder.makeRunFolder(folder.spec())
    let process = try RetrainProcess(folder, said: said)
    #expect(try process.reaches(said.isEmpty ? "reading" : TrainingProgress.paused))
    try process.hangUp()
    let (code, complaint) = try process.end()
    #expect(code == 75)
    #expect(complaint.contains("the daemon that started this training has ended"), "\(complaint)")
    #expect(!folder.runFiles.contains(RetrainSpec.reportFile))
  }

  @Test func `other lines on its input are not obeyed`() throws {
    let folder = try RetrainFolder()
    try folder.makeRunFolder(folder.spec())
    let process = try RetrainProcess(folder, said: "PAUSE\n\npau" + String(repeating: "x", count: 1000) + "\ngo\n")
    #expect(try process.end().code == 0)
    #expect(folder.runFiles.contains(RetrainSpec.reportFile))
  }

  // MARK: - Broken off

  @Test(arguments: ["head", "labels", "groupdistil", "replay", "evaluating"])
  func `a run that was killed between two arms goes on and ends with the same student`(stage: String) async throws {
    let whole = try await uninterrupted()
    let folder = try RetrainFolder()
    try folder.writeTeacher()
    try folder.makeRunFolder(folder.spec())
    let process = try RetrainProcess(folder)
    #expect(try process.reaches(stage))
    process.kill()
    #expect(try process.end().code == -SIGKILL)
    let posted = Posted()
    let trainer = ProcessTrainer(executable: try trainerProgram(), stateDirectory: folder.path)
    #expect(trainer.resume(run: RetrainFolder.run, events: posted.post) == nil)
    let (report, student) = try finished(try await posted.end())
    #expect(student == whole.student)
    #expect(report.pairs == whole.report.pairs && report.chosenArm == whole.report.chosenArm)
    #expect(report.arms.map(\.selectScore) == whole.report.arms.map(\.selectScore))
    let resumed = report.resumedArms ?? []
    #expect(whole.report.arms.map(\.name).starts(with: resumed) && !resumed.isEmpty || stage == "reading")
  }

  @Test func `an arm whose file is damaged is made again, from the rows the run began with`() async throws {
    let whole = try await uninterrupted()
    let folder = try RetrainFolder()
    try folder.writeTeacher()
    try folder.makeRunFolder(folder.spec())
    let process = try RetrainProcess(folder)
    #expect(try process.reaches("groupdistil"))
    process.kill()
    _ = try process.end()
    let kept = folder.runFiles.filter { $0.hasPrefix("arm-") }.sorted()
    #expect(kept == ["arm-labels-only-clone.json", "arm-own-head.json", "arm-the-student-before.json"])
    var bytes = Array(try Data(contentsOf: URL(filePath: "\(folder.runFolder)/arm-labels-only-clone.json")))
    bytes[bytes.count / 2] ^= 1
    try folder.write(bytes, as: "arm-labels-only-clone.json")
    try folder.write([1, 2, 3], as: "arm-own-head.json")
    // The ledger may change meanwhile; the rows are those of the folder.
    try FileManager.default.removeItem(atPath: folder.path + "/ledger.db")
    let posted = Posted()
    let trainer = ProcessTrainer(executable: try trainerProgram(), stateDirectory: folder.path)
    #expect(trainer.resume(run: RetrainFolder.run, events: posted.post) == nil)
    let (report, student) = try finished(try await posted.end())
    #expect(student == whole.student)
    #expect(report.resumedArms == [RetrainSpec.previousArm])
  }

  @Test func `a run is taken up three times at most`() async throws {
    let folder = try RetrainFolder()
    let trainer = ProcessTrainer(executable: try folder.script("kill -KILL $$"), stateDirectory: folder.path)
    let posted = Posted()
    try trainer.start(folder.spec(), files: folder.files, events: posted.post)
    #expect(try failure(try await posted.end()).contains("signal 9"))
    for _ in 0..<3 {
      let again = Posted()
      #expect(trainer.resume(run: RetrainFolder.run, events: again.post) == nil)
      #expect(try failure(try await again.end()).contains("signal 9"))
    }
    let refusal = try #require(trainer.resume(run: RetrainFolder.run) { _ in })
    #expect(refusal.contains("broken off 4 times"), "\(refusal)")
    #expect(trainer.resume(run: 8) { _ in }?.contains("nothing is left") == true)
  }

  @Test func `a result that nobody took note of is still there`() async throws {
    let folder = try RetrainFolder()
    let posted = Posted()
    try ProcessTrainer(executable: try trainerProgram(), stateDirectory: folder.path).start(
      folder.spec(), files: folder.files, events: posted.post)
    let first = try await posted.end()
    let again = Posted()
    let trainer = ProcessTrainer(executable: "/nowhere", stateDirectory: folder.path)
    #expect(trainer.resume(run: RetrainFolder.run, events: again.post) == nil)
    #expect(try await again.end() == first)
  }

  // MARK: - Limits

  @Test func `a job that needs more memory than it may take ends with a sentence`() async throws {
    let folder = try RetrainFolder(hidden: [1024, 1024])
    let posted = Posted()
    let trainer = ProcessTrainer(executable: try trainerProgram(), stateDirectory: folder.path)
    let limits = JobLimits(memoryBytes: 32 << 20, armSeconds: 120, latencyMs: 10)
    try trainer.start(folder.spec(limits: limits), files: folder.files, events: posted.post)
    let sentence = try failure(try await posted.end())
    #expect(sentence.contains("needed more than the 32 MB of memory"), "\(sentence)")
    #expect(sentence.contains("code 71") && sentence.contains("memory_bytes_max"), "\(sentence)")
  }

  @Test func `a process that hangs is ended, by its time or by request`() async throws {
    let folder = try RetrainFolder()
    let program = try folder.script("exec sleep 1000")
    var limits = ProcessTrainer.Limits()
    limits.working = .milliseconds(50)
    let hanging = Posted()
    let slow = ProcessTrainer(executable: program, stateDirectory: folder.path, limits: limits)
    try slow.start(folder.spec(), files: folder.files, events: hanging.post)
    #expect(try failure(try await hanging.end()).contains("was ended"))
    let stopped = Posted()
    let trainer = ProcessTrainer(executable: program, stateDirectory: folder.path)
    try trainer.start(folder.spec(), files: folder.files, events: stopped.post)
    trainer.stop(run: RetrainFolder.run)
    #expect(try await stopped.end() == .stopped)
  }

  @Test func `a job may not stand still for ever`() async throws {
    let folder = try RetrainFolder()
    var limits = ProcessTrainer.Limits()
    limits.paused = .milliseconds(50)
    let posted = Posted()
    let trainer = ProcessTrainer(
      executable: try folder.script("exec sleep 1000"), stateDirectory: folder.path, limits: limits)
    try trainer.start(folder.spec(), files: folder.files, events: posted.post)
    trainer.setPaused(true, run: RetrainFolder.run)
    #expect(try failure(try await posted.end()).contains("stood still"))
  }
}
