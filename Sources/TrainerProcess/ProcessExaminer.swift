import Domain
import Engine
import FoundationEssentials
import Synchronization

/// Runs `kaizen-trainer agree` as a child process of the daemon, one at a time, in a folder of its own.
public final class ProcessExaminer: Examiner, Sendable {
  private let executable: String
  private let stateDirectory: String
  private let environment: [String: String]
  private let limit: Duration
  private let running = Mutex<Task<Void, Never>?>(nil)

  /// Two thousand parts take the largest teacher about a minute of a core that nobody else wants.
  public static let usualLimit = Duration.seconds(5 * 60)
  /// Below the state directory.
  static let folder = "night"

  /// - Parameters:
  ///   - executable: path of `kaizen-trainer`.
  ///   - environment: added to the daemon's own.
  public init(
    executable: String, stateDirectory: String, environment: [String: String] = [:],
    limit: Duration = ProcessExaminer.usualLimit
  ) {
    self.executable = executable
    self.stateDirectory = stateDirectory
    self.environment = environment
    self.limit = limit
  }

  public func examine(_ spec: AgreementSpec, ended: @escaping @Sendable (ExaminationEnd) -> Void)
    throws(StorageFailure)
  {
    let folder = "\(stateDirectory)/\(Self.folder)"
    do {
      try? FileManager.default.removeItem(atPath: folder)
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try JSONEncoder().encode(spec).write(to: URL(filePath: "\(folder)/\(AgreementSpec.specFile)"))
    } catch {
      throw StorageFailure(
        "the folder \(folder) could not be written (\(error)); check its owner and free space", mayPass: true)
    }
    running.withLock { running in
      precondition(running == nil, "one comparison with a teacher at a time")
      running = Task {
        let end = await self.live(folder: folder)
        try? FileManager.default.removeItem(atPath: folder)
        self.running.withLock { $0 = nil }
        ended(end)
      }
    }
  }

  public func stop() { running.withLock { $0?.cancel() } }

  private func live(folder: String) async -> ExaminationEnd {
    await TrainerChild.within(
      {
        try await Task.sleep(for: self.limit)
        return .failed("the comparison with the teacher ran for more than \(self.limit) and was ended")
      }, stopped: .stopped
    ) { await self.runChild(folder: folder) }
  }

  private func runChild(folder: String) async -> ExaminationEnd {
    let child = TrainerChild(executable: executable, environment: environment)
    do {
      let complaint = try await child.run(
        [
          "agree", "--state-dir", stateDirectory, "--run-dir", folder, "--cache", "\(stateDirectory)/teachers/cache",
        ])
      if let complaint { return .failed("the comparison with the teacher \(complaint)") }
      let report = try RunFolder.read("\(folder)/\(AgreementSpec.reportFile)")
      return .finished(try JSONDecoder().decode(AgreementReport.self, from: report))
    } catch {
      return .failed("the comparison with the teacher by \(executable) failed: \(error)")
    }
  }
}
