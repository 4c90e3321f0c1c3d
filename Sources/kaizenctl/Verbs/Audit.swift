import ArgumentParser
import ControlText
import Domain
import Wire

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Who did what, and proof that nobody changed it since.", subcommands: [Show.self, Verify.self])

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The audit entries that match.")

    @OptionGroup var options: GlobalOptions
    @Option(help: "Only this line.") var line: LineID?
    @Option(help: "Only this run.") var run: Int?
    @Option(help: "Only this group.") var group: String?
    @Option(help: "At most this many, the latest.") var limit: Int?

    func validate() throws {
      if let limit, !(1...OperatorCall.auditLimitMax ~= limit) {
        throw ValidationError("--limit is 1 to \(OperatorCall.auditLimitMax) (got \(limit)).")
      }
    }

    func run() async throws {
      try await options.reporting {
        let call = OperatorCall.audit(
          line: line, run: run, group: group, limit: limit ?? OperatorCall.auditLimitDefault)
        let answer = try await options.daemon.ask(call, as: AuditReply.self)
        try options.output.show(answer.reply, json: answer.bytes)
      }
    }
  }

  struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Check the hash chain of the audit log; 65 where it is broken.")

    @OptionGroup var options: GlobalOptions

    func run() async throws {
      try await options.reporting {
        let answer = try await options.daemon.ask(.verifyAudit, as: AuditVerifyReply.self)
        try options.output.show(answer.reply, json: answer.bytes)
        guard answer.reply.intact else {
          throw Failure(
            .data, "the audit log was changed after it was written.",
            next: .kaizenctl(["audit", "show", "--limit", "50"]))
        }
      }
    }
  }
}
