import ArgumentParser
import ControlText
import Domain
import Wire

extension Line {
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Say what a file of labelled parts would make of a line, before there is one.",
      discussion: """
        Rows by group and class, the student and how fast it is here, the teacher, how long the training would take, and \
        what to mend first. Nothing is kept and no daemon is asked; the training is begun for some seconds to time it.
        """)

    @OptionGroup var options: GlobalOptions
    @OptionGroup(title: "Parts") var parts: PartsOptions

    func run() async throws {
      try await options.reporting {
        let interruption = try Interruption.install()
        let folder = try DistilledFolder.make()
        defer { folder.remove() }
        let display = ProgressDisplay(output: options.output)
        let arguments = parts.trainerArguments + ["--out=\(folder.path)"]
        try Distillation(verb: .check, arguments: arguments, display: display, interruption: interruption).run()
        let reply = LineCheckReply(data: parts.data, check: try folder.check())
        try options.output.show(reply, json: try OperatorCoding.bytes(reply))
      }
    }
  }
}
