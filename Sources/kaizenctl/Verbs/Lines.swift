import ArgumentParser
import ControlText
import Domain
import Wire

struct Lines: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The lines of this machine and how they are set up.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "Only this line, with the names of its features and classes.") var line: LineID?

  func run() async throws {
    try await options.reporting {
      let answer = try await options.daemon.ask(.lines, as: LinesReply.self)
      guard let line else { return try options.output.show(answer.reply, json: answer.bytes) }
      guard let row = answer.reply.lines.first(where: { $0.line == line.text }) else {
        throw Daemon.unknownLine(line.text, answer.reply.lines.map(\.line))
      }
      let reply = LinesReply(lines: [row])
      try options.output.show(reply, json: OperatorCoding.bytes(reply))
    }
  }
}
