import ArgumentParser
import ControlText
import Domain
import Wire

struct Models: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The students of a line and which cells each serves.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The line; may be left out where there is only one.") var line: LineID?

  func run() async throws {
    try await options.reporting {
      let line = if let line { line } else { try await options.daemon.onlyLine("models") }
      let answer = try await options.daemon.ask(.models(line), as: ModelsReply.self)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }
}
