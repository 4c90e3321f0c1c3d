import ArgumentParser
import ControlText
import Domain
import Wire

struct Retrain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Retrain the lagging groups of a line, or those named.",
    discussion: "The gate decides about promotion, as for a retraining that the daemon starts itself.")

  @OptionGroup var options: GlobalOptions
  @Argument var line: LineID
  @Option(help: ArgumentHelp("A group to retrain; may be repeated.", valueName: "attribute=value,..."))
  var group: [String] = []
  @Flag(help: "Say what the job would do, start nothing.") var dryRun = false
  @Flag(
    help: ArgumentHelp(
      "Stay until the run is over; 70 where it failed.",
      discussion: """
        With --json the one object is {"schema": 1, "retrain": the reply at the start, "run": the run as it ended}.
        """))
  var wait = false

  func validate() throws {
    if dryRun, wait { throw ValidationError("--dry-run starts nothing to --wait for. Take one.") }
  }

  func run() async throws {
    try await options.reporting {
      let request = RetrainRequest(groups: group, dryRun: dryRun)
      let answer = try await options.daemon.ask(.retrain(line, request), as: RetrainReply.self, conflict: .busy)
      guard wait, let run = answer.reply.run else {
        return try options.output.show(RetrainText(answer.reply, groups: group), json: answer.bytes)
      }
      try options.output.say(RetrainText(answer.reply, groups: group).text(options.output.style) + "\n")
      try await waiting(for: run, startedBy: answer.reply)
    }
  }

  private func waiting(for run: Int, startedBy reply: RetrainReply) async throws {
    let progress = ProgressDisplay(output: options.output)
    while true {
      let runs = try await options.daemon.ask(.runs(line), as: RunsReply.self).reply.runs
      guard let row = runs.first(where: { $0.run == run }) else {
        throw Failure(.software, "the daemon no longer knows run \(run).", next: .kaizenctl(["runs", line.text]))
      }
      guard row.isOver else {
        progress.show(TrainingProgress(stage: row.state, fraction: row.progress ?? 0, secondsLeft: nil))
        try await Task.sleep(for: .seconds(1))
        continue
      }
      progress.clear()
      try options.output.show(row, json: OperatorCoding.bytes(FinishedRetraining(retrain: reply, run: row)))
      guard row.state == "promoted" || row.state == "kept" else {
        throw Failure(.software, "run \(run) ended as \(row.state).", next: .kaizenctl(["explain", "\(run)"]))
      }
      return
    }
  }
}
