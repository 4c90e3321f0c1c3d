import ArgumentParser
import ControlText
import Domain
import FoundationEssentials
import Glibc
import Report
import Wire

/// Not `Report`: that is the module the page comes from.
struct ReportVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "What the months of a line have given: accuracy of each group, what was done, what it gave and cost.",
    discussion: """
      Prints the summary; --html writes the whole report as one page, which needs no network, prints on A4 and tells \
      every retraining with its reasons, weights, gate and cost. Counts all that the ledger keeps, or what came since \
      a date. The language is English or Japanese: --lang, else that of the locale.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The line; may be left out where there is only one.") var line: LineID?
  @Option(help: ArgumentHelp("The page to write, complete in itself.", valueName: "file")) var html: String?
  @Option(help: ArgumentHelp("en or ja.", valueName: "language")) var lang: PilotLanguage?
  @Option(help: ArgumentHelp("Leave out what was before: a date or a time in RFC 3339.", valueName: "date"))
  var since: String?

  /// A million parts are counted in seconds; a ledger of ten times as many on a slow disk shall not end the call.
  private static let deadline = Duration.seconds(300)

  func validate() throws {
    if let html, html.isEmpty { throw ValidationError("--html needs a file, got an empty text.") }
    if let since, Timestamp(since) == nil {
      throw ValidationError("--since is a date such as 2026-09-01, or a time in RFC 3339 (got \(since)).")
    }
  }

  func run() async throws {
    try await options.reporting {
      var daemon = options.daemon
      daemon.limit = Self.deadline
      let line = if let line { line } else { try await daemon.onlyLine("report", command: ["report"]) }
      let answer = try await daemon.ask(.report(line, since: since.flatMap { Timestamp($0) }), as: ReportReply.self)
      guard let report = PilotReport(answer.reply) else { throw Daemon.unreadable("a series of counts has gaps") }
      let page = PilotPage(report, language: lang ?? Self.languageOfLocale)
      if let html { try Self.write(page.html, to: html) }
      try options.output.show(PilotText(page.summary, page: html), json: answer.bytes)
    }
  }

  /// The first of these variables that says anything decides (POSIX, 8.2).
  private static var languageOfLocale: PilotLanguage {
    let environment = ProcessInfo.processInfo.environment
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    return locale.lowercased().hasPrefix("ja") ? .japanese : .english
  }

  /// In one step into the place of what was there, for others to read too.
  private static func write(_ page: String, to path: String) throws {
    let draft = "\(path).\(getpid())"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    do {
      try Output.write(Array(page.utf8), to: descriptor)
      guard fchmod(descriptor, 0o644) == 0, close(descriptor) == 0, rename(draft, path) == 0 else {
        throw failure(path)
      }
    } catch {
      unlink(draft)
      throw error
    }
  }

  private static func failure(_ path: String) -> Failure {
    let why = String(cString: strerror(errno))
    let isPermission = errno == EACCES || errno == EPERM
    return Failure(isPermission ? .permission : .inputOutput, "the page cannot be written to \(path): \(why).")
  }
}

extension PilotLanguage: ExpressibleByArgument {}
