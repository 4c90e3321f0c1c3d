import ArgumentParser
import ControlText
import Domain
import Wire

extension Outcomes {
  struct Coverage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "How many parts have an outcome, how long outcomes take, and which channels tell them.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "The line; may be left out where there is only one.") var line: LineID?

    func run() async throws {
      try await options.reporting {
        let line =
          if let line { line } else {
            try await options.daemon.onlyLine("outcomes", command: ["outcomes", "coverage"])
          }
        let answer = try await options.daemon.ask(.coverage(line), as: CoverageReply.self)
        try options.output.show(answer.reply, json: answer.bytes)
      }
    }
  }
}
