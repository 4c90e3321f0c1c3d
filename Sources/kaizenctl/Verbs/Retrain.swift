import ArgumentParser
import ControlText
import Domain
import Wire

struct Retrain: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Retrain the lagging groups of a line, or those named.",
    discussion: """
      The gate decides about promotion, as for a retraining that the daemon starts itself. With --whole one student \
      is trained for all parts, taught by those that serve now, each on its own groups: a line with several students \
      gets by with one again. It serves nobody before it has proved itself beside them for days.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument var line: LineID
  @Option(help: ArgumentHelp("A group to retrain; may be repeated.", valueName: "attribute=value,..."))
  var group: [String] = []
  @Flag(help: "Make one student of all that serve the line.") var whole = false
  @Flag(help: "Say what the job would do, start nothing.") var dryRun = false
  @Flag(
    help: ArgumentHelp(
      "Stay until the job is over; 70 where it failed. What it made may go on trial after that.",
      discussion: """
        With --json the one object is {"schema": 1, "retrain": the reply at the start, "run": the run as it ended}.
        """))
  var wait = false

  func validate() throws {
    if whole, !group.isEmpty { throw ValidationError("--whole is for every group; leave out --group.") }
    if dryRun, wait { throw ValidationError("--dry-run starts nothing to --wait for. Take one.") }
  }

  func run() async throws {
    try await options.reporting {
      let request = RetrainRequest(groups: group, dryRun: dryRun, scope: whole ? .whole : nil)
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
      guard row.hasEndedTraining else {
        progress.show(
          TrainingProgress(stage: row.step ?? row.state, fraction: row.progress ?? 0, secondsLeft: row.secondsLeft))
        try await Task.sleep(for: .seconds(1))
        continue
      }
      progress.clear()
      try options.output.show(row, json: OperatorCoding.bytes(FinishedRetraining(retrain: reply, run: row)))
      guard row.state != "failed", row.state != "interrupted" else {
        throw Failure(.software, "run \(run) ended as \(row.state).", next: .kaizenctl(["explain", "\(run)"]))
      }
      return
    }
  }
}
