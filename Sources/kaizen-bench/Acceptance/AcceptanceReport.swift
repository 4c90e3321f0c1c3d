import Wire

extension AcceptanceTable {
  /// One JSON object.
  public func json() throws -> String {
    String(decoding: try OperatorCoding.bytes(AcceptanceReport(self)), as: UTF8.self)
  }
}

/// The acceptance table as it is encoded.
struct AcceptanceReport: Codable {
  struct Row: Codable {
    let name: String
    let check: String
    let verdict: AcceptanceRow.Verdict
    let reason: String?
    let measured: String
    let required: String
    let figures: [FigureReport]
  }

  struct FigureReport: Codable {
    let label: String
    let statistic: String
    let value: Double?
    let mean: Double?
    let deviation: Double?
    let count: Int
    /// One a seed; left out where they are many.
    let values: [Double]?
    let required: String?
  }

  var schema = 1
  var scenario = "acceptance"
  let seeds: Int
  let seconds: Double
  let rows: [Row]

  /// More values than this are simulated plants, and their figure says all.
  private static let listedValuesMaximum = 20

  init(_ table: AcceptanceTable) {
    seeds = table.seeds
    seconds = table.seconds
    rows = table.rows.map { row in
      var claims: [Claim] = []
      if case .judged(let judged) = row.outcome { claims = judged }
      return Row(
        name: row.name, check: row.check, verdict: row.verdict, reason: row.reason, measured: row.measured,
        required: row.required, figures: claims.map(Self.figure))
    }
  }

  private static func figure(_ claim: Claim) -> FigureReport {
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    let figure = claim.figure
    return FigureReport(
      label: claim.label, statistic: "\(figure.statistic)", value: finite(figure.decisive), mean: finite(figure.mean),
      deviation: figure.deviation, count: figure.values.count,
      values: figure.values.count <= listedValuesMaximum ? figure.values : nil, required: claim.required)
  }
}
