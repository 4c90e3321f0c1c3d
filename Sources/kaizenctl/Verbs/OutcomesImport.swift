import ArgumentParser
import ControlText
import Domain
import Wire

struct Outcomes: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "The truth about parts.", subcommands: [Import.self, Coverage.self])

  struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Send a file of outcomes, .csv or .jsonl, with or without .gz.",
      discussion: """
        The whole file is read first: where a row is no outcome, nothing is sent. Sending a file twice is harmless, so \
        an import that was interrupted can be sent again, or gone on with by the command that it ends with.
        """)

    @OptionGroup var options: GlobalOptions
    @Argument var line: LineID
    @Argument var file: String
    @Option(help: "The column with the part's id.") var idColumn = OutcomeColumns.usualID
    @Option(help: "The column with the true class.") var labelColumn = OutcomeColumns.usualLabel
    @Option(help: "The column with the time of the finding (else observed_at, where there is one).")
    var observedAtColumn: String?
    @Option(help: "The column with the channel; where it is empty, --source counts.") var channelColumn: String?
    @Option(help: "The column with the probability that the channel looks at such a part.")
    var probabilityColumn: String?
    @Option(help: "The channel: audit, rework, customer, ...") var source: String?
    @Flag(help: "These labels replace those that the same channel told before.") var amend = false
    @Flag(help: "Tell what each row would become, store nothing.") var dryRun = false
    @Flag(help: "Pass over rows that are no outcomes and send the others.") var skipBad = false
    @Option(help: ArgumentHelp("Write a CSV line for each row that is not taken.", valueName: "file"))
    var report: String?
    @Option(help: "Begin with this row: to go on with an import that was interrupted.") var fromRow = 1
    @Option(help: "Seconds to try again for, where the daemon does not answer.") var retrySeconds = 60

    func validate() throws {
      if let source, source.utf8.count > OutcomeItem.sourceBytesMax {
        throw ValidationError("--source is a word of at most \(OutcomeItem.sourceBytesMax) bytes.")
      }
      guard fromRow >= 1 else { throw ValidationError("--from-row is a row's number, from 1 on.") }
      guard (0...86_400).contains(retrySeconds) else {
        throw ValidationError("--retry-seconds is a number from 0 to 86400.")
      }
    }

    func run() async throws {
      try await options.reporting {
        // Before a long file is read: whether there is a daemon with this line.
        _ = try await options.daemon.line(line.text)
        let interruption = try Interruption.install()
        let outcomes = OutcomeImport(
          line: line, path: file,
          columns: OutcomeColumns(
            id: idColumn, label: labelColumn, observedAt: observedAtColumn, channel: channelColumn,
            probability: probabilityColumn),
          source: source ?? "", amends: amend, skipsBad: skipBad, isTrial: dryRun, fromRow: fromRow,
          interruption: interruption,
          report: try report.map { try RejectionFile(path: $0, appends: fromRow > 1) })
        let checked = try outcomes.check()
        let sender = OutcomeSender(
          daemon: options.daemon, interruption: interruption, patience: .seconds(retrySeconds))
        let display = ProgressDisplay(output: options.output)
        let (reply, failure) = try await outcomes.send(checked, to: sender, display)
        display.clear()
        await sender.close()
        try finish(reply, failure)
      }
    }

    private func finish(_ reply: ImportReply, _ failure: Failure?) throws {
      if failure == nil || reply.rows + reply.badRows > 0 {
        try options.output.show(reply, json: OperatorCoding.bytes(reply))
      }
      if let failure { throw failure }
      guard reply.rejectedRows > 0 else { return }
      let rows = countText(reply.rejectedRows, "row")
      throw Failure(
        .data,
        dryRun
          ? "\(rows) of \(file) would not be taken; the others would."
          : "\(rows) of \(file) \(reply.rejectedRows == 1 ? "was" : "were") not taken; the others were.")
    }
  }
}
