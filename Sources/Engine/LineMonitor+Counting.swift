import Domain
import Policy
import Statistics

/// What the monitor must know to count a row.
public struct CountingRules: Sendable {
  let definition: LineDefinition
  let settings: LineSettings
  /// What an operator wants watched besides, and what no more.
  let adopted: [PartSlice]
  let retired: Set<PartSlice>
  let aliases: ValueAliases

  public init(
    definition: LineDefinition, settings: LineSettings, adopted: [PartSlice] = [], retired: Set<PartSlice> = [],
    aliases: ValueAliases = ValueAliases()
  ) {
    self.definition = definition
    self.settings = settings
    self.adopted = adopted
    self.retired = retired
    self.aliases = aliases
  }

  /// Parts of a cell that an operator took out of monitoring count nowhere.
  func isRetired(_ cell: Cell) -> Bool { !retired.isEmpty && retired.contains(PartSlice(values: cell.values)) }
}

extension LineMonitor {
  /// Whether rows are to be read with their measurements.
  var needsInputs: Bool { watched.hasRanges }

  /// Counts rows of a pass, oldest first, and moves its cursors. Rows of a student that no longer serves its cell move
  /// the cursors only: their evidence went with that student.
  mutating func absorb(
    _ rows: [MaturedPrediction], pass: inout Pass, rules: CountingRules, serving: (Cell) -> ModelVersion
  ) {
    guard let last = rows.last else { return }
    pass.cursor = last.row
    if pass.isMain { cursor = last.row }
    for name in pass.channels { channels[name]?.cursor = last.row }
    var looks = Looks(
      sets: watched.count + 1, channels: pass.channels,
      weighted: pass.channels.map { sampling($0, rules.settings) == .weighted }, countsMatured: pass.isMain,
      lastDay: lookedAt?.day ?? .max)
    for row in rows {
      if pass.isMain {
        matured += 1
        if row.label != nil { labelled += 1 }
      }
      let cell = rules.aliases.isEmpty ? row.cell : rules.aliases.canonical(row.cell)
      guard row.version == serving(cell), !rules.isRetired(cell) else { continue }
      if admit(cell, label: row.label, isMain: pass.isMain, rules: rules, serving: serving) {
        looks.grow(sets: watched.count + 1)
      }
      for name in pass.channels { noteProbability(row, channel: name, rules.settings) }
      looks.add(row, set: 0)
      watched.forEach(of: cell, label: row.label, inputs: row.inputs ?? []) { set in looks.add(row, set: set + 1) }
    }
    absorb(looks, rules: rules)
  }

  private mutating func noteProbability(_ row: MaturedPrediction, channel: String, _ settings: LineSettings) {
    guard let said = row.said(by: channel) else { return }
    channels[channel]?.labels += 1
    if let told = said.samplingProbability, told != settings.samplingProbability(of: channel) {
      channels[channel]?.oddLabels += 1
    }
  }

  /// A group seen for the first time is watched at once; where there is no room, the next plan gives it that of a node.
  /// - Returns: true when there is one set more.
  private mutating func admit(
    _ cell: Cell, label: Int?, isMain: Bool, rules: CountingRules, serving: (Cell) -> ModelVersion
  ) -> Bool {
    let schema = rules.definition.schema
    if let label { seenClasses.insert(label) }
    if !schema.includesOutcome, watched.holdsCell(cell) { return false }
    guard !schema.includesOutcome || label != nil else { return false }
    let slice = PartSlice(values: cell.values, outcome: schema.includesOutcome ? label : nil)
    guard !watched.contains(slice), !rules.retired.contains(slice) else { return false }
    seenCells.insert(cell)
    guard watched.count < NodePlan.maximumNodes else {
      if isMain { unmonitored += 1 }
      if refused[slice] != nil || refused.count < Self.refusedMaximum {
        refused[slice, default: 0] += label == nil || !isMain ? 0 : 1
      }
      return false
    }
    watched.add(slice, fresh(slice, rules.settings, schema, serving: serving))
    return true
  }

  /// What is known of a set before its first part.
  func fresh(_ slice: PartSlice, _ settings: LineSettings, _ schema: GroupSchema, serving: (Cell) -> ModelVersion)
    -> GroupEvidence
  {
    GroupEvidence(
      version: slice.cell.map(serving), target: Self.target(of: slice, settings, schema),
      isGroup: slice.cell != nil && (slice.outcome != nil) == schema.includesOutcome,
      seesUnlabelled: slice.outcome == nil)
  }

  private mutating func absorb(_ looks: Looks, rules: CountingRules) {
    for (set, counts) in looks.matured.enumerated().dropFirst() where counts.parts > 0 {
      watched.evidence[set - 1].count(matured: counts.parts, labelled: counts.labels)
    }
    looks.forEach { set, name, counts in
      let way = looks.isWeighted(name) ? .weighted : sampling(name, rules.settings, isWeighted: false)
      if set == 0 {
        whole.absorb(counts, channel: name, sampling: way, inflation: inflation(whole, counts, by: name))
      } else {
        let evidence = watched.evidence[set - 1]
        watched.evidence[set - 1].absorb(
          counts, channel: name, sampling: way, inflation: inflation(evidence, counts, by: name))
      }
    }
  }

  private func inflation(_ evidence: GroupEvidence, _ counts: ChannelCounts, by name: String) -> Inflation {
    let today = evidence.channels.first { $0.channel == name }?.days.last { $0.day == counts.day }
    let mean = evidence.perDay(name)
    let labels = max(mean.labels, Double((today?.total ?? 0) + counts.correct + counts.wrong))
    let parts = max(mean.parts, Double((today.map { $0.total + $0.unlabelled } ?? 0) + counts.parts))
    return Inflation(
      accuracy: accuracyEffect.inflation(labelsPerActiveDay: labels),
      parts: accuracyEffect.inflation(labelsPerActiveDay: parts),
      labelling: labellingEffect.inflation(labelsPerActiveDay: parts))
  }

  // MARK: - Once a day

  /// Looks again at what is worth watching and how much a day's outcomes hang together; nothing on the same day.
  mutating func plan(at now: Timestamp, rules: CountingRules, serving: (Cell) -> ModelVersion) {
    guard plannedDay != now.day else { return }
    plannedDay = now.day
    replan(at: now, rules: rules, serving: serving)
    estimateEffects(rules.definition)
  }

  /// As `plan`, on any day: an operator changed what is watched.
  mutating func replan(at now: Timestamp, rules: CountingRules, serving: (Cell) -> ModelVersion) {
    let schema = rules.definition.schema
    var members = sets.compactMap { set -> NodePlan.Member? in
      guard let group = rules.definition.group(of: set.slice), rules.aliases.canonical(group.cell) == group.cell else {
        return nil
      }
      return NodePlan.Member(
        group: group, weeklyLabels: set.evidence.labels(lastDays: 7, until: latestDay),
        monthlyLabels: set.evidence.labels(lastDays: 28, until: latestDay))
    }
    members += refused.sorted { $0.key < $1.key }.compactMap { slice, labels in
      rules.definition.group(of: slice).map { NodePlan.Member(group: $0, weeklyLabels: labels) }
    }
    refused = [:]
    let alarming = sets.filter { $0.evidence.state == .lagging || $0.evidence.state == .watch }.map(\.slice)
      .filter { !rules.aliases.replaces($0) }
    let plan = planNodes(
      members, schema: schema, adopted: rules.adopted, classes: seenClasses.sorted(), retired: rules.retired,
      watched: Set(watched.slices), alarming: Set(alarming))
    watched.keep(Set(plan.slices))
    for slice in plan.slices where !watched.contains(slice) {
      watched.add(slice, fresh(slice, rules.settings, schema, serving: serving))
    }
  }

  /// The last day that has been counted: what is younger has not matured.
  private var latestDay: Int64 {
    watched.evidence.lazy.flatMap(\.channels).compactMap(\.days.last?.day).max() ?? 0
  }

  /// Pooled over the groups that are quiet: a real drop is not day-to-day noise and must not dampen its own evidence
  /// (`monitoring.md` 6.3b).
  private mutating func estimateEffects(_ definition: LineDefinition) {
    var accuracy: [DayCount] = []
    var labelling: [DayCount] = []
    var index = 0
    for set in sets where definition.group(of: set.slice) != nil {
      guard set.evidence.state == .ok || set.evidence.state == .unknown else { continue }
      for channel in set.evidence.channels {
        index += 1
        for day in channel.days {
          accuracy.append(DayCount(group: index, day: day.day, correct: day.correct, total: day.total))
          labelling.append(
            DayCount(group: index, day: day.day, correct: day.total, total: day.total + day.unlabelled))
        }
      }
    }
    accuracyEffect = DesignEffect(estimatedFrom: accuracy, range: Self.accuracyRange)
    labellingEffect = DesignEffect(
      estimatedFrom: labelling, default: Self.labellingCorrelation, range: Self.labellingRange)
  }
}

/// What rows add to sets, by channel and day: for each day one table of sets and channels. Set 0 is the whole line.
private struct Looks {
  private let channels: [String]
  /// Of each channel, whether its parts have probabilities of their own.
  private let weighted: [Bool]
  private let countsMatured: Bool
  private var sets: Int
  private(set) var matured: [(parts: Int, labels: Int)]
  private var days: [Int64] = []
  private var tables: [[ChannelCounts]] = []
  private var latest = 0
  /// Rows of a wrong clock count for today: a day in the future would end all restarts.
  private let lastDay: Int64

  init(sets: Int, channels: [String], weighted: [Bool], countsMatured: Bool, lastDay: Int64) {
    self.weighted = weighted
    self.lastDay = lastDay
    self.sets = sets
    self.channels = channels
    self.countsMatured = countsMatured
    matured = Array(repeating: (0, 0), count: sets)
  }

  mutating func grow(sets: Int) {
    matured += Array(repeating: (0, 0), count: sets - self.sets)
    for table in tables.indices {
      let empty = ChannelCounts(day: days[table])
      tables[table] += Array(repeating: empty, count: (sets - self.sets) * channels.count)
    }
    self.sets = sets
  }

  mutating func add(_ row: MaturedPrediction, set: Int) {
    if countsMatured {
      matured[set].parts += 1
      if row.label != nil { matured[set].labels += 1 }
    }
    guard !channels.isEmpty else { return }
    let table = table(of: min(row.time.day, lastDay))
    for (index, name) in channels.enumerated() {
      tables[table][set * channels.count + index].add(row, channel: name, isWeighted: weighted[index])
    }
  }

  private mutating func table(of day: Int64) -> Int {
    if days.indices.contains(latest), days[latest] == day { return latest }
    if let known = days.firstIndex(of: day) {
      latest = known
    } else {
      latest = days.count
      days.append(day)
      tables.append(Array(repeating: ChannelCounts(day: day), count: sets * channels.count))
    }
    return latest
  }

  func isWeighted(_ channel: String) -> Bool {
    channels.firstIndex(of: channel).map { weighted[$0] } ?? false
  }

  /// Days in the order of their first rows.
  func forEach(_ body: (_ set: Int, _ channel: String, ChannelCounts) -> Void) {
    for table in tables {
      for (index, counts) in table.enumerated() where counts.parts > 0 {
        body(index / channels.count, channels[index % channels.count], counts)
      }
    }
  }
}

extension ChannelCounts {
  fileprivate mutating func add(_ row: MaturedPrediction, channel: String, isWeighted: Bool) {
    guard let said = row.said(by: channel) else {
      unlabelled += 1
      return
    }
    let isRight = said.label == row.predictedClass
    if isRight { correct += 1 } else { wrong += 1 }
    if row.channel == channel {
      if isRight { rulingCorrect += 1 } else { rulingWrong += 1 }
    }
    guard isWeighted else { return }
    // One that nobody knows counts for itself alone, which accuses nobody.
    let weight = said.samplingProbability.map { 1 / $0 } ?? 1
    if isRight { correctWeights.append(weight) } else { wrongWeights.append(weight) }
  }
}
