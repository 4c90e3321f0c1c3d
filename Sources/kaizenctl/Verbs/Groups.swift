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
      let name = if let line { line.text } else { try await onlyLine() }
      let answer = try await options.daemon.get("/v1/lines/\(name)/groups", as: GroupsReply.self)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }

  private func onlyLine() async throws -> String {
    let lines = try await options.daemon.get("/v1/lines", as: LinesReply.self).reply.lines.map(\.line)
    guard let line = lines.first else {
      throw Failure(.noInput, "there are no lines yet, so there are no groups.", next: "kaizenctl line add --help")
    }
    guard lines.count == 1 else {
      throw Failure(
        .usage, "this machine has \(lines.count) lines (\(lines.joined(separator: ", "))): name one.",
        next: "kaizenctl groups \(line)")
    }
    return line
  }
}
