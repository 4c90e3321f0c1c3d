import ArgumentParser
import ControlText
import Domain
import Wire

struct Explain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell in sentences why a run or a group is as it is.",
    usage: "kaizenctl explain RUN\n       kaizenctl explain LINE GROUP",
    discussion: """
      A group is written as `kaizenctl groups` writes it: product=A7,camera=2. `kaizenctl why` tells the same of it.
      """)

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
      try await ExplainView(options: options).show(try call(), asked: group.map { (subject, $0) })
    }
  }
}

/// What `explain` and `why` show.
struct ExplainView {
  let options: GlobalOptions

  /// - Parameter asked: the line and the group it is about; nil for a run.
  func show(_ call: OperatorCall, asked: (line: String, group: String)?) async throws {
    let answer = try await options.daemon.ask(call, as: ExplainReply.self)
    // The JSON reply needs no names, so it needs no second question either.
    let lines = options.json ? [] : try await options.daemon.ask(.lines, as: LinesReply.self).reply.lines
    let lineName = asked?.line ?? answer.reply.run?.line
    let line = lines.first { $0.line == lineName }
    if asked != nil, let line, let text = WhyText(answer.reply, line: line) {
      return try options.output.show(text, json: answer.bytes)
    }
    try options.output.show(ExplainText(answer.reply, line: line, asked: asked), json: answer.bytes)
  }
}
