import ArgumentParser
import ControlText
import Domain
import Wire

struct Line: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Make a line.", subcommands: [Add.self, Check.self])

  struct Add: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Make a line and its first student from a file of labelled parts.",
      discussion: "The file is read and the student trained by this command; the daemon gets the result alone.")

    @OptionGroup var options: GlobalOptions
    @Argument(help: "1 to 63 of a-z, 0-9 and '-'.") var name: LineID
    @OptionGroup(title: "Parts") var parts: PartsOptions
    @OptionGroup(title: "Settings") var settings: SettingsOptions

    func run() async throws {
      try await options.reporting {
        try await requireFree()
        let interruption = try Interruption.install()
        let folder = try DistilledFolder.make()
        defer { folder.remove() }
        let arguments = parts.trainerArguments + ["--line=\(name)", "--out=\(folder.path)"]
        let display = ProgressDisplay(output: options.output)
        var isShown = false
        try Distillation(arguments: arguments, display: display, interruption: interruption).run {
          guard !isShown, let check = try folder.checkIfThere() else { return }
          isShown = true
          display.clear()
          try options.output.say(LineCheckReply(data: parts.data, check: check).text(options.output.style) + "\n")
        }
        try await register(folder, interruption)
      }
    }

    /// Asked before minutes of training, not after.
    private func requireFree() async throws {
      let lines = try await options.daemon.ask(.lines, as: LinesReply.self).reply.lines
      guard !lines.contains(where: { $0.line == name.text }) else {
        throw Failure(
          .data, "there is a line \"\(name)\" already; a line's definition is fixed, so take another name.",
          next: .kaizenctl(["lines"]))
      }
    }

    private func register(_ folder: DistilledFolder, _ interruption: Interruption) async throws {
      let request = AddLineRequest(
        definition: try folder.definition(), settings: settings.settings, student: try folder.student(),
        teacher: try folder.teacher(), report: try folder.report(), source: parts.source)
      // The last moment to turn back; from here the daemon adds the line whole or not at all.
      guard !interruption.hasCome else { throw Distillation.Verb.distill.interrupted }
      let answer = try await options.daemon.ask(.addLine(request), as: AddLineReply.self)
      let text = FirstStudentText(answer.reply, definition: request.definition, report: request.report)
      try options.output.show(text, json: answer.bytes)
    }
  }
}
