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

  func validate() throws { _ = try call() }

  /// The question that the words stand for.
  private func call() throws -> OperatorCall {
    guard let group else {
      guard let run = Int(subject), run >= 1 else {
        throw ValidationError("explain wants the number of a run, or a line and a group (got \"\(subject)\").")
      }
      return .explainRun(run)
    }
    do { return .explainGroup(try LineID(subject), group: group) } catch { throw ValidationError(error.sentence) }
  }

  func run() async throws {
    try await options.reporting {
      let answer = try await options.daemon.ask(try call(), as: ExplainReply.self)
      let lineName = answer.reply.run?.line ?? subject
      // The JSON reply needs no names, so it needs no second question either.
      let lines = options.json ? [] : try await options.daemon.ask(.lines, as: LinesReply.self).reply.lines
      let text = ExplainText(
        answer.reply, line: lines.first { $0.line == lineName }, asked: group.map { (subject, $0) })
      try options.output.show(text, json: answer.bytes)
    }
  }
}
