import ArgumentParser
import ControlText
import Wire

struct Lines: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The lines of this machine and how they are set up.")

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    try await reporting {
      let answer = try await options.daemon.ask(.lines, as: LinesReply.self)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }
}
