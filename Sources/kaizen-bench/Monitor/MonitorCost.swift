import CBench
import Domain
import Engine
import NeuralNet
import Policy

/// What a line with as many sets as the monitor watches costs: 144 groups of three attributes and the sets around them.
enum MonitorCost {
  static let days = 60
  static let partsPerDay = 40

  /// What was measured.
  struct Result {
    let sets: Int
    let microsecondsPerOutcome: Double
    /// Of the heap, with all that the monitor holds.
    let bytes: Int
    let storedBytes: Int
  }

  /// Rows are made beforehand, so that the clock runs for the monitor alone.
  static func measure() throws -> Result {
    let definition = LineDefinition(
      id: try LineID("line"),
      schema: try GroupSchema(attributes: ["product", "camera", "shift"], includesOutcome: false),
      featureNames: ["x"], classNames: ["good", "bad"])
    let cells = (0..<12).flatMap { product in
      (0..<4).flatMap { camera in (0..<3).map { Cell(["P\(product)", "\(camera)", "\($0)"]) } }
    }
    let rows = rows(cells)
    let settings = LineSettings(time: .event, targetAccuracy: 0.9, maturityHours: 24)
    let rules = CountingRules(definition: definition, settings: settings)
    let before = heapBytes()
    var monitor = LineMonitor()
    let began = ContinuousClock.now
    for hour in 1...(days * 24) {
      let now = MonitorWorld.start.advanced(hours: Double(hour))
      let source = LineMonitor.Source(
        channelNames: { [""] }, delays: { [:] },
        matured: { after, watermark, _ in
          let piece = rows[Int(after)...].prefix { $0.time < watermark }
          return Array(piece.prefix(4096))
        })
      try monitor.look(at: now, rules: rules, source: source) { _ in ModelVersion(1) }
      _ = monitor.judge(levels: monitor.armed.levels(falseAlarmsPerYear: 1), at: now)
    }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    // The rows are there before and after, else their going would hide what the monitor takes.
    let bytes = withExtendedLifetime(rows) { heapBytes() - before }
    return Result(
      sets: monitor.sets.count, microsecondsPerOutcome: seconds * 1e6 / Double(max(1, monitor.labelled)),
      bytes: bytes, storedBytes: monitor.byteCount)
  }

  private static func rows(_ cells: [Cell]) -> [MaturedPrediction] {
    var random = Generator(seed: 7)
    var rows: [MaturedPrediction] = []
    for hour in 0..<days * 24 {
      for cell in cells {
        let count = partsPerDay * (hour % 24 + 1) / 24 - partsPerDay * (hour % 24) / 24
        for _ in 0..<count {
          rows.append(
            MaturedPrediction(
              row: Int64(rows.count + 1), cell: cell, version: ModelVersion(1), predictedClass: 0,
              label: random.uniform() < 0.95 ? 0 : 1, time: MonitorWorld.start.advanced(hours: Double(hour)),
              channel: ""))
        }
      }
    }
    return rows
  }

  private static func heapBytes() -> Int { Int(kb_heap_byte_count()) }

  static func claims(_ result: Result) -> [Claim] {
    [
      Claim("sets watched", Figure([Double(result.sets)], places: 0), .atLeast(200)),
      Claim("us an outcome", Figure([result.microsecondsPerOutcome], places: 2), .atMost(5)),
      Claim("KiB of memory", Figure([Double(result.bytes) / 1024], places: 0), .within(1...1024)),
      Claim("KiB stored every hour", Figure([Double(result.storedBytes) / 1024], places: 0)),
    ]
  }
}
