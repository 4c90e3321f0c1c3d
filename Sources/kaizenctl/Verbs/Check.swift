import ArgumentParser
import ControlText
import Domain
import Glibc
import Wire

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "How things stand, as a plugin of Nagios or Icinga: one line, and 0, 1, 2 or 3.",
    discussion: """
      2 CRITICAL: a group lags, answers are not recorded, or a line is out of service. 1 WARNING: a group is on watch, \
      or its outcomes count no more. 3 UNKNOWN: the daemon does not answer, or no group has enough labels.
      Silenced alarms do not count. Acknowledged ones do, because the monitoring system has acknowledgements of its \
      own; --leave-out-acknowledged takes the daemon's. A range such as 0.9: is about the worst group's accuracy, \
      0 to 1, whatever its evidence; in the performance data (wga) its target stands where no range is given.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: "Only this line.") var line: LineID?
  @Option(name: [.short, .long], help: "WARNING where the worst group's accuracy lies outside this range.")
  var warning: PluginRange?
  @Option(name: [.short, .long], help: "CRITICAL where it lies outside this one.") var critical: PluginRange?
  @Flag(help: "Alarms that somebody has acknowledged do not count.") var leaveOutAcknowledged = false
  @Option(name: [.short, .long], help: "Seconds to wait for the daemon.") var timeout = 10

  func validate() throws {
    if !(1...600).contains(timeout) { throw ValidationError("--timeout is 1 to 600 seconds (got \(timeout)).") }
  }

  func run() async throws {
    let check = await result()
    let text = options.json ? try OperatorCoding.bytes(CheckReply(check)) : Array(check.text.utf8)
    if options.json || !options.quiet {
      try Output.write(text + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    }
    throw ExitCode(check.state.rawValue)
  }

  /// A plugin has no other way to say that it failed than its state.
  private func result() async -> PluginCheck {
    var daemon = options.daemon
    daemon.limit = .seconds(timeout)
    do {
      let status = try await daemon.ask(.status, as: StatusReply.self).reply
      if let line, !status.lines.contains(where: { $0.line == line.text }) {
        let closed = status.outOfService ?? []
        if closed.contains(where: { $0.contains("line \(line) ") }) {
          return PluginCheck(
            status, AlarmsReply(alarms: []), line: line.text,
            options: .init(warning: warning, critical: critical, leavesOutAcknowledged: leaveOutAcknowledged))
        }
        return PluginCheck(
          unknown: "line \(line) is not in service" + (closed.isEmpty ? "" : ": \(closed.joined(separator: "; "))"))
      }
      let alarms = try await daemon.ask(.alarms(line), as: AlarmsReply.self).reply
      return PluginCheck(
        status, alarms, line: line?.text,
        options: .init(warning: warning, critical: critical, leavesOutAcknowledged: leaveOutAcknowledged))
    } catch let failure as Failure {
      return PluginCheck(unknown: failure.sentence)
    } catch {
      return PluginCheck(unknown: "\(error)")
    }
  }

  /// Whether these words ask for the plugin, also where they are wrong: it must end with 3 then.
  static func isAsked(_ arguments: [String]) -> Bool {
    var words = arguments.dropFirst()
    while let word = words.popFirst() {
      if word == "--state-dir" { _ = words.popFirst() } else if !word.hasPrefix("-") { return word == "check" }
    }
    return false
  }

  static func endUnknown(_ text: String) -> Never {
    let line = text.split(separator: "\n").first.map { String($0) } ?? "wrong usage"
    let sentence = line.hasPrefix("kaizenctl: ") ? String(line.dropFirst("kaizenctl: ".count)) : line
    try? Output.write(Array((PluginCheck(unknown: sentence).text + "\n").utf8), to: STDOUT_FILENO)
    exit(withError: ExitCode(PluginCheck.State.unknown.rawValue))
  }
}

/// `check --json`.
private struct CheckReply: Encodable {
  let schema = operatorSchema
  /// As the exit code.
  let state: Int
  let word: String
  let sentence: String
  let performance: [String]
  let details: [String]

  init(_ check: PluginCheck) {
    state = Int(check.state.rawValue)
    word = check.state.word
    sentence = check.sentence
    performance = check.performance
    details = check.details
  }
}

extension PluginRange: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
