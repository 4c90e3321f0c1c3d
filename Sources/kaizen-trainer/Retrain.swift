import ArgumentParser
import Domain
import Glibc
import GroupDistil
import NeuralNet
import Store

/// Makes a challenger for the cells of a run from the ledger's labelled rows.
struct Retrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a challenger for lagging groups; started by the daemon.",
    discussion: """
      Reads spec.json and the students it names in --run-dir, writes student.bin and then report.json there. Goes on \
      where an earlier process in the same folder was broken off. Standard input: lines "pause" and "go"; its end ends \
      the training.
      """)

  @Option(help: "The daemon's state directory.") var stateDir: String
  @Option(help: "The run's folder.") var runDir: String
  @Option(help: "Folder that keeps teachers' answers for the next time.") var cache: String?

  func run() throws {
    LowPriority.enter()
    try Failure.reporting { () throws(Failure) in
      let folder = ResultFolder(existing: runDir)
      let spec: RetrainSpec = try folder.decode(RetrainSpec.specFile)
      MemoryCap.enter(spec.limits.memoryBytes)
      let attempt = RetrainAttempt(spec: spec, folder: folder)
      let challenger = try ChallengerJob(spec, stateDirectory: stateDir, folder: folder, cacheFolder: cache)
      let learned = try attempt.run(challenger)
      if let student = learned.student { try folder.writeBytes(student.bytes, as: RetrainSpec.studentFile) }
      try folder.writeJSON(learned.report, as: RetrainSpec.reportFile)
      attempt.tidy()
    }
  }
}

/// One process's part in a run.
private struct RetrainAttempt {
  let spec: RetrainSpec
  let folder: ResultFolder
  private let control = ControlLines()

  init(spec: RetrainSpec, folder: ResultFolder) {
    self.spec = spec
    self.folder = folder
  }

  func run(_ challenger: ChallengerJob) throws(Failure) -> LearnedLine {
    let teller = ProgressTeller()
    control.paused = teller.tell(isPaused:)
    teller.tell(TrainingProgress(stage: "reading", fraction: 0, secondsLeft: nil))
    try pulse()
    let (rows, sum) = try rows(challenger)
    let arms = ArmFiles(folder, rows: sum)
    let before = arms.costSoFar(Self.armNames)
    func cost() -> TrainingCost { before.adding(pausedSeconds: control.pausedSeconds) }
    let host = JobHost(
      seconds: { control.workedSeconds }, cpuSeconds: processSeconds, pulse: control.pulse, progress: teller.tell,
      recall: arms.recall,
      // An arm that could not be kept costs its time again after a power cut, and nothing else.
      keep: { try? arms.keep($0, cost: cost()) }, cost: cost)
    let job = try challenger.job(rows) { () throws(Failure) in try pulse() }
    do throws(DistilError) {
      return try job.run(host)
    } catch .stoppedEarly {
      throw Self.orphaned
    } catch {
      throw Failure(error)
    }
  }

  /// Once the report is there, nothing else is needed of what lets a run go on.
  func tidy() {
    folder.remove(JobRows.file)
    ArmFiles(folder, rows: "").removeAll(Self.armNames)
  }

  /// Those the run began with, where an earlier process left them whole; else the ledger's, kept for a later one.
  private func rows(_ challenger: ChallengerJob) throws(Failure) -> (JobRows, sum: String) {
    let width = spec.definition.featureCount
    if let bytes = folder.readSealed(JobRows.file), let rows = JobRows(bytes: bytes, featureCount: width) {
      return (rows, sha256Text(bytes))
    }
    let rows = try challenger.rows()
    let bytes = try rows.bytes(featureCount: width)
    // Where the disk is full the job goes on, and begins anew should it be broken off.
    try? folder.writeSealed(bytes, as: JobRows.file)
    return (rows, sha256Text(bytes))
  }

  private func pulse() throws(Failure) {
    if control.pulse() == .stop { throw Self.orphaned }
  }

  private static let orphaned = Failure(
    .stopped, "the daemon that started this training has ended; what was finished is kept in the run's folder")

  private static let armNames = [
    RetrainSpec.previousArm, RetrainSpec.headArm, RetrainSpec.labelsArm, RetrainSpec.distilledArm,
    RetrainSpec.globalArm, RetrainSpec.teacherArm, RetrainSpec.consolidatedArm,
  ]
}

/// Tells progress, and that it stands still.
private final class ProgressTeller {
  private var last = TrainingProgress(stage: "reading", fraction: 0, secondsLeft: nil)

  func tell(_ progress: TrainingProgress) {
    last = progress
    ProgressLines.tell(progress)
  }

  func tell(isPaused: Bool) {
    ProgressLines.tell(
      isPaused ? TrainingProgress(stage: TrainingProgress.paused, fraction: last.fraction, secondsLeft: nil) : last)
  }
}

extension TrainingCost {
  /// With what this process has taken until now.
  fileprivate func adding(pausedSeconds: Double) -> TrainingCost {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return TrainingCost(
      cpuSeconds: cpuSeconds + processSeconds(), pausedSeconds: self.pausedSeconds + pausedSeconds,
      peakBytes: max(peakBytes, usage.ru_maxrss << 10))
  }
}

/// Seconds of processor time that this process has taken.
private func processSeconds() -> Double {
  var now = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
