import ArgumentParser
import ControlText
import Wire

struct Prune: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Delete now what the settings of retention give up, or tell what that is.",
    discussion: """
      The daemon does this by itself, a little each second: parts older than [ledger] keep_days go, features older \
      than keep_inputs_days too, but those of the newest inputs_per_group labelled parts of each group. Features of \
      lagging groups stay. Above bytes_max, or with less than disk_free_bytes_min left, the oldest go earlier.
      """)

  @OptionGroup var options: GlobalOptions
  @Flag(help: "Tell what would go, delete nothing.") var dryRun = false
  @Flag(help: "The machine's clock is right though it has leapt: ages are judged by it again.") var trustClock = false

  func run() async throws {
    try await options.reporting {
      let request = PruneRequest(dryRun: dryRun, trustClock: trustClock)
      let answer = try await options.daemon.ask(.prune(request), as: PruneReply.self)
      try options.output.show(answer.reply, json: answer.bytes)
    }
  }
}
