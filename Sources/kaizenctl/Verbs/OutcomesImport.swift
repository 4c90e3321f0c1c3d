import ArgumentParser
import ControlText
import Domain
import Wire

struct Outcomes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "The truth about parts.", subcommands: [Import.self])

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send a file of outcomes, .csv, .csv.gz or .jsonl.",
      discussion:
        "The whole file is checked first: where a row is wrong, nothing is sent. Sending a file twice is harmless.")

    @OptionGroup var options: GlobalOptions
    @Argument var line: LineID
    @Argument var file: String
    @Option(help: "The column with the part's id.") var idColumn = "id"
    @Option(help: "The column with the true class.") var labelColumn = "label"
    @Option(help: "The column with the time of the finding (else observed_at, where there is one).")
    var observedAtColumn: String?
    @Option(help: "The channel: audit, rework, customer, ...") var source: String?
    @Flag(help: "These labels replace those stored before.") var amend = false
    @Flag(help: "Check the file and its labels, send nothing.") var dryRun = false

    func validate() throws {
      if let source, source.utf8.count > OutcomeItem.sourceBytesMax {
        throw ValidationError("--source is a word of at most \(OutcomeItem.sourceBytesMax) bytes.")
      }
    }

    func run() async throws {
      try await options.reporting {
        let classes = try await options.daemon.line(line.text).classes
        let checked = try OutcomeImport.check(
          outcomeFile(), classes, ImportReply(line: line.text, file: file, dryRun: true))
        guard !dryRun else { return try finish(checked) }
        let sender = OutcomeSender(daemon: options.daemon, line: line, source: source, amends: amend)
        let display = ProgressDisplay(output: options.output)
        let reply = ImportReply(line: line.text, file: file, dryRun: false)
        let sent = try await OutcomeImport.send(outcomeFile(), sender, reply, rows: checked.rows, display)
        display.clear()
        try finish(sent)
      }
    }

    private func outcomeFile() throws -> OutcomeFile {
      try OutcomeFile(
        path: file, columns: OutcomeColumns(id: idColumn, label: labelColumn, observedAt: observedAtColumn))
    }

    private func finish(_ reply: ImportReply) throws {
      try options.output.show(reply, json: OperatorCoding.bytes(reply))
      guard reply.rejectedRows == 0 else {
        throw Failure(.data, "\(countText(reply.rejectedRows, "row")) of \(file) cannot be stored; the others can.")
      }
    }
  }
}
