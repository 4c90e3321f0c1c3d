import ArgumentParser
import ControlText
import Wire

struct Reload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let the daemon read its configuration again, and say what that changed.",
    discussion: """
      Ends when the new settings hold. A configuration with faults changes nothing: every fault is told, the one before \
      stays in force, and the exit code is 78. Sockets, the state directory and the trainer's path need a restart.
      """)

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    try await options.reporting {
      let answer = try await options.daemon.ask(.reload, as: ReloadReply.self, conflict: .configuration)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }
}
