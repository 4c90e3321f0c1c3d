import ArgumentParser
import ControlText
import Domain
import FoundationEssentials
import Wire

struct Alarms: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "What lags, is on watch or is not known any more, and who sees to it.",
    discussion: "`kaizenctl alarms [LINE]` lists them. What was said of an alarm ends with the alarm.",
    subcommands: [List.self, Acknowledge.self, Reopen.self, Silence.self, Unsilence.self],
    defaultSubcommand: List.self)

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The alarms of all lines or of one, the worst first.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "Only this line.") var line: LineID?

    func run() async throws {
      try await options.reporting {
        let answer = try await options.daemon.ask(.alarms(line), as: AlarmsReply.self)
        try options.output.show(answer.reply, json: answer.bytes)
      }
    }
  }

  struct Acknowledge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "ack", abstract: "Say that somebody has seen an alarm and sees to it.",
      discussion: "The group stays in its state; the others read who it is.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var subject: GroupArguments

    func run() async throws {
      try await options.reporting { try await subject.send(.acknowledge, options) }
    }
  }

  struct Reopen: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Take an acknowledgement back.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var subject: GroupArguments

    func run() async throws {
      try await options.reporting { try await subject.send(.reopen, options) }
    }
  }

  struct Silence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Leave a group out of 'kaizenctl check' until a time: a trial that will cost accuracy, a broken camera.",
      discussion: """
        It is monitored as before, shown as silenced, and recorded in the audit log and the journal. Nothing is silenced \
        for ever.
        """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup var subject: GroupArguments
    @Option(help: "When it ends: 2026-12-01, or 2026-12-01T06:00:00Z.") var until: String?
    @Option(help: "How many hours it lasts.") var hours: Double?

    func validate() throws {
      guard (until == nil) != (hours == nil) else {
        throw ValidationError("say until when: --until TIME or --hours N, one of the two.")
      }
      if let until, Timestamp(until) == nil {
        throw ValidationError("--until is no time like 2026-12-01 or 2026-12-01T06:00:00Z (got \"\(until)\").")
      }
      if let hours, !(hours > 0 && hours <= Self.hoursMax) {
        throw ValidationError("--hours is more than 0 and at most \(Int(Self.hoursMax)), 90 days (got \(hours)).")
      }
    }

    /// The daemon takes no longer one.
    private static let hoursMax = 2160.0

    func run() async throws {
      try await options.reporting {
        let end = hours.map { hours in
          Timestamp(seconds: Int64(Date().timeIntervalSince1970)).advanced(hours: hours)
        }
        let time = (end ?? until.flatMap { Timestamp($0) })?.wholeSeconds
        try await subject.send(.silence, until: time, options)
      }
    }
  }

  struct Unsilence: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "End a silence before its time.")

    @OptionGroup var options: GlobalOptions
    @OptionGroup var subject: GroupArguments

    func run() async throws {
      try await options.reporting { try await subject.send(.unsilence, options) }
    }
  }
}
