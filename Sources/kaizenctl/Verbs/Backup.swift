import ArgumentParser
import ControlText
import Domain
import Wire

struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy the ledger, the state and the teachers while the daemon serves.",
    discussion: """
      The copy is checked page by page and gets a manifest.json with a SHA-256 of each file. Without --to it stays in \
      the state directory, on the same disk; with --to it is brought to DIR/STAMP and the daemon's copy is removed. \
      `kaizenctl restore` puts it back.
      """)

  @OptionGroup var options: GlobalOptions
  @Option(help: ArgumentHelp("Bring it to a folder of its own below this one.", valueName: "dir")) var to: String?
  @Flag(help: "The backups that the daemon keeps.") var list = false
  @Option(help: ArgumentHelp("Remove one of these.", valueName: "stamp")) var remove: String?

  func validate() throws {
    if [to != nil, list, remove != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--to, --list and --remove are three different things. Take one.")
    }
  }

  func run() async throws {
    try await options.reporting {
      if list {
        let answer = try await options.daemon.ask(.backups, as: BackupsReply.self)
        return try options.output.show(answer.reply, json: answer.bytes)
      }
      if let remove {
        let answer = try await options.daemon.ask(.removeBackup(stamp: remove), as: RemoveBackupReply.self)
        return try options.output.show(answer.reply, json: answer.bytes)
      }
      let job = try await FollowedJob(options: options).run(.backup)
      guard var backup = job.backup else { throw Daemon.unreadable("the job tells of no backup") }
      if let to {
        let fetched = FetchedBackup(options: options, backup: backup, target: to)
        try await fetched.run()
        _ = try await options.daemon.ask(.removeBackup(stamp: backup.stamp), as: RemoveBackupReply.self)
        backup.path = fetched.folder
      }
      try options.output.show(backup, json: OperatorCoding.bytes(backup))
    }
  }
}
