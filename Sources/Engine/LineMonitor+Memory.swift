import Domain
import FoundationEssentials
import Policy
import Statistics

/// The monitor's memory as bytes: it is written every hour, so it is compact and has no text but names.
extension LineMonitor {
  /// The format of `stored`; memory of version 0.1 was JSON, which begins with "{".
  private static let format: UInt8 = 2

  var stored: [UInt8] {
    var writer = ByteWriter(reserving: 1024 + 1024 * watched.count)
    writer.write(Self.format)
    writer.write(signed: cursor)
    writer.write(optional: lookedAt) { $0.write(signed: $1.microseconds) }
    writer.write(optional: plannedDay) { $0.write(signed: $1) }
    writer.write(count: matured)
    writer.write(count: labelled)
    writer.write(count: unmonitored)
    writer.write(accuracyEffect.correlation)
    writer.write(labellingEffect.correlation)
    writer.write(each: seenCells.sorted()) { $0.write($1) }
    writer.write(each: seenClasses.sorted()) { $0.write(count: $1) }
    writer.write(each: channels.sorted { $0.key < $1.key }) { writer, channel in
      writer.write(channel.key)
      writer.write(channel.value)
    }
    writer.write(whole)
    writer.write(each: sets) { writer, set in
      writer.write(set.slice)
      writer.write(set.evidence)
    }
    return writer.bytes
  }

  /// What `stored` takes.
  public var byteCount: Int { stored.count }

  init(stored bytes: [UInt8]) throws(CompactBytesError) { self = try Self.read(bytes) }

  private static func read(_ bytes: [UInt8]) throws(CompactBytesError) -> LineMonitor {
    if bytes.first == UInt8(ascii: "{") { return try firstVersion(bytes) }
    var reader = ByteReader(bytes)
    var monitor = LineMonitor()
    let format = try reader.byte()
    guard format == Self.format else {
      throw CompactBytesError("it has format \(format), this version reads \(Self.format)")
    }
    monitor.cursor = try reader.signed()
    monitor.lookedAt = try reader.optional { (reader) throws(CompactBytesError) in
      Timestamp(microseconds: try reader.signed())
    }
    monitor.plannedDay = try reader.optional { (reader) throws(CompactBytesError) in try reader.signed() }
    monitor.matured = try reader.count()
    monitor.labelled = try reader.count()
    monitor.unmonitored = try reader.count()
    monitor.accuracyEffect = DesignEffect(correlation: try reader.number(), range: accuracyRange)
    monitor.labellingEffect = DesignEffect(correlation: try reader.number(), range: labellingRange)
    monitor.seenCells = Set(
      try reader.array(maximum: maximumCells + 1) { (reader) throws(CompactBytesError) in try reader.cell() })
    monitor.seenClasses = Set(
      try reader.array(maximum: 1 << 16) { (reader) throws(CompactBytesError) in try reader.count() })
    let channels = try reader.array(maximum: 4096) { (reader) throws(CompactBytesError) in
      (name: try reader.text(maximum: OutcomeChannel.nameBytesMax), memory: try reader.channelMemory())
    }
    for channel in channels { monitor.channels[channel.name] = channel.memory }
    monitor.whole = try reader.groupEvidence()
    let sets = try reader.array(maximum: NodePlan.maximumNodes) { (reader) throws(CompactBytesError) in
      (slice: try reader.slice(), evidence: try reader.groupEvidence())
    }
    try reader.finish()
    for set in sets { monitor.watched.add(set.slice, set.evidence) }
    return monitor
  }

  /// Of version 0.1 the place in the ledger and the groups it has seen are kept; its evidence counted by another rule.
  private static func firstVersion(_ bytes: [UInt8]) throws(CompactBytesError) -> LineMonitor {
    struct First: Decodable {
      let cursor: Int64
      let seenCells: [Cell]
      let lookedAt: Timestamp?
      let matured: Int
      let labelled: Int
    }
    guard let first = try? JSONDecoder().decode(First.self, from: Data(bytes)) else {
      throw CompactBytesError("it is no memory of version 0.1 either")
    }
    var monitor = LineMonitor()
    monitor.cursor = first.cursor
    monitor.seenCells = Set(first.seenCells)
    monitor.lookedAt = first.lookedAt
    monitor.matured = max(0, first.matured)
    monitor.labelled = max(0, first.labelled)
    return monitor
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ cell: Cell) { write(each: cell.values) { $0.write($1) } }

  fileprivate mutating func write(_ slice: PartSlice) {
    write(each: slice.values) { writer, value in writer.write(optional: value) { $0.write($1) } }
    write(each: slice.ranges) { writer, range in
      writer.write(count: range.feature)
      writer.write(optional: range.lower) { $0.write($1) }
      writer.write(optional: range.upper) { $0.write($1) }
    }
    write(optional: slice.outcome) { $0.write(count: $1) }
  }

  fileprivate mutating func write(_ memory: LineMonitor.ChannelMemory) {
    write(signed: memory.cursor)
    write(count: memory.labels)
    write(count: memory.oddLabels)
    write(memory.hasChanged)
    write(count: memory.outcomes)
    let rule = memory.rule
    write(signed: rule.begun.microseconds)
    write(optional: rule.estimatedAt) { $0.write(signed: $1.microseconds) }
    write(optional: rule.hours) { $0.write($1) }
    for delays in [rule.right, rule.wrong] { write(each: delays) { $0.write($1) } }
    for told in [rule.told.right, rule.told.wrong] { write(each: told) { $0.write(count: $1) } }
  }

  fileprivate mutating func write(_ evidence: GroupEvidence) {
    write(optional: evidence.version) { $0.write(count: $1.number) }
    write(optional: evidence.target) { $0.write($1) }
    write(evidence.isGroup)
    write(evidence.seesUnlabelled)
    write(count: evidence.matured)
    write(count: evidence.labelled)
    write(evidence.state.rawValue)
    write(optional: evidence.since) { $0.write(signed: $1.microseconds) }
    write(each: evidence.channels) { $0.write($1) }
    write(days: evidence.days)
    write(count: evidence.correct)
    write(count: evidence.wrong)
  }

  private mutating func write(days: [DayCounts]) {
    write(each: days) { writer, day in
      writer.write(signed: day.day)
      writer.write(count: day.correct)
      writer.write(count: day.wrong)
      writer.write(count: day.unlabelled)
    }
  }

  private mutating func write(_ channel: ChannelEvidence) {
    write(channel.channel)
    write(channel.sampling.rawValue)
    write(count: channel.matured)
    write(count: channel.correct)
    write(count: channel.wrong)
    write(optional: channel.voidSince) { $0.write(signed: $1) }
    write(optional: channel.anewSince) { $0.write(signed: $1) }
    write(days: channel.days)
    write(optional: channel.target) { $0.write($1) }
    for baseline in [channel.baseline, channel.labelled, channel.unlabelled] { write(baseline) }
  }

  private mutating func write(_ baseline: Baseline) {
    write(count: baseline.hits)
    write(count: baseline.misses)
    write(baseline.weights.hits)
    write(baseline.weights.misses)
    write(count: baseline.weights.days)
    write(optional: baseline.weights.lastDay) { $0.write(signed: $1) }
    write(count: baseline.stagesPassed)
    write(optional: baseline.detector) { $0.write($1) }
  }

  private mutating func write(_ target: TargetDetector) {
    switch target {
    case .plain(let detector):
      write(UInt8(0))
      write(detector)
    case .weighted(let detector):
      write(UInt8(1))
      write(detector.nullAccuracy)
      write(optional: detector.lastDay) { $0.write(signed: $1) }
      write(count: detector.restarts)
      write(detector.weightSum)
      write(detector.squareSum)
      write(each: detector.bets) { $0.write($1) }
    case .leastWrong(let detector):
      write(UInt8(2))
      write(detector)
    }
  }

  mutating func write(_ detector: ShiryaevRobertsDetector) {
    write(detector.nullAccuracy)
    write(optional: detector.lastDay) { $0.write(signed: $1) }
    write(count: detector.restarts)
    write(each: detector.bets) { $0.write($1) }
  }

  private mutating func write(_ bet: DetectorBet) {
    write(bet.logSum)
    write(bet.logLargest)
    write(bet.logPrior)
    write(optional: bet.changeDay) { $0.write(signed: $1) }
    write(count: bet.labels)
  }
}

extension ByteReader {
  fileprivate mutating func number() throws(CompactBytesError) -> Double {
    let value = try double()
    guard value.isFinite else { throw CompactBytesError("\(value) is not a number") }
    return value
  }

  fileprivate mutating func day() throws(CompactBytesError) -> Int64? {
    try optional { (reader) throws(CompactBytesError) in try reader.signed() }
  }

  fileprivate mutating func cell() throws(CompactBytesError) -> Cell {
    Cell(try array(maximum: GroupSchema.maximumAttributes) { (reader) throws(CompactBytesError) in try reader.text() })
  }

  fileprivate mutating func slice() throws(CompactBytesError) -> PartSlice {
    let values = try array(maximum: GroupSchema.maximumAttributes) { (reader) throws(CompactBytesError) in
      try reader.optional { (reader) throws(CompactBytesError) in try reader.text() }
    }
    let ranges = try array(maximum: 16) { (reader) throws(CompactBytesError) in
      FeatureRange(
        feature: try reader.count(maximum: InputShape.countMaximum),
        lower: try reader.optional { (reader) throws(CompactBytesError) in try reader.float() },
        upper: try reader.optional { (reader) throws(CompactBytesError) in try reader.float() })
    }
    let outcome = try optional { (reader) throws(CompactBytesError) in try reader.count(maximum: 1 << 16) }
    return PartSlice(values: values, ranges: ranges, outcome: outcome)
  }

  fileprivate mutating func channelMemory() throws(CompactBytesError) -> LineMonitor.ChannelMemory {
    let cursor = try signed()
    let (labels, oddLabels, hasChanged, outcomes) = (try count(), try count(), try bool(), try count())
    let begun = Timestamp(microseconds: try signed())
    let estimatedAt = try day().map { Timestamp(microseconds: $0) }
    let hours = try optional { (reader) throws(CompactBytesError) in try reader.number() }
    func delays() throws(CompactBytesError) -> [Double] {
      try array(maximum: 64) { (reader) throws(CompactBytesError) in try reader.number() }
    }
    func told() throws(CompactBytesError) -> [Int] {
      try array(maximum: 64) { (reader) throws(CompactBytesError) in try reader.count() }
    }
    let (right, wrong) = (try delays(), try delays())
    guard let all = ChannelDelays(right: try told(), wrong: try told()),
      let rule = MaturityRule(
        right: right, wrong: wrong, told: all, begun: begun, estimatedAt: estimatedAt, hours: hours)
    else { throw CompactBytesError("the delays of a channel are none") }
    return LineMonitor.ChannelMemory(
      cursor: cursor, rule: rule, labels: labels, oddLabels: oddLabels, outcomes: outcomes, hasChanged: hasChanged)
  }

  fileprivate mutating func groupEvidence() throws(CompactBytesError) -> GroupEvidence {
    let version = try optional { (reader) throws(CompactBytesError) in ModelVersion(try reader.count()) }
    let target = try optional { (reader) throws(CompactBytesError) in try reader.number() }
    let (isGroup, seesUnlabelled) = (try bool(), try bool())
    let (matured, labelled) = (try count(), try count())
    guard let state = GroupState(rawValue: try text(maximum: 16)) else { throw CompactBytesError("no such state") }
    let since = try day().map { Timestamp(microseconds: $0) }
    let channels = try array(maximum: 4096) { (reader) throws(CompactBytesError) in
      try reader.channelEvidence()
    }
    return GroupEvidence(
      version: version, target: target, isGroup: isGroup, seesUnlabelled: seesUnlabelled, matured: matured,
      labelled: labelled,
      channels: channels, days: try dayCounts(), correct: try count(), wrong: try count(), state: state,
      since: since)
  }

  private mutating func channelEvidence() throws(CompactBytesError) -> ChannelEvidence {
    let name = try text(maximum: OutcomeChannel.nameBytesMax)
    guard let sampling = ChannelSampling(rawValue: try text(maximum: 32)) else {
      throw CompactBytesError("no such sampling")
    }
    let (matured, correct, wrong) = (try count(), try count(), try count())
    let (voidSince, anewSince) = (try day(), try day())
    let days = try dayCounts()
    let target = try optional { (reader) throws(CompactBytesError) in try reader.targetDetector() }
    return ChannelEvidence(
      channel: name, sampling: sampling, matured: matured, correct: correct, wrong: wrong, days: days, target: target,
      baseline: try baseline(.accuracy), labelled: try baseline(.labelled), unlabelled: try baseline(.unlabelled),
      voidSince: voidSince, anewSince: anewSince)
  }

  private mutating func dayCounts() throws(CompactBytesError) -> [DayCounts] {
    try array(maximum: ChannelEvidence.keptDays) { (reader) throws(CompactBytesError) in
      DayCounts(
        day: try reader.signed(), correct: try reader.count(), wrong: try reader.count(),
        unlabelled: try reader.count())
    }
  }

  private mutating func baseline(_ question: Baseline.Question) throws(CompactBytesError) -> Baseline {
    let (hits, misses) = (try count(), try count())
    let weights = Baseline.Weights(
      hits: try number(), misses: try number(), days: try count(), lastDay: try day())
    let stages = try count()
    let detector = try optional { (reader) throws(CompactBytesError) in try reader.detector() }
    guard
      let baseline = Baseline(
        question: question, hits: hits, misses: misses, weights: weights, stagesPassed: stages, detector: detector)
    else { throw CompactBytesError("no such baseline") }
    return baseline
  }

  private mutating func targetDetector() throws(CompactBytesError) -> TargetDetector {
    switch try byte() {
    case 0: return .plain(try detector())
    case 1: return .weighted(try weightedDetector())
    case 2: return .leastWrong(try detector())
    case let other: throw CompactBytesError("no such detector: \(other)")
    }
  }

  mutating func detector() throws(CompactBytesError) -> ShiryaevRobertsDetector {
    let null = try number()
    let lastDay = try day()
    let restarts = try count()
    let bets = try bets()
    guard
      let detector = ShiryaevRobertsDetector(nullAccuracy: null, lastDay: lastDay, restarts: restarts, bets: bets)
    else { throw CompactBytesError("not the state of a detector") }
    return detector
  }

  private mutating func weightedDetector() throws(CompactBytesError) -> WeightedDetector {
    let null = try number()
    let lastDay = try day()
    let restarts = try count()
    let (weightSum, squareSum) = (try number(), try number())
    guard
      let detector = WeightedDetector(
        nullAccuracy: null, lastDay: lastDay, restarts: restarts, bets: try bets(), weightSum: weightSum,
        squareSum: squareSum)
    else { throw CompactBytesError("not the state of a detector") }
    return detector
  }

  private mutating func bets() throws(CompactBytesError) -> [DetectorBet] {
    try array(maximum: 16) { (reader) throws(CompactBytesError) in
      DetectorBet(
        logSum: try reader.number(), logLargest: try reader.number(), logPrior: try reader.number(),
        changeDay: try reader.day(), labels: try reader.count())
    }
  }
}
