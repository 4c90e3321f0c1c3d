import Subprocess
import SystemPackage

/// One `kaizen-trainer` process from start to end.
struct TrainerChild: Sendable {
  let executable: String
  /// Added to the daemon's own.
  let environment: [String: String]

  /// Between SIGTERM and SIGKILL.
  static let graceLimit = Duration.seconds(5)

  /// Runs the process; cancelling the task ends it.
  ///
  /// - Parameter line: called with each line of its standard output.
  /// - Returns: how it ended, as the rest of a sentence, with the last thing it said; nil where it ended well.
  func run(_ arguments: [String], line: @escaping @Sendable (String) -> Void) async throws -> String? {
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: Self.graceLimit)]
    var variables: [Environment.Key: String?] = [:]
    for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
    let result = try await Subprocess.run(
      .path(FilePath(executable)), arguments: Arguments(arguments), environment: .inherit.updating(variables),
      platformOptions: options, input: .none, output: .sequence, error: .sequence
    ) { execution in
      async let complaint = Self.lastLine(execution.standardError)
      for try await text in execution.standardOutput.strings() { line(text) }
      return try await complaint
    }
    return result.terminationStatus.isSuccess
      ? nil : Self.describe(result.terminationStatus, complaint: result.closureResult)
  }

  /// Lets work run for a time, and ends it then or when the task is cancelled.
  ///
  /// - Parameters:
  ///   - late: what came of work that took too long.
  ///   - stopped: what came of work that was ended by request.
  static func within<End: Sendable>(
    _ limit: Duration, late: End, stopped: End, _ work: @escaping @Sendable () async -> End
  ) async -> End {
    await withTaskGroup(of: End?.self) { group in
      group.addTask { await work() }
      group.addTask {
        do {
          try await Task.sleep(for: limit)
          return late
        } catch {
          return nil
        }
      }
      var end = stopped
      for await result in group {
        guard let result else { continue }
        end = result
        break
      }
      group.cancelAll()
      return Task.isCancelled ? stopped : end
    }
  }

  private static func lastLine(_ output: SubprocessOutputSequence) async throws -> String {
    var last = ""
    for try await line in output.strings() {
      let text = line.trimmingCharacters
      if !text.isEmpty { last = text }
    }
    return last
  }

  private static func describe(_ status: TerminationStatus, complaint: String) -> String {
    let ending =
      switch status {
      case .exited(let code): "ended with code \(code)"
      case .signaled(let signal): "was ended by signal \(signal)"
      }
    return ending + (complaint.isEmpty ? "" : ": \(complaint)")
  }
}

extension String {
  fileprivate var trimmingCharacters: String {
    var text = Substring(self)
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }
}
