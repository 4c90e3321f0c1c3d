import ArgumentParser
import Domain
import Wire

struct Why: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "One group in depth: how good it is, how sure that is, since when, and what to do.",
    usage: "kaizenctl why [LINE] GROUP",
    discussion: """
      A group is written as `kaizenctl groups` writes it: product=A7,camera=2. Fewer attributes name a wider set \
      (product=A7), and "all" is every part of the line. The plot shows the accuracy of each day beside the target; \
      days with few labels scatter, the interval is what counts.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: ArgumentHelp("The line, which may be left out where there is only one, and the group."))
  var words: [String]

  func validate() throws {
    guard 1...2 ~= words.count else {
      throw ValidationError("why wants a group, or a line and a group (got \(words.count) words).")
    }
    if words.count == 2 { _ = try Self.line(words[0]) }
  }

  func run() async throws {
    try await options.reporting {
      let group = words[words.count - 1]
      let line =
        if words.count == 2 { try Self.line(words[0]) } else {
          try await options.daemon.onlyLine("groups", command: ["why"], after: [group])
        }
      try await ExplainView(options: options).show(.explainGroup(line, group: group), asked: (line.text, group))
    }
  }

  private static func line(_ text: String) throws -> LineID {
    do { return try LineID(text) } catch { throw ValidationError(error.sentence) }
  }
}
