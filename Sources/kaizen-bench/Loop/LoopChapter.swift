import Policy

/// One plant's table and what is required of it.
struct LoopChapter: Sendable, Encodable {
  struct PolicyRow: Sendable, Encodable {
    let policy: String
    /// In percent, one a seed, as the chapter's `columns` name them.
    let accuracies: [[Double]]
    let labels: [Int]
    let processorSeconds: [Double]
    let trainings: [Int]
  }

  struct Finding: Sendable, Encodable {
    let measured: String
    /// nil for what is told beside others and decides nothing.
    let required: String?
    let isMet: Bool
    let values: [Double]

    init(_ measured: String, required: String? = nil, isMet: Bool = true, values: [Double] = []) {
      self.measured = measured
      self.required = required
      self.isMet = isMet
      self.values = values
    }
  }

  struct Job: Sendable, Encodable {
    let seed: Int
    let run: Int
    let state: String
    let started: Double
    let cells: [String]
    let arm: String?
    let version: Int?
    let labels: Int?
    let sentence: String
  }

  let plant: String
  let title: String
  let seeds: Int
  /// What the accuracies of a row are.
  let columns: [String]
  let rows: [PolicyRow]
  let findings: [Finding]
  let jobs: [Job]
  /// Jobs, and those after which a group was harmed.
  let jobCount: Int
  let harmfulJobs: Int
  /// nil where it ran.
  let skipped: String?

  var isMet: Bool { findings.allSatisfy(\.isMet) }

  var text: String {
    if let skipped { return "\(plant): skipped: \(skipped)" }
    var lines = ["\(plant): \(title) (\(seeds) \(seeds == 1 ? "seed" : "seeds"))"]
    let header = ["policy"] + columns + ["labels", "CPU s", "trainings"]
    let cells = rows.map { row in
      [row.policy] + row.accuracies.map { Figure($0).plain }
        + [
          Figure(row.labels.map(Double.init), places: 0).average,
          Figure(row.processorSeconds, places: 2).average, Figure(row.trainings.map(Double.init)).average,
        ]
    }
    lines += Self.table([header] + cells).map { "    " + $0 }
    for finding in findings {
      let verdict = finding.required.map { " | required: \($0) | \(finding.isMet ? "ok" : "MISSED")" } ?? ""
      lines.append("    \(finding.measured)\(verdict)")
    }
    return lines.joined(separator: "\n")
  }

  private static func table(_ rows: [[String]]) -> [String] {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }
  }
}

extension Figure {
  /// Mean and spread without the count, which the chapter tells once.
  fileprivate var plain: String {
    average + (deviation.map { " +- \(decimal($0, places: places))" } ?? "")
  }

  fileprivate var average: String { values.isEmpty ? "-" : decimal(mean, places: places) }
}
