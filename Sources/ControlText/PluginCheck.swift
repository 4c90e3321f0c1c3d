import Wire

/// How the daemon stands, as a plugin of Nagios or Icinga says it: one line with performance data, then one for each
/// alarm; the state is also the program's exit code.
///
/// - Source: Monitoring Plugins Development Guidelines, "Plugin Output", "Threshold and ranges", "Performance data".
public struct PluginCheck: Sendable, Equatable {
  public enum State: Int32, Sendable, Comparable {
    case ok, warning, critical, unknown

    public var word: String {
      switch self {
      case .ok: "OK"
      case .warning: "WARNING"
      case .critical: "CRITICAL"
      case .unknown: "UNKNOWN"
      }
    }

    /// How bad: not to know is worse than a warning, and never hides an alarm.
    private var badness: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .unknown: 2
      case .critical: 3
      }
    }

    public static func < (left: State, right: State) -> Bool { left.badness < right.badness }
  }

  public struct Options: Sendable, Equatable {
    /// For the accuracy of the worst group, 0...1, beside what the daemon says itself.
    public var warning: PluginRange?
    public var critical: PluginRange?
    /// Alarms that somebody has acknowledged do not count.
    public var leavesOutAcknowledged: Bool

    public init(warning: PluginRange? = nil, critical: PluginRange? = nil, leavesOutAcknowledged: Bool = false) {
      self.warning = warning
      self.critical = critical
      self.leavesOutAcknowledged = leavesOutAcknowledged
    }
  }

  public let state: State
  public let sentence: String
  public let performance: [String]
  /// One line for each alarm.
  public let details: [String]

  /// For a daemon that could not be asked.
  public init(unknown sentence: String) {
    state = .unknown
    self.sentence = sentence
    performance = []
    details = []
  }

  /// - Parameter line: nil for all lines.
  public init(_ status: StatusReply, _ alarms: AlarmsReply, line: String?, options: Options) {
    let lines = status.lines.filter { line == nil || $0.line == line }
    let rows = alarms.alarms.filter { line == nil || $0.line == line }
    let counting = rows.filter { row in
      row.group.explainedBy == nil && row.group.silencedUntil == nil
        && !(options.leavesOutAcknowledged && row.group.acknowledged != nil)
    }
    let worst = Self.worst(lines)
    var findings = Self.machineFindings(status)
    findings += counting.filter { $0.group.state == "lagging" }.map { (.critical, Self.short($0.line, $0.group)) }
    findings += Self.thresholdFindings(worst, options)
    findings += counting.filter { $0.group.state == "watch" }.map {
      (.warning, Self.short($0.line, $0.group) + " on watch")
    }
    let void = counting.filter { $0.group.state == "unknown" }
    findings += void.map { (.warning, "\($0.line) \($0.group.group) has outcomes that count no more") }
    if findings.isEmpty, worst == nil {
      findings = [(.unknown, lines.isEmpty ? "no line is in service" : "no group has enough labels to be judged")]
    }
    let state = findings.map(\.state).max() ?? .ok
    self.state = state
    let said = findings.filter { $0.state == state }.map(\.sentence)
    let quiet = rows.count - counting.count
    var text = said.first ?? worst.map { Self.calm($0.line, $0.group) } ?? "all is well"
    if said.count > 1 { text += " and \(said.count - 1) more" }
    if quiet > 0 { text += " (\(quiet) silenced, acknowledged or explained)" }
    sentence = text
    performance = Self.performance(lines, worst: worst, ledgerBytes: status.ledger.bytes, options)
    details = rows.map { Self.detail($0.line, $0.group) }
  }

  private typealias Finding = (state: State, sentence: String)

  private static func machineFindings(_ status: StatusReply) -> [Finding] {
    var findings: [Finding] = []
    if !status.ledger.writable {
      findings.append((.critical, "answers are not recorded: \(status.ledger.problem ?? "the ledger is not writable")"))
    }
    return findings + (status.outOfService ?? []).map { (.critical, $0) }
  }

  private static func thresholdFindings(_ worst: (line: String, group: GroupRow)?, _ options: Options) -> [Finding] {
    guard let worst, let accuracy = worst.group.accuracy else { return [] }
    for (state, range) in [(State.critical, options.critical), (.warning, options.warning)] {
      guard let range, range.alerts(accuracy) else { continue }
      return [(state, "\(calm(worst.line, worst.group)), outside \(range.text)")]
    }
    return []
  }

  private static func worst(_ lines: [LineStatus]) -> (line: String, group: GroupRow)? {
    lines.compactMap { line in line.worst.map { (line: line.line, group: $0) } }
      .filter { $0.group.accuracy != nil }
      .min { ($0.group.accuracy ?? 1) < ($1.group.accuracy ?? 1) }
  }

  /// `press-3 product=A7 81.2% < 85% (n=212)`.
  private static func short(_ line: String, _ group: GroupRow) -> String {
    let name = "\(line) \(group.group)"
    guard let accuracy = group.accuracy else { return name }
    var text = "\(name) \(tight(accuracy))"
    if let target = group.target, accuracy < target { text += " < \(tight(target))" }
    return text + " (n=\(group.n))"
  }

  private static func calm(_ line: String, _ group: GroupRow) -> String {
    "worst \(line) \(group.group) \(group.accuracy.map(tight) ?? "not known") (n=\(group.n))"
  }

  private static func detail(_ line: String, _ group: GroupRow) -> String {
    var text = "\(group.state.uppercased()) \(short(line, group))"
    if let since = group.since { text += " since \(timeText(since))" }
    if let lower = group.lower, let upper = group.upper {
      text += ", interval \(tight(lower)) to \(tight(upper))"
    }
    text += ", evidence \(evidenceText(group.evidence))"
    if let inner = group.explainedBy { text += "; explained by \(inner)" }
    for sentence in markSentences(group) { text += "; \(sentence)" }
    return text
  }

  /// `81.2%`, `85%`: as plugins write them.
  private static func tight(_ share: Double) -> String {
    let text = decimal(share * 100, places: 1)
    return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "%"
  }

  /// The target stands as the critical threshold where no other is given, for the graph; the state does not come from it.
  private static func performance(
    _ lines: [LineStatus], worst: (line: String, group: GroupRow)?, ledgerBytes: Int, _ options: Options
  ) -> [String] {
    var data: [String] = []
    if let worst, let accuracy = worst.group.accuracy {
      let critical = options.critical?.text ?? worst.group.target.map { "\(plain($0)):" } ?? ""
      data.append("wga=\(plain(accuracy));\(options.warning?.text ?? "");\(critical);0;1")
    }
    data.append("lagging=\(lines.reduce(0) { $0 + $1.lagging });;;0")
    data.append("watch=\(lines.reduce(0) { $0 + $1.watch });;;0")
    if let unlabelled = lines.compactMap(\.labelCoverage).min().map({ 1 - $0 }) {
      data.append("unlabelled=\(plain(max(0, unlabelled)));;;0;1")
    }
    data.append("ledger=\(ledgerBytes)B;;;0")
    return data
  }

  /// Four digits at most, without zeros at the end.
  private static func plain(_ value: Double) -> String {
    var text = decimal(value, places: 4)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  /// What the plugin prints: the bar begins performance data, so none may stand before it.
  public var text: String {
    func said(_ text: String) -> String {
      printable(text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "/"))
    }
    var first = "KAIZEN \(state.word) - \(said(sentence))"
    if !performance.isEmpty { first += " | " + performance.joined(separator: " ") }
    return ([first] + details.map(said)).joined(separator: "\n")
  }
}
