import ArgumentParser
import ControlText
import Domain
import Wire

struct Slices: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find parts that are wrong more often and have something in common, or have such a slice monitored.",
    discussion: """
      Looks at the newest 10,000 labelled parts of the students that serve now, and tests every condition on an \
      attribute or a measurement and every two of them (of many measurements the first 64 alone, and the strongest \
      ten in pairs). An adopted slice is monitored once parts that came later have \
      confirmed it; how many is fixed when it is adopted, and they are looked at once.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The line; may be left out where there is only one.") var line: LineID?
  @Option(help: ArgumentHelp("Have this slice monitored, as it is printed here.", valueName: "slice"))
  var adopt: String?
  @Option(help: "Why, for the audit log.") var reason: String?
  @Flag(help: "Correct for many tests however they depend (Benjamini-Yekutieli): fewer findings, fewer by chance.")
  var by = false

  func validate() throws {
    if adopt != nil, by { throw ValidationError("--by is for a search, and --adopt does not search.") }
    if adopt == nil, reason != nil { throw ValidationError("--reason belongs to --adopt.") }
    if let adopt, adopt.isEmpty { throw ValidationError("--adopt needs a slice, got an empty text.") }
  }

  func run() async throws {
    try await options.reporting {
      let line = if let line { line } else { try await options.daemon.onlyLine("slices", command: ["slices"]) }
      if let adopt {
        let request = AdoptSliceRequest(slice: adopt, reason: reason)
        let answer = try await options.daemon.ask(.adoptSlice(line, request), as: AdoptSliceReply.self)
        try options.output.show(answer.reply, json: answer.bytes)
      } else {
        let answer = try await options.daemon.ask(.slices(line, anyDependence: by), as: SlicesReply.self)
        try options.output.show(answer.reply, json: answer.bytes)
      }
    }
  }
}
