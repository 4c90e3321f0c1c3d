import Domain
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
  /// - Parameters:
  ///   - commands: written to its standard input as they come. The input stays open while the process runs: its end
  ///     tells the process that this one is gone, however that came about.
  ///   - line: called with each line of its standard output.
  /// - Returns: how it ended, as the rest of a sentence, with the last thing it said; nil where it ended well.
  func run(
    _ arguments: [String], commands: AsyncStream<TrainerCommand>, line: @escaping @Sendable (String) -> Void
  ) async throws -> String? {
    let result = try await Subprocess.run(
      .path(FilePath(executable)), arguments: Arguments(arguments), environment: variables, platformOptions: options,
      input: .inputWriter, output: .sequence, error: .sequence
    ) { execution in
      async let complaint = Self.lastLine(execution.standardError)
      async let _: Void = Self.tell(commands, to: execution.standardInputWriter)
      for try await text in execution.standardOutput.strings() { line(text) }
      return try await complaint
    }
    return Self.end(result.terminationStatus, complaint: result.closureResult)
  }

  /// The same for a process that nobody has anything to say to.
  func run(_ arguments: [String]) async throws -> String? {
    let result = try await Subprocess.run(
      .path(FilePath(executable)), arguments: Arguments(arguments), environment: variables, platformOptions: options,
      input: .none, output: .sequence, error: .sequence
    ) { execution in
      async let complaint = Self.lastLine(execution.standardError)
      for try await _ in execution.standardOutput.strings() {}
      return try await complaint
    }
    return Self.end(result.terminationStatus, complaint: result.closureResult)
  }

  private var options: PlatformOptions {
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: Self.graceLimit)]
    return options
  }

  private var variables: Environment {
    var variables: [Environment.Key: String?] = [:]
    for (name, value) in environment { variables[Environment.Key(stringLiteral: name)] = value }
    return .inherit.updating(variables)
  }

  /// Lets work run for a time, and ends it then or when the task is cancelled.
  ///
  /// - Parameters:
  ///   - tooLong: returns what came of work that took too long, once it has; throws when its task is cancelled.
  ///   - stopped: what came of work that was ended by request.
  static func within<End: Sendable>(
    _ tooLong: @escaping @Sendable () async throws -> End, stopped: End, _ work: @escaping @Sendable () async -> End
  ) async -> End {
    await withTaskGroup(of: End?.self) { group in
      group.addTask { await work() }
      group.addTask { try? await tooLong() }
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

  /// Ends when the task is cancelled; a process that does not listen is not waited for.
  private static func tell(_ commands: AsyncStream<TrainerCommand>, to writer: StandardInputWriter) async {
    for await command in commands {
      guard (try? await writer.write(command.line)) != nil else { return }
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

  private static func end(_ status: TerminationStatus, complaint: String) -> String? {
    guard !status.isSuccess else { return nil }
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
