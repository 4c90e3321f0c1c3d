import Domain
import Engine
import FoundationEssentials
import Synchronization

/// Runs `kaizen-trainer retrain` as a child process of the daemon, one folder per run.
///
/// Serving and training share nothing but files: whatever the child does, the daemon only reads its report, and only
/// after it has ended well.
public final class ProcessTrainer: Trainer, Sendable {
  private let executable: String
  private let stateDirectory: String
  private let environment: [String: String]
  private let running = Mutex<[Int: Task<Void, Never>]>([:])

  /// Longer than any job (`learning.md` 9.3 allows 120 s per arm); a process that still runs then hangs.
  public static let jobLimit = Duration.seconds(30 * 60)
  /// A report holds one row per group and evaluation; a student a few megabytes.
  static let fileBytesMaximum = 256 << 20

  /// - Parameters:
  ///   - executable: path of `kaizen-trainer`.
  ///   - environment: added to the daemon's own.
  public init(executable: String, stateDirectory: String, environment: [String: String] = [:]) {
    self.executable = executable
    self.stateDirectory = stateDirectory
    self.environment = environment
  }

  public func start(
    _ spec: RetrainSpec, files: [String: [UInt8]], events: @escaping @Sendable (TrainingEvent) -> Void
  ) throws(StorageFailure) {
    let folder = "\(stateDirectory)/jobs/\(spec.run)"
    do {
      try? FileManager.default.removeItem(atPath: "\(stateDirectory)/jobs")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try JSONEncoder().encode(spec).write(to: URL(filePath: "\(folder)/\(RetrainSpec.specFile)"))
      for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)")) }
    } catch {
      throw StorageFailure(
        "the folder \(folder) could not be written (\(error)); check its owner and free space", mayPass: true)
    }
    let run = spec.run
    // The child's whole life is this task; it is cancelled by `stop` and ends by posting one `.ended`.
    let life = Task {
      let end = await self.live(folder: folder, events: events)
      self.running.withLock { _ = $0.removeValue(forKey: run) }
      if case .finished = end { try? FileManager.default.removeItem(atPath: folder) }
      events(.ended(end))
    }
    running.withLock { $0[run] = life }
  }

  public func resume(run: Int, events: @escaping @Sendable (TrainingEvent) -> Void) -> String? {
    "the daemon stopped while this job ran"
  }

  public func setPaused(_ isPaused: Bool, run: Int) {}

  public func stop(run: Int) {
    running.withLock { $0[run] }?.cancel()
  }

  private func live(folder: String, events: @escaping @Sendable (TrainingEvent) -> Void) async -> TrainingEnd {
    await TrainerChild.within(
      Self.jobLimit,
      late: .failed("the training process ran for more than 30 minutes and was ended; its line may have too many rows"),
      stopped: .stopped
    ) { await self.runChild(folder: folder, events: events) }
  }

  private func runChild(folder: String, events: @escaping @Sendable (TrainingEvent) -> Void) async -> TrainingEnd {
    let child = TrainerChild(executable: executable, environment: environment)
    do {
      let complaint = try await child.run([
        "retrain", "--state-dir", stateDirectory, "--run-dir", folder, "--cache", "\(stateDirectory)/teachers/cache",
      ]) { line in
        if let progress = try? JSONDecoder().decode(TrainingProgress.self, from: Data(line.utf8)) {
          events(.progress(progress))
        }
      }
      if let complaint { return .failed("the training process \(complaint)") }
      return try Self.readResult(folder)
    } catch {
      return .failed("the training process \(executable) failed: \(error)")
    }
  }

  private static func readResult(_ folder: String) throws -> TrainingEnd {
    let report = try read("\(folder)/\(RetrainSpec.reportFile)")
    let decoded = try JSONDecoder().decode(TrainingReport.self, from: report)
    guard decoded.chosenArm != nil else { return .finished(report: decoded, student: nil) }
    return .finished(report: decoded, student: Array(try read("\(folder)/\(RetrainSpec.studentFile)")))
  }

  static func read(_ path: String) throws -> Data {
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    guard size <= fileBytesMaximum else {
      throw StorageFailure("\(path) is larger than \(fileBytesMaximum >> 20) MB", mayPass: false)
    }
    return try Data(contentsOf: URL(filePath: path))
  }
}
