/// One line of the acceptance table.
public struct AcceptanceRow: Sendable, Equatable {
  /// As `--rows` takes it.
  public let name: String
  /// What is checked, for people.
  public let check: String
  public let outcome: Outcome

  public enum Outcome: Sendable, Equatable {
    case judged([Claim])
    /// It could not be run to its end, and why.
    case failed(String)
    /// It was not run, and why.
    case skipped(String)
  }

  public enum Verdict: String, Sendable, Codable {
    case met = "ok"
    case missed = "MISSED"
    case skipped
  }

  public init(name: String, check: String, outcome: Outcome) {
    self.name = name
    self.check = check
    self.outcome = outcome
  }

  public var verdict: Verdict {
    switch outcome {
    case .judged(let claims): claims.allSatisfy(\.isMet) ? .met : .missed
    case .failed: .missed
    case .skipped: .skipped
    }
  }

  public var measured: String {
    guard case .judged(let claims) = outcome else { return "-" }
    return claims.map(\.measured).joined(separator: "; ")
  }

  public var required: String {
    guard case .judged(let claims) = outcome else { return "-" }
    return claims.compactMap(\.required).joined(separator: "; ")
  }

  /// Why it is missed or was not run; nil where it is met.
  public var reason: String? {
    switch outcome {
    case .judged(let claims):
      let objections = claims.compactMap(\.objection)
      return objections.isEmpty ? nil : objections.joined(separator: "; ")
    case .failed(let why): return "it could not be measured: \(why)"
    case .skipped(let why): return "skipped: \(why)"
    }
  }
}

/// All rows of a run.
public struct AcceptanceTable: Sendable, Equatable {
  public let seeds: Int
  public let seconds: Double
  public let rows: [AcceptanceRow]

  public init(seeds: Int, seconds: Double, rows: [AcceptanceRow]) {
    self.seeds = seeds
    self.seconds = seconds
    self.rows = rows
  }

  public var isMet: Bool { !rows.contains { $0.verdict == .missed } }

  /// One paragraph per row, then the sum.
  public var text: String {
    let width = rows.map(\.name.count).max() ?? 0
    var lines: [String] = []
    for row in rows {
      let verdict = row.verdict.rawValue.padded(to: AcceptanceRow.Verdict.missed.rawValue.count + 1)
      lines.append("\(verdict) \(row.name.padded(to: width))  \(row.check)")
      let margin = String(repeating: " ", count: verdict.count + width + 3)
      if case .judged(let claims) = row.outcome { lines += claims.map { margin + $0.line } }
      if let reason = row.reason { lines.append(margin + reason) }
    }
    func count(_ verdict: AcceptanceRow.Verdict) -> Int { rows.count { $0.verdict == verdict } }
    lines.append(
      "\(count(.met)) ok, \(count(.missed)) missed, \(count(.skipped)) skipped in \(Int(seconds)) s; "
        + "figures are mean +- sd (n), accuracies in %")
    return lines.joined(separator: "\n")
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
