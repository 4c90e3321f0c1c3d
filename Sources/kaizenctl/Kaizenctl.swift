import ArgumentParser
import Domain

/// `kaizenctl`: what a person types to see and change what the daemon does.
@main
struct Kaizenctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kaizenctl",
    abstract: "See and change what kaizend does on this machine.",
    discussion: """
      Exit codes: 0 ok, 64 wrong usage, 65 wrong data, 66 no such file or line, 69 daemon unavailable, \
      70 failed, 74 read or write error, 75 busy (try again), 77 not permitted, 78 wrong set-up, 130 interrupted. \
      `check` ends as a monitoring plugin does: 0, 1, 2 or 3.
      """,
    version: productVersion,
    subcommands: [
      Status.self, Groups.self, Why.self, Alarms.self, Lines.self, Line.self, Retrain.self, Runs.self, Approve.self,
      Reject.self, Models.self, Promote.self, Rollback.self, Explain.self, Audit.self, Predict.self, Outcomes.self,
      Export.self, Study.self, Reload.self, Prune.self, Slices.self, ReportVerb.self, Backup.self, Restore.self,
      Doctor.self, Check.self, Metrics.self,
    ])

  @OptionGroup var options: GlobalOptions

  static func main() async {
    do {
      var command = try parseAsRoot()
      if var waiting = command as? any AsyncParsableCommand { try await waiting.run() } else { try command.run() }
    } catch {
      guard exitCode(for: error) == .validationFailure, let text = usageText(for: error) else { exit(withError: error) }
      if Check.isAsked(CommandLine.arguments) { Check.endUnknown(text) }
      Output.sayToError(text)
      exit(withError: ExitCode(ExitStatus.usage.rawValue))
    }
  }
}
