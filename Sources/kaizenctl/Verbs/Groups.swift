import ArgumentParser
import ControlText
import Domain
import Wire

struct Groups: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Every group of a line: state, accuracy, interval, counts.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The line; may be left out where there is only one.") var line: LineID?

  func run() async throws {
    try await reporting {
      let line = if let line { line } else { try await onlyLine() }
      let answer = try await options.daemon.ask(.groups(line), as: GroupsReply.self)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }

  private func onlyLine() async throws -> LineID {
    let lines = try await options.daemon.ask(.lines, as: LinesReply.self).reply.lines.map(\.line)
    guard let first = lines.first else {
      throw Failure(.noInput, "there are no lines yet, so there are no groups.", next: "kaizenctl line add --help")
    }
    guard lines.count == 1 else {
      throw Failure(
        .usage, "this machine has \(lines.count) lines (\(lines.joined(separator: ", "))): name one.",
        next: "kaizenctl groups \(first)")
    }
    do { return try LineID(first) } catch { throw Daemon.unreadable(error.sentence) }
  }
}
