import Domain
import Policy
import Statistics

/// The monitor's memory of one line: a value that survives restarts as stored bytes.
///
/// It counts each part once for every channel that has had the time to speak of it, in every set of parts it watches.
public struct LineMonitor: Sendable, Equatable {
  /// The last row of the ledger that has been counted as matured.
  var cursor: Int64 = 0
  var channels: [String: ChannelMemory] = [:]
  var watched = WatchedSets()
  /// All parts of the line, to see who is labelled; no set of its own.
  var whole = GroupEvidence(version: nil, target: nil, isGroup: false)
  /// Cells that were announced, or known from training.
  var seenCells: Set<Cell> = []
  var seenClasses: Set<Int> = []
  /// The line's time at the last look: outcomes may be later than any prediction.
  var lookedAt: Timestamp?
  var plannedDay: Int64?
  public internal(set) var matured = 0
  public internal(set) var labelled = 0
  /// Parts of groups past the bound, which the nodes above them count.
  public internal(set) var unmonitored = 0
  /// Groups that found no room since the last plan, with their labels.
  var refused: [PartSlice: Int] = [:]
  /// Of them, told apart: more come only from a gateway that sends something like a serial number.
  static let refusedMaximum = 1000
  var accuracyEffect = DesignEffect()
  var labellingEffect = DesignEffect(correlation: labellingCorrelation, range: labellingRange)

  /// Whether a part is labelled hangs on who is at work that day.
  static let labellingCorrelation = 0.02
  static let labellingRange = 0.0005...0.5
  static let accuracyRange = 0.0005...0.05

  /// Cells told apart per line; further ones are stored under `overflowCell`.
  static let maximumCells = 1000

  public init() {}

  /// What is known of a channel of outcomes.
  struct ChannelMemory: Sendable, Equatable {
    /// The last row that has been counted for it.
    var cursor: Int64
    var rule: MaturityRule
    /// Labelled parts since the last estimate, and those of them with another probability than the settings say.
    var labels = 0
    var oddLabels = 0
    /// Outcomes that the ledger had from it at the last look.
    var outcomes = 0
    /// It has begun to label other parts than before, once: they are not taken to be like the others any more.
    var hasChanged = false

    /// Its parts have probabilities of their own: one in twenty at least.
    var isWeighted: Bool { oddLabels * 20 >= max(labels, 20) }
  }

  mutating func see(_ cell: Cell) { seenCells.insert(cell) }

  var isFull: Bool { seenCells.count >= Self.maximumCells }

  /// Where the parts of cells past the bound are counted.
  static func overflowCell(_ schema: GroupSchema) -> Cell {
    Cell(schema.attributes.map { _ in "(other)" })
  }

  // MARK: - Channels

  /// Takes note of channels that have spoken, from the rows on that have not been counted yet.
  mutating func meet(_ names: some Sequence<String>, at now: Timestamp) {
    for name in names where channels[name] == nil {
      channels[name] = ChannelMemory(cursor: cursor, rule: MaturityRule(begun: now))
    }
  }

  func isEstimateDue(_ settings: LineSettings, at now: Timestamp) -> Bool {
    settings.maturityHours == nil && channels.values.contains { $0.rule.isDue(now) }
  }

  /// - Parameter delays: of each channel, for each cell all outcomes so far by how long they took.
  mutating func learn(_ delays: [String: [ChannelDelays]], at now: Timestamp) {
    for name in channels.keys where channels[name]?.rule.isDue(now) == true {
      let cells = delays[name] ?? []
      let total = cells.reduce(into: ChannelDelays()) { $0.add($1) }
      channels[name]?.rule.estimate(total, cells: cells, now: now)
      channels[name]?.outcomes = total.total
      // What the probabilities were a week ago is forgotten by half.
      channels[name]?.labels /= 2
      channels[name]?.oddLabels /= 2
    }
  }

  /// Hours until a part counts for a channel; nil while they are learned.
  func maturityHours(_ channel: String, _ settings: LineSettings) -> Double? {
    settings.maturityHours ?? channels[channel]?.rule.hours
  }

  /// Hours until a part counts at all: those of the channel that has told most; nil while they are learned.
  public func maturityHours(_ settings: LineSettings) -> Double? {
    if let hours = settings.maturityHours { return hours }
    let main = channels.sorted { $0.key < $1.key }.max { $0.value.outcomes < $1.value.outcomes }
    guard let main else { return MaturityRule.hoursUntold }
    return main.value.rule.hours
  }

  /// How the parts of a channel come to it.
  public func sampling(_ channel: String, _ settings: LineSettings) -> ChannelSampling {
    sampling(channel, settings, isWeighted: channels[channel]?.isWeighted == true)
  }

  func sampling(_ channel: String, _ settings: LineSettings, isWeighted: Bool) -> ChannelSampling {
    if isWeighted { return .weighted }
    if settings.channels.isEmpty { return channels[channel]?.hasChanged == true ? .chosen : .assumed }
    return settings.samplingProbability(of: channel) != nil ? .representative : .chosen
  }

  /// What is to be read of the ledger: rows after one, up to an age, for some channels.
  struct Pass: Sendable, Equatable {
    var cursor: Int64
    let hours: Double
    var channels: [String]
    /// Rows are counted as matured too.
    var isMain: Bool
  }

  /// Channels that have come equally far are read together.
  func passes(_ settings: LineSettings) -> [Pass] {
    var passes: [Pass] = []
    if let hours = maturityHours(settings) {
      passes.append(Pass(cursor: cursor, hours: hours, channels: [], isMain: true))
    }
    for (name, memory) in channels.sorted(by: { $0.key < $1.key }) {
      guard let hours = maturityHours(name, settings) else { continue }
      if let index = passes.firstIndex(where: { $0.cursor == memory.cursor && $0.hours == hours }) {
        passes[index].channels.append(name)
      } else {
        passes.append(Pass(cursor: memory.cursor, hours: hours, channels: [name], isMain: false))
      }
    }
    return passes
  }

  /// Whether there is more to store than the time of the last look.
  func hasNews(since before: LineMonitor) -> Bool {
    cursor != before.cursor || channels != before.channels || plannedDay != before.plannedDay
      || watched != before.watched || whole != before.whole
  }

  /// The last row that nothing will be read of any more.
  var countedThrough: Int64 { channels.values.reduce(cursor) { min($0, $1.cursor) } }

  // MARK: - Looking

  /// What a look reads: the ledger's answers, or those of a simulated one.
  public struct Source {
    let channelNames: () throws(StorageFailure) -> [String]
    /// Of each channel, for each cell.
    let delays: () throws(StorageFailure) -> [String: [ChannelDelays]]
    /// Rows after one, up to a time; fewer than there are where they are many.
    let matured: Rows
    /// Told of the rows that count as matured.
    let seen: ([MaturedPrediction], _ watermark: Timestamp) -> Void

    public typealias Rows = (_ after: Int64, _ watermark: Timestamp, _ withInputs: Bool) throws(StorageFailure) ->
      [MaturedPrediction]

    public init(
      channelNames: @escaping () throws(StorageFailure) -> [String],
      delays: @escaping () throws(StorageFailure) -> [String: [ChannelDelays]], matured: @escaping Rows,
      seen: @escaping ([MaturedPrediction], _ watermark: Timestamp) -> Void = { _, _ in }
    ) {
      self.channelNames = channelNames
      self.delays = delays
      self.matured = matured
      self.seen = seen
    }
  }

  /// Rows that one look counts: at three microseconds a row the thread that answers outcomes is held for a sixth of a
  /// second at most.
  static let rowsMaximum = 50_000

  /// Counts what has matured by now, by the rules of each channel.
  /// - Returns: false when more is left than one look counts.
  @discardableResult
  public mutating func look(
    at now: Timestamp, rules: CountingRules, source: Source, serving: (Cell) -> ModelVersion
  ) throws(StorageFailure) -> Bool {
    lookedAt = now
    var counted = 0
    meet(try source.channelNames(), at: now)
    if isEstimateDue(rules.settings, at: now) { learn(try source.delays(), at: now) }
    plan(at: now, rules: rules, serving: serving)
    for var pass in passes(rules.settings) {
      let watermark = now.advanced(hours: -pass.hours)
      while true {
        let rows = try source.matured(pass.cursor, watermark, needsInputs)
        if rows.isEmpty { break }
        if pass.isMain { source.seen(rows, watermark) }
        absorb(rows, pass: &pass, rules: rules, serving: serving)
        counted += rows.count
        if counted >= Self.rowsMaximum { return false }
      }
    }
    return true
  }

  // MARK: - Judging

  /// Armed detectors of accuracy, and of the share of labelled parts.
  public var armed: ArmedCounts {
    var armed = ArmedCounts()
    armed.labelling = whole.armedLabelling
    return watched.evidence.reduce(into: armed) {
      let primary = $1.primaryCount
      $0.primary += primary
      $0.secondary += $1.armedCount - primary
      $0.labelling += $1.armedLabelling
    }
  }

  /// Judges every set and moves its state; returns those whose state changed, with the new assessment.
  public mutating func judge(
    levels: AlarmLevels, at time: Timestamp, signs: (PartSlice) -> [EarlySign] = { _ in [] }
  ) -> [Transition] {
    var transitions: [Transition] = []
    whole.voidMovedChannels(level: levels.labelling)
    for channel in whole.channels where channel.voidSince != nil { channels[channel.channel]?.hasChanged = true }
    for index in watched.evidence.indices {
      let slice = watched.slices[index]
      let hints = signs(slice)
      let before = watched.evidence[index].state
      var isOpen = false
      // What lagged before somebody looked closer still lags.
      if before != .lagging {
        watched.evidence[index].voidMovedChannels(level: levels.labelling)
        watched.evidence[index].follow(whole)
      }
      var state = Policy.judge(watched.evidence[index], levels: levels, signs: hints)
      if state == .lagging, before != .lagging {
        isOpen = !watched.evidence[index].looksCloser(levels: levels, whole: whole)
        state = Policy.judge(watched.evidence[index], levels: levels, signs: hints, isOpen: isOpen)
      }
      guard state != before else { continue }
      let assessment = assess(watched.evidence[index], levels: levels, signs: hints, isOpen: isOpen)
      transitions.append(Transition(slice: slice, from: before, assessment: assessment))
      watched.evidence[index].enter(state, at: time)
    }
    return transitions.sorted { $0.slice < $1.slice }
  }

  public var sets: [(slice: PartSlice, evidence: GroupEvidence)] {
    Array(zip(watched.slices, watched.evidence))
  }

  public func evidence(of slice: PartSlice) -> GroupEvidence? { watched.evidence(of: slice) }

  /// Sets that lag now.
  func lagging(_ levels: AlarmLevels) -> [LaggingSet] {
    sets.filter { $0.evidence.state == .lagging }.map {
      LaggingSet(slice: $0.slice, evidence: $0.evidence, assessment: assess($0.evidence, levels: levels))
    }
  }

  // MARK: - Other students, other targets, other sets

  /// Forgets what is known of all sets with parts of these cells, because another student serves them now.
  mutating func reset(cells: Set<Cell>, version: (Cell) -> ModelVersion, settings: LineSettings, _ schema: GroupSchema)
  {
    for index in watched.slices.indices where cells.contains(where: watched.slices[index].covers) {
      watched.evidence[index] = fresh(watched.slices[index], settings, schema, serving: version)
    }
  }

  /// Forgets evidence about students that do not serve its cell: a promotion whose new evidence a power cut took away.
  mutating func dropEvidence(
    ofOthersThan version: (Cell) -> ModelVersion, settings: LineSettings, _ schema: GroupSchema
  ) {
    let stale = sets.compactMap { set in set.slice.cell.flatMap { set.evidence.version == version($0) ? nil : $0 } }
    reset(cells: Set(stale), version: version, settings: settings, schema)
  }

  mutating func apply(_ settings: LineSettings, _ schema: GroupSchema) {
    for index in watched.slices.indices {
      let target = Self.target(of: watched.slices[index], settings, schema)
      if watched.evidence[index].target != target { watched.evidence[index].setTarget(target) }
    }
  }

  /// A true class that groups do not hold is held to its own beginning: no operator has promised that each class be
  /// found as often as answers are right.
  static func target(of slice: PartSlice, _ settings: LineSettings, _ schema: GroupSchema) -> Double? {
    slice.outcome != nil && !schema.includesOutcome ? nil : settings.targetAccuracy
  }
}

/// Detectors that can raise an alarm now.
public struct ArmedCounts: Sendable, Equatable {
  public var primary = 0
  public var secondary = 0
  /// Of a change in who is labelled.
  public var labelling = 0

  public init() {}

  public mutating func add(_ other: ArmedCounts) {
    primary += other.primary
    secondary += other.secondary
    labelling += other.labelling
  }

  public func levels(falseAlarmsPerYear: Double) -> AlarmLevels {
    AlarmLevels(
      primary: primary, secondary: secondary, labelling: labelling, falseAlarmsPerYear: falseAlarmsPerYear)
  }
}

public struct Transition: Sendable, Equatable {
  public let slice: PartSlice
  public let from: GroupState
  public let assessment: Assessment
}
