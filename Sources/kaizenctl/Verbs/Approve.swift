import ArgumentParser
import ControlText
import Domain
import Wire

struct Approve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let the challenger of a run go on that waits for approval.",
    discussion: """
      A line in mode "propose" trains and judges by itself, and changes nothing without this. `kaizenctl explain RUN` \
      tells what would change, in both directions; `kaizenctl status` which runs wait.
      """)

  @OptionGroup var options: GlobalOptions
  @OptionGroup var subject: RunArgument
  @Option(help: "Why, for the audit log.") var reason: String?

  func validate() throws {
    if let reason, reason.isEmpty { throw ValidationError("--reason says nothing.") }
  }

  func run() async throws {
    try await options.reporting {
      try await subject.send(.approve(run: subject.run, ApproveRequest(reason: reason)), options)
    }
  }
}

struct Reject: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give up the challenger of a run: the serving students stay.",
    discussion: "For a run that waits for approval, or is in shadow or canary operation.")

  @OptionGroup var options: GlobalOptions
  @OptionGroup var subject: RunArgument
  @Option(help: "Why, for the audit log.") var reason: String

  func validate() throws {
    if reason.isEmpty { throw ValidationError("--reason says nothing.") }
  }

  func run() async throws {
    try await options.reporting {
      try await subject.send(.reject(run: subject.run, RejectRequest(reason: reason)), options)
    }
  }
}

/// The run an operator decides about.
struct RunArgument: ParsableArguments {
  @Argument(help: "The number of the run, as `kaizenctl runs` shows it.") var run: Int

  func validate() throws {
    if run < 1 { throw ValidationError("runs count from 1 (got \(run)).") }
  }

  func send(_ call: OperatorCall, _ options: GlobalOptions) async throws {
    let answer = try await options.daemon.ask(call, as: TrialStepReply.self)
    try options.output.show(answer.reply, json: answer.bytes)
  }
}
