import ArgumentParser
import Domain
import Glibc
import GroupDistil
import NeuralNet

/// Makes a challenger for the cells of a run from the ledger's labelled rows.
struct Retrain: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train a challenger for lagging groups; started by the daemon.",
    discussion: "Reads spec.json and incumbent.bin in --run-dir, writes student.bin and then report.json there.")

  @Option(help: "The daemon's state directory.") var stateDir: String
  @Option(help: "The run's folder.") var runDir: String
  @Option(help: "Folder that keeps teachers' answers for the next time.") var cache: String?

  func run() throws {
    let daemon = getppid()
    LowPriority.enter()
    try Failure.reporting { () throws(Failure) in
      let folder = ResultFolder(existing: runDir)
      let spec: RetrainSpec = try folder.decode(RetrainSpec.specFile)
      ProgressLines.tell(TrainingProgress(stage: "reading", fraction: 0, secondsLeft: nil))
      let job = try ChallengerJob(
        spec, stateDirectory: stateDir, incumbent: try folder.read(RetrainSpec.incumbentFile), cacheFolder: cache
      ).job()
      let learned: LearnedLine
      do throws(DistilError) {
        // A death signal (PR_SET_PDEATHSIG) would come when the daemon's *thread* that started this process ends, which
        // its thread pool may do at any time; the parent's number tells of the process.
        learned = try job.run(now: ProgressLines.seconds) { progress in
          ProgressLines.tell(progress)
          return getppid() == daemon ? .more : .stop
        }
      } catch .stoppedEarly {
        throw Failure(.stopped, "the daemon that started this training has ended; nothing was written")
      } catch {
        throw Failure(error)
      }
      if let student = learned.student { try folder.writeBytes(student.bytes, as: RetrainSpec.studentFile) }
      try folder.writeJSON(learned.report, as: RetrainSpec.reportFile)
    }
  }
}
