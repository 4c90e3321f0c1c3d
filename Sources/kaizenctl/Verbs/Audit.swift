import ArgumentParser
import ControlText
import Domain
import Wire

struct Audit: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Who did what, and proof that nobody changed it since.",
    subcommands: [Show.self, Verify.self, Export.self])

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
      abstract: "Check the hash chain of the audit log; 65 where it is broken.",
      discussion: """
        A chain that was written anew as a whole fits in itself. --journal compares it with what systemd's journal was \
        told of each entry: journalctl -u kaizend -o json | kaizenctl audit verify --journal -
        """)

    @OptionGroup var options: GlobalOptions
    @Option(help: ArgumentHelp("What journalctl -o json wrote (- for standard input).", valueName: "file"))
    var journal: String?

    func run() async throws {
      try await options.reporting {
        let anchors = try journal.map { try JournalAnchors(reading: $0) }
        var reply = try await options.daemon.ask(.verifyAudit, as: AuditVerifyReply.self).reply
        if let anchors, reply.intact { try await compare(anchors, &reply) }
        try options.output.show(reply, json: OperatorCoding.bytes(reply))
        guard reply.intact else {
          throw Failure(
            .data, "the audit log was changed after it was written.",
            next: .kaizenctl(["audit", "show", "--limit", "50"]))
        }
      }
    }

    private func compare(_ anchors: JournalAnchors, _ reply: inout AuditVerifyReply) async throws {
      let trail = try await AuditTrail(daemon: options.daemon).hashes()
      reply.anchors = anchors.hashes.count
      if let (sequence, isMissing) = anchors.firstDifference(from: trail) {
        reply.intact = false
        reply.firstBrokenSeq = sequence
        reply.sentence =
          "the audit trail is not the one that the journal was told of: entry \(sequence) "
          + (isMissing ? "is missing" : "has another hash") + "; it was written anew, or a backup was put back"
      } else {
        reply.sentence += "; \(countText(anchors.hashes.count, "entry", "entries")) of the journal fit"
      }
    }
  }
}
