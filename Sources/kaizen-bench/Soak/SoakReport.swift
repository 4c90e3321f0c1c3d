import Wire

/// What `kaizen-bench soak` found, as `--json` prints it (keys in snake_case).
public struct SoakReport: Codable, Sendable, Equatable {
  public var schema = 1
  public var scenario = "soak"
  public let seed: UInt64
  public let connections: Int
  /// Answered as they had to be.
  public var requests = 0
  public var seconds = 0.0
  public var answered: [String: Int] = [:]
  /// Answered with another status, answered with something else than the student says, and broken connections.
  public var refused = 0
  public var firstRefusal: Int?
  public var wrong = 0
  public var broken = 0
  /// Parts answered, and their rows in the ledger.
  public var rowsExpected = 0
  public var rows = 0
  /// Outcomes that were taken, and those in the ledger: with their part, or waiting for one that never came.
  public var outcomesExpected = 0
  public var outcomes = 0
  public var oddRowsExpected = 0
  public var oddRows = 0
  public var odd = OddClientCounts()
  /// The daemon's own count of answers without a row.
  public var unrecorded = 0
  public var ledgerBytes = 0
  public var memory: [MemorySample] = []

  public struct MemorySample: Codable, Sendable, Equatable {
    public let requests: Int
    public let kilobytes: Int
  }

  public init(seed: UInt64, connections: Int) {
    self.seed = seed
    self.connections = connections
  }

  /// Growth from half of the requests to all of them that still counts as flat: SQLite's and the allocator's pages.
  public static let growthKilobytesMax = 2048

  /// Kilobytes from half of the requests to the end.
  public var growthKilobytes: Int? {
    guard let last = memory.last, let half = memory.first(where: { $0.requests * 2 >= last.requests }) else {
      return nil
    }
    return last.kilobytes - half.kilobytes
  }

  /// What is not as it must be, in sentences; none when all is well.
  public var complaints: [String] {
    var found = odd.complaints
    func check(_ isRight: Bool, _ complaint: String) {
      if !isRight { found.append(complaint) }
    }
    check(refused == 0, "\(refused) requests had another status than they must (first \(firstRefusal ?? 0))")
    check(wrong == 0, "\(wrong) answers were not what the student says")
    check(broken == 0, "\(broken) connections broke")
    check(rows == rowsExpected, "\(rowsExpected) parts were answered and the ledger has \(rows)")
    check(outcomes == outcomesExpected, "\(outcomesExpected) outcomes were taken and the ledger has \(outcomes)")
    check(oddRows == oddRowsExpected, "\(oddRowsExpected) parts of odd clients, and the ledger has \(oddRows)")
    check(unrecorded == 0, "\(unrecorded) answers were given without a row")
    check(
      (growthKilobytes ?? 0) <= Self.growthKilobytesMax, "memory grew by \(growthKilobytes ?? 0) KB in the second half")
    return found
  }

  public func json() throws -> String { String(decoding: try OperatorCoding.bytes(self), as: UTF8.self) }
}

/// What clients that no good client is like did, and what they saw that must not be.
public struct OddClientCounts: Codable, Sendable, Equatable {
  /// Whole requests whose answer was never read.
  public var dropped = 0
  /// Requests that ended in the middle, with the connection.
  public var cutShort = 0
  /// Requests that stopped in the middle and were told so (408).
  public var halfSent = 0
  /// Answers read a few bytes at a time.
  public var readSlowly = 0
  /// Polls of the operator's status.
  public var polls = 0
  public var complaints: [String] = []

  public init() {}
}

/// The report as people read it.
public enum SoakText {
  public static func text(_ report: SoakReport) -> String {
    let rate = report.seconds > 0 ? Double(report.requests) / report.seconds : 0
    let heading = SpeedText.wrapped(
      "\(report.requests) requests in \(Int(report.seconds)) s (\(Int(rate)) a second) on \(report.connections)"
        + " connections, seed \(report.seed); every answer with parts compared with what the student says.")
    let kinds = SpeedText.columns(
      report.answered.sorted { $0.value > $1.value }.map { [$0.key.replacing("_", with: " "), "\($0.value)"] })
    let odd = report.odd
    let oddities = SpeedText.wrapped(
      "Beside them: \(odd.dropped) answers never read, \(odd.cutShort) requests cut short, \(odd.halfSent) that stopped"
        + " halfway and were told so, \(odd.readSlowly) answers read slowly, \(odd.polls) polls of the status.")
    let sums = SpeedText.columns([
      ["", "answered", "in the ledger"],
      ["parts", "\(report.rowsExpected)", "\(report.rows)"],
      ["outcomes", "\(report.outcomesExpected)", "\(report.outcomes)"],
      ["parts of odd clients", "\(report.oddRowsExpected)", "\(report.oddRows)"],
    ])
    let memory = SpeedText.columns(
      [["requests", "MB resident"]]
        + report.memory.map { ["\($0.requests)", SpeedText.significant(Double($0.kilobytes) / 1024)] })
    let verdict =
      report.complaints.isEmpty
      ? "All is as it must be; the ledger took \(SpeedText.significant(Double(report.ledgerBytes) / 1e9)) GB."
      : "NOT as it must be: " + report.complaints.joined(separator: "; ") + "."
    return [heading, kinds, oddities, sums, memory, SpeedText.wrapped(verdict)].joined(separator: "\n\n")
  }
}
