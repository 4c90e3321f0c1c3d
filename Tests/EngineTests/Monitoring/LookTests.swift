import Domain
import Engine
import NeuralNet
import Policy
import Testing

/// Rows of a ledger as a test makes them up, and the looks of the monitor at them.
struct MadeUpRows {
  struct Part {
    let hour: Double
    let cell: Cell
    let isRight: Bool
    /// Hours until the outcome, nil: never.
    var delay: Double? = 1
    var channel = ""
    var probability: Double?
    var inputs: [Float]?
  }

  var definition: LineDefinition
  var settings = LineSettings(time: .event, targetAccuracy: 0.9)
  var rules: CountingRules { CountingRules(definition: definition, settings: settings, adopted: adopted) }
  var adopted: [PartSlice] = []
  var monitor = LineMonitor()
  private(set) var parts: [Part] = []
  static let start = Timestamp(seconds: 1_736_121_600)

  init(attributes: [String] = ["product", "camera"], outcome: Bool = false) throws {
    definition = LineDefinition(
      id: try LineID("line"), schema: try GroupSchema(attributes: attributes, includesOutcome: outcome),
      featureNames: ["x"], classNames: ["good", "bad"])
  }

  mutating func add(_ part: Part) { parts.append(part) }

  /// Evenly over a day.
  mutating func add(day: Int, _ values: [String], count: Int, wrong: Int, labelled: Int? = nil, channel: String = "") {
    for index in 0..<count {
      add(
        Part(
          hour: Double(day * 24) + 23 * Double(index) / Double(count), cell: Cell(values),
          isRight: !(index * wrong / max(count, 1) < (index + 1) * wrong / max(count, 1)),
          delay: index * (labelled ?? count) / count < (index + 1) * (labelled ?? count) / count ? 1 : nil,
          channel: channel))
    }
  }

  func time(_ hour: Double) -> Timestamp { Self.start.advanced(hours: hour) }

  /// - Returns: what changed its state.
  @discardableResult
  mutating func look(hour: Double) throws -> [Transition] {
    let parts = parts
    let names = Set(parts.filter { $0.delay.map { [hour] in $0 <= hour } ?? false }.map(\.channel)).sorted()
    let known = parts.filter { part in part.delay.map { part.hour + $0 <= hour } ?? false }
    let source = LineMonitor.Source(
      channelNames: { names },
      delays: {
        known.reduce(into: [:]) { delays, part in
          delays[part.channel, default: [ChannelDelays()]][0].add(
            1, of: OutcomeDelay(answered: time(part.hour), arrived: time(part.hour + (part.delay ?? 0))),
            isWrong: !part.isRight)
        }
      },
      matured: { after, watermark, withInputs in
        var rows: [MaturedPrediction] = []
        for (index, part) in parts.enumerated().dropFirst(Int(after)) {
          if time(part.hour) >= watermark { break }
          let isKnown = part.delay.map { part.hour + $0 <= hour } ?? false
          rows.append(
            MaturedPrediction(
              row: Int64(index + 1), cell: part.cell, version: ModelVersion(1), predictedClass: 0,
              label: isKnown ? (part.isRight ? 0 : 1) : nil, time: time(part.hour),
              channel: isKnown ? part.channel : nil, samplingProbability: isKnown ? part.probability : nil,
              inputs: withInputs ? part.inputs : nil))
        }
        return rows
      })
    try monitor.look(at: time(hour), rules: rules, source: source) { _ in ModelVersion(1) }
    return monitor.judge(levels: monitor.armed.levels(falseAlarmsPerYear: 1), at: time(hour))
  }

  func slices(_ state: GroupState) -> Set<String> {
    Set(monitor.sets.filter { $0.evidence.state == state }.map { definition.text($0.slice) })
  }

  func evidence(_ text: String) throws -> GroupEvidence? {
    monitor.evidence(of: try definition.slice(parsing: text))
  }
}

@Suite struct LookTests {
  @Test func `nothing counts until it is known how long outcomes take, then all that came before does`() throws {
    var rows = try MadeUpRows()
    for day in 0..<9 { rows.add(day: day, ["A", "1"], count: 50, wrong: 2) }
    for hour in stride(from: 2.0, to: 160, by: 6) { try rows.look(hour: hour) }
    #expect(rows.monitor.sets.isEmpty && rows.monitor.maturityHours(rows.settings) == nil)
    try rows.look(hour: 172)
    #expect(rows.monitor.maturityHours(rows.settings) == 24)
    #expect(rows.monitor.matured == rows.parts.count { $0.hour < 148 })
    #expect(try rows.evidence("product=A,camera=1")?.matured == rows.monitor.matured)
  }

  @Test func `a setting says how long, and then nothing has to be learned`() throws {
    var rows = try MadeUpRows()
    rows.settings.maturityHours = 12
    rows.add(day: 0, ["A", "1"], count: 50, wrong: 2)
    try rows.look(hour: 30)
    #expect(rows.monitor.matured == rows.parts.count { $0.hour < 18 })
  }

  @Test func `each part counts once a channel, whenever its outcome comes and however often somebody looks`() throws {
    var rows = try MadeUpRows()
    rows.settings.maturityHours = 24
    var random = Generator(seed: 5)
    for index in 0..<3000 {
      rows.add(
        MadeUpRows.Part(
          hour: Double(index) / 8, cell: Cell([index % 2 == 0 ? "A" : "B", "\(index % 3)"]),
          isRight: random.uniform() < 0.9, delay: random.uniform() < 0.7 ? random.uniform() * 40 : nil,
          channel: random.uniform() < 0.5 ? "audit" : "rework"))
    }
    var hour = 1.0
    while hour < 420 {
      try rows.look(hour: hour)
      hour += 0.5 + 9 * random.uniform()
    }
    try rows.look(hour: 420)
    let counted = rows.parts.filter { $0.hour < 396 }
    let inTime = counted.filter { $0.delay.map { $0 <= 24 } ?? false }
    #expect(rows.monitor.matured == counted.count)
    let cells = try ["A", "B"].flatMap { product in
      try (0..<3).compactMap { try rows.evidence("product=\(product),camera=\($0)") }
    }
    #expect(cells.count == 6)
    let labels = cells.flatMap(\.channels).reduce(0) { $0 + $1.labels }
    // Looks that come late see outcomes that came late, too: never fewer than those in time, never one twice.
    #expect(labels >= inTime.count && labels <= counted.count { $0.delay != nil })
    #expect(cells.reduce(0) { $0 + $1.matured } == counted.count)
    for channel in ["audit", "rework"] {
      #expect(cells.flatMap(\.channels).filter { $0.channel == channel }.reduce(0) { $0 + $1.matured } > 0)
    }
  }

  @Test func `a group that fails is found, and the sets around it are explained by it`() throws {
    var rows = try MadeUpRows()
    rows.settings.maturityHours = 24
    var transitions: [Transition] = []
    for day in 0..<40 {
      for (product, camera) in [("A", "1"), ("A", "2"), ("B", "1"), ("B", "2")] {
        let fails = product == "B" && camera == "2" && day >= 20
        rows.add(day: day, [product, camera], count: 60, wrong: fails ? 25 : 3)
      }
      transitions += try rows.look(hour: Double(day * 24 + 23))
    }
    let lagging = rows.slices(.lagging)
    #expect(lagging.contains("product=B,camera=2"))
    #expect(rows.slices(.ok).contains("product=A,camera=1"))
    let group = try #require(transitions.first { $0.assessment.state == .lagging })
    #expect(group.slice == PartSlice(values: ["B", "2"]), "the group itself is the first")
    #expect(group.assessment.suspectedChangeDay == MadeUpRows.start.day + 20)
  }

  @Test func `an unseen value is watched at once as a group, and the sets above it count it`() throws {
    var rows = try MadeUpRows()
    rows.settings.maturityHours = 24
    for day in 0..<10 {
      rows.add(day: day, ["A", "1"], count: 40, wrong: 1)
      rows.add(day: day, ["A", "2"], count: 40, wrong: 1)
      if day >= 5 { rows.add(day: day, ["C", "1"], count: 10, wrong: 5) }
      try rows.look(hour: Double(day * 24 + 23))
    }
    #expect(try rows.evidence("product=C,camera=1")?.matured == 40)
    let line = try #require(try rows.evidence("all"))
    #expect(line.matured > 0 && line.version == nil)
  }

  @Test func `a slice of measurements that was adopted is counted by what parts measure`() throws {
    var rows = try MadeUpRows(attributes: ["product"])
    rows.settings.maturityHours = 24
    rows.adopted = [PartSlice(values: [nil], ranges: [FeatureRange(feature: 0, lower: 0.5, upper: nil)])]
    for index in 0..<2000 {
      let x = Float(index % 10) / 10
      rows.add(
        MadeUpRows.Part(
          hour: Double(index) / 10, cell: Cell(["A"]), isRight: x < 0.5 || index % 4 != 0, inputs: [x]))
      if index % 50 == 0 { try rows.look(hour: Double(index) / 10) }
    }
    try rows.look(hour: 230)
    let slice = try #require(try rows.evidence("x>=0.5"))
    let group = try #require(try rows.evidence("product=A"))
    #expect(slice.matured > 900 && slice.matured < group.matured)
    #expect(slice.channels[0].wrong == group.channels[0].wrong)
    #expect(slice.state == .lagging)
  }

  @Test func `two hundred sets at most are watched, the busiest`() throws {
    var rows = try MadeUpRows()
    rows.settings.maturityHours = 24
    for day in 0..<3 {
      for product in 0..<260 { rows.add(day: day, ["P\(product)", "1"], count: product < 100 ? 1 : 6, wrong: 0) }
    }
    rows = rows.sorted()
    for day in 0..<5 { try rows.look(hour: Double(day * 24 + 23)) }
    #expect(rows.monitor.sets.count == NodePlan.maximumNodes)
    #expect(rows.monitor.unmonitored > 0)
    #expect(rows.monitor.matured == rows.parts.count)
  }
}

extension MadeUpRows {
  /// In order of time.
  func sorted() -> MadeUpRows {
    guard var sorted = try? MadeUpRows() else { return self }
    sorted.settings = settings
    for part in parts.sorted(by: { $0.hour < $1.hour }) { sorted.add(part) }
    return sorted
  }
}
