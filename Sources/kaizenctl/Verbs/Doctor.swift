import ArgumentParser
import ControlText
import Domain
import Wire

struct Doctor: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check everything that is stored, and the machine under it; 1 where something is broken.",
    discussion: """
      Reads every page of both databases, counts every total again, recomputes the audit trail and looks at disk, \
      clock, files and journal, while the daemon serves. Warnings end with 0.
      """)

  @OptionGroup var options: GlobalOptions

  func run() async throws {
    var isBroken = false
    try await options.reporting {
      let job = try await FollowedJob(options: options).run(.doctor)
      guard let report = job.doctor else { throw Daemon.unreadable("the job tells of no checks") }
      try options.output.show(report, json: OperatorCoding.bytes(report))
      isBroken = report.worst == "broken"
    }
    // Found, not failed: there is nothing to say that was not shown.
    if isBroken { throw ExitCode(1) }
  }
}
