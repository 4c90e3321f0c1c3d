import ArgumentParser
import ControlText
import Domain
import Wire

extension Groups {
  struct Alias: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Let a value of an attribute mean another.",
      usage: "kaizenctl groups alias LINE ATTRIBUTE=NEW OLD --reason TEXT",
      discussion: """
        From now on parts that come with ATTRIBUTE=NEW count as parts with ATTRIBUTE=OLD: same group, same student. \
        Parts that came before stay as they are.
        """)

    @OptionGroup var options: GlobalOptions
    @Argument var line: LineID
    @Argument(help: ArgumentHelp("The value that comes.", valueName: "attribute=new")) var pair: AttributeValue
    @Argument(help: "The value it stands for.") var old: String
    @Option(help: "Why, for the audit log.") var reason: String

    func validate() throws {
      if old == pair.value { throw ValidationError("\(pair.attribute)=\(old) stands for itself already.") }
    }

    func run() async throws {
      try await options.reporting { try await pair.send(line, standsFor: old, reason: reason, options) }
    }
  }

  struct Unalias: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Let a value of an attribute stand for itself again.")

    @OptionGroup var options: GlobalOptions
    @Argument var line: LineID
    @Argument(help: ArgumentHelp("The value that comes.", valueName: "attribute=new")) var pair: AttributeValue
    @Option(help: "Why, for the audit log.") var reason: String

    func run() async throws {
      try await options.reporting { try await pair.send(line, standsFor: nil, reason: reason, options) }
    }
  }

  struct Aliases: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The values that stand for others.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The line; may be left out where there is only one.") var line: LineID?

    func run() async throws {
      try await options.reporting {
        let line =
          if let line { line } else {
            try await options.daemon.onlyLine("groups", command: ["groups", "aliases"])
          }
        let answer = try await options.daemon.ask(.aliases(line), as: AliasesReply.self)
        try options.output.show(answer.reply, json: answer.bytes)
      }
    }
  }
}

/// `attribute=value` as one word.
struct AttributeValue: ExpressibleByArgument {
  let attribute: String
  let value: String

  init?(argument: String) {
    guard let sign = argument.firstIndex(of: "="), sign != argument.startIndex else { return nil }
    attribute = String(argument[..<sign])
    value = String(argument[argument.index(after: sign)...])
    if value.isEmpty { return nil }
  }

  fileprivate func send(_ line: LineID, standsFor: String?, reason: String, _ options: GlobalOptions) async throws {
    let request = AliasRequest(attribute: attribute, value: value, standsFor: standsFor, reason: reason)
    let answer = try await options.daemon.ask(.setAlias(line, request), as: AliasReply.self, conflict: .busy)
    try options.output.show(answer.reply, json: answer.bytes)
  }
}
