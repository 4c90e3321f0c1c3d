/// A report as people read it: a table of at most 80 columns, with the goals beside the figures.
public enum SpeedText {
  public static let pageWidth = 80

  public static func text(_ report: SpeedReport) -> String {
    var blocks = [heading(report), table(report)]
    blocks += report.peers.absent.map { wrapped($0) }
    blocks.append(ending(report))
    return blocks.joined(separator: "\n\n")
  }

  private static func heading(_ report: SpeedReport) -> String {
    let what =
      switch report.scenario {
      case .train: "One training step (forward, loss, backward, AdamW)"
      case .infer: "The answers to one batch"
      }
    let core = report.core == nil ? "not kept on one core" : "all on one core, one thread"
    let names = [
      "kaizend", report.peers.torch.map { "PyTorch \($0)" }, report.peers.onnxruntime.map { "ONNX Runtime \($0)" },
    ].compactMap { $0 }.joined(separator: ", ")
    let rounds = report.rounds == 1 ? "one round" : "medians of \(report.rounds) rounds"
    return wrapped(
      "\(what) of \(names), in microseconds of processor time; \(core), \(rounds). Peak of the core with"
        + " \(report.instructionSet): \(significant(report.peakGflops)) GFLOP/s.")
  }

  private static func table(_ report: SpeedReport) -> String {
    switch report.scenario {
    case .train: columns([trainingHead(report)] + report.results.map(trainingRow))
    case .infer: columns([inferenceHead] + report.results.map(inferenceRow))
    }
  }

  /// The last column says whether the share of the peak is what it should be, under what it should be.
  private static func trainingHead(_ report: SpeedReport) -> [String] {
    let share = report.results.lazy.compactMap { $0.goal(.shareOfPeak) }.first.map { percent($0.least) } ?? ""
    return ["student", "batch", "kaizend", "PyTorch", "ratio", "goal", "GFLOP/s", "of peak", share]
  }

  private static func trainingRow(_ result: SpeedResult) -> [String] {
    [result.student, "\(result.batch)", significant(result.microseconds)] + peer(result.torch) + [
      goal(result.goal(.torchRatio)), significant(result.gflops), percent(result.shareOfPeak),
      result.goal(.shareOfPeak).map(verdict) ?? "",
    ]
  }

  private static let inferenceHead = [
    "student", "batch", "kaizend", "ONNX RT", "ratio", "goal", "PyTorch", "ratio", "of peak",
  ]

  private static func inferenceRow(_ result: SpeedResult) -> [String] {
    [result.student, "\(result.batch)", significant(result.microseconds)] + peer(result.onnxruntime)
      + [goal(result.goal(.onnxruntimeRatio))] + peer(result.torch) + [percent(result.shareOfPeak)]
  }

  private static func peer(_ peer: SpeedResult.Peer?) -> [String] {
    guard let peer else { return ["-", "-"] }
    return [significant(peer.microseconds), significant(peer.ratio)]
  }

  private static func ending(_ report: SpeedReport) -> String {
    let goals = report.results.flatMap(\.goals).compactMap(\.met)
    let met = goals.filter { $0 }.count
    let memory = "Highest memory: kaizen-bench \(report.peakMemoryKilobytes / 1024) MB"
    let others = report.peers.peakMemoryKilobytes.map { ", PyTorch's process \($0 / 1024) MB" } ?? ""
    return wrapped("\(met) of \(goals.count) goals met. Ratio: their time divided by ours. \(memory)\(others).")
  }

  /// `8 ok`, `2.5 missed`, nothing where there is no goal.
  private static func goal(_ goal: SpeedGoal?) -> String {
    guard let goal else { return "" }
    let least = goal.least == goal.least.rounded() ? "\(Int(goal.least))" : "\(goal.least)"
    return "\(least) \(verdict(goal))"
  }

  /// `?` where nothing was measured.
  private static func verdict(_ goal: SpeedGoal) -> String {
    goal.met.map { $0 ? "ok" : "missed" } ?? "?"
  }

  /// Three digits that say something, all of those before the point: 0.612, 5.31, 41.2, 792, 18721.
  static func significant(_ value: Double) -> String {
    guard value.isFinite else { return "\(value)" }
    guard value >= 0 else { return "-" + significant(-value) }
    let places = value < 0.9995 ? 3 : value < 9.995 ? 2 : value < 99.95 ? 1 : 0
    guard places > 0 else { return "\(Int(value.rounded()))" }
    let scale = [1, 10, 100, 1000][places]
    let scaled = Int((value * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    return "\(scaled / scale)." + String(repeating: "0", count: places - fraction.count) + fraction
  }

  /// `2` or `2.5`.
  static func trimmed(_ value: Double) -> String {
    value == value.rounded() ? "\(Int(value))" : "\((value * 10).rounded() / 10)"
  }

  static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }

  /// The first column to the left, the others to the right.
  static func columns(_ rows: [[String]]) -> String {
    let widths = (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        let blanks = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + blanks : blanks + cell
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  static func wrapped(_ text: String) -> String {
    var lines = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if !line.isEmpty, line.count + 1 + word.count > pageWidth {
        lines.append(String(word))
      } else {
        lines[lines.count - 1] = line.isEmpty ? String(word) : line + " " + word
      }
    }
    return lines.joined(separator: "\n")
  }
}
