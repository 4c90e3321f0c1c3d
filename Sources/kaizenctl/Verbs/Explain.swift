import ArgumentParser
import ControlText
import Domain
import Wire

struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell in sentences why a run or a group is as it is.",
    usage: "kaizenctl explain RUN\n       kaizenctl explain LINE GROUP",
    discussion: "A group is written as `kaizenctl groups` writes it: product=A7,camera=2.")

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The number of a run, or a line.") var subject: String
  @Argument(help: "With a line: the group.") var group: String?

  func validate() throws {
    guard group != nil else {
      guard let run = Int(subject), run >= 1 else {
        throw ValidationError("explain wants the number of a run, or a line and a group (got \"\(subject)\").")
      }
      return
    }
    do { _ = try LineID(subject) } catch { throw ValidationError(error.sentence) }
  }

  func run() async throws {
    try await reporting {
      let path =
        group.map { requestPath("/v1/lines/\(subject)/explain", query: [("group", $0)]) } ?? "/v1/explain/\(subject)"
      let answer = try await options.daemon.get(path, as: ExplainReply.self)
      let lineName = answer.reply.run?.line ?? subject
      // The JSON reply needs no names, so it needs no second question either.
      let lines = options.json ? [] : try await options.daemon.get("/v1/lines", as: LinesReply.self).reply.lines
      let text = ExplainText(answer.reply, line: lines.first { $0.line == lineName })
      try options.output.show(text, json: answer.bytes)
    }
  }
}
