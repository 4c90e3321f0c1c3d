import ArgumentParser
import ControlText
import Domain
import Wire

struct Groups: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Every group of a line: state, accuracy, interval, counts, evidence.",
    discussion: """
      `kaizenctl groups LINE` lists them, the worst first. The other verbs take a group out of monitoring, or let a \
      value of an attribute mean another: a gateway that calls product A7 "A7-b" from today on makes no new group then.
      """,
    subcommands: [List.self, Retire.self, Restore.self, Alias.self, Unalias.self, Aliases.self],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The groups of a line, the worst first.",
      discussion: """
        Evidence compares what is seen with the alarm level: at 1 a group lags. Wider sets of parts (one attribute, \
        two, a class, the line) are watched too and shown where there is something to say of them.
        """)

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The line; may be left out where there is only one.") var line: LineID?
    @Flag(help: "Also the wider sets of parts that are in order.") var all = false

    func run() async throws {
      try await options.reporting {
        let line = if let line { line } else { try await options.daemon.onlyLine("groups") }
        let answer = try await options.daemon.ask(.groups(line), as: GroupsReply.self)
        try options.output.show(GroupsText(answer.reply, all: all), json: answer.bytes)
      }
    }
  }

  struct Retire: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Monitor a group no more: a product that is not made any longer.",
      discussion: "Its parts are still answered and recorded. `kaizenctl groups restore` takes it back.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var subject: GroupArguments

    func run() async throws {
      try await options.reporting { try await subject.send(.retire, options) }
    }
  }

  struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Monitor a retired group again.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var subject: GroupArguments

    func run() async throws {
      try await options.reporting { try await subject.send(.restore, options) }
    }
  }
}

/// A group of a line, and why something is done with it.
struct GroupArguments: ParsableArguments {
  @Argument var line: LineID
  @Argument(help: "The group, as `kaizenctl groups` writes it.") var group: String
  @Option(help: "Why, for the audit log.") var reason: String

  func validate() throws {
    if group.isEmpty { throw ValidationError("the group is empty.") }
    if reason.isEmpty { throw ValidationError("--reason says nothing.") }
  }

  fileprivate func send(_ action: GroupMarkRequest.Action, _ options: GlobalOptions) async throws {
    let call = OperatorCall.markGroup(line, GroupMarkRequest(group: group, action: action, reason: reason))
    let answer = try await options.daemon.ask(call, as: MarkReply.self, conflict: .busy)
    try options.output.show(answer.reply, json: answer.bytes)
  }

  func send(_ action: AlarmRequest.Action, until: String? = nil, _ options: GlobalOptions) async throws {
    let request = AlarmRequest(group: group, action: action, until: until, reason: reason)
    let answer = try await options.daemon.ask(.setAlarm(line, request), as: MarkReply.self, conflict: .busy)
    try options.output.show(answer.reply, json: answer.bytes)
  }
}
