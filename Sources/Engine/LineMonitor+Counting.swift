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

  public init(
    definition: LineDefinition, settings: LineSettings, adopted: [PartSlice] = [], retired: Set<PartSlice> = []
  ) {
    self.definition = definition
    self.settings = settings
    self.adopted = adopted
    self.retired = retired
  }
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
    var looks = Looks()
    for row in rows {
      if pass.isMain {
        matured += 1
        if row.label != nil { labelled += 1 }
      }
      guard row.version == serving(row.cell) else { continue }
      admit(row, rules: rules, serving: serving)
      for name in pass.channels where row.channel == name { noteProbability(row, channel: name, rules.settings) }
      watched.forEach(of: row.cell, label: row.label, inputs: row.inputs ?? []) { set in
        looks.add(row, set: set, pass: pass)
      }
    }
    absorb(looks, rules: rules)
  }

  private mutating func noteProbability(_ row: MaturedPrediction, channel: String, _ settings: LineSettings) {
    guard let told = row.samplingProbability, told != settings.samplingProbability(of: channel) else { return }
    channels[channel]?.isWeighted = true
  }

  /// A group seen for the first time is watched at once, as long as there is room.
  private mutating func admit(_ row: MaturedPrediction, rules: CountingRules, serving: (Cell) -> ModelVersion) {
    let schema = rules.definition.schema
    if let label = row.label { seenClasses.insert(label) }
    guard !schema.includesOutcome || row.label != nil else { return }
    let slice = PartSlice(values: row.cell.values, outcome: schema.includesOutcome ? row.label : nil)
    guard !watched.contains(slice), !rules.retired.contains(slice) else { return }
    guard watched.count < NodePlan.maximumNodes else {
      unmonitored += 1
      return
    }
    watched.add(slice, fresh(slice, rules.settings, schema, serving: serving))
  }

  /// What is known of a set before its first part.
  func fresh(_ slice: PartSlice, _ settings: LineSettings, _ schema: GroupSchema, serving: (Cell) -> ModelVersion)
    -> GroupEvidence
  {
    GroupEvidence(
      version: slice.cell.map(serving), target: Self.target(of: slice, settings, schema),
      seesUnlabelled: slice.outcome == nil)
  }

  private mutating func absorb(_ looks: Looks, rules: CountingRules) {
    for (set, counts) in looks.matured { watched.evidence[set].count(matured: counts.parts, labelled: counts.labels) }
    for key in looks.order {
      guard let counts = looks.counts[key] else { continue }
      let name = key.channel
      let evidence = watched.evidence[key.set]
      let labels = counts.correct + counts.wrong
      let today = evidence.channels.first { $0.channel == name }?.days.last { $0.day == counts.day }
      let daily = max(evidence.labelsPerDay(name), Double((today?.total ?? 0) + labels))
      let parts = Double((today.map { $0.total + $0.unlabelled } ?? 0) + counts.parts)
      watched.evidence[key.set].absorb(
        counts, channel: name, sampling: sampling(name, rules.settings),
        inflation: Inflation(
          accuracy: accuracyEffect.inflation(labelsPerActiveDay: daily),
          labelling: labellingEffect.inflation(labelsPerActiveDay: parts)))
    }
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
    let members = sets.compactMap { set -> NodePlan.Member? in
      guard let group = rules.definition.group(of: set.slice) else { return nil }
      return NodePlan.Member(group: group, weeklyLabels: set.evidence.labels(lastDays: 7, until: latestDay))
    }
    let plan = planNodes(
      members, schema: schema, adopted: rules.adopted, classes: seenClasses.sorted(), retired: rules.retired)
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
    accuracyEffect = DesignEffect(estimatedFrom: accuracy)
    labellingEffect = DesignEffect(
      estimatedFrom: labelling, default: Self.labellingCorrelation, range: Self.labellingRange)
  }
}

/// What rows add to sets, by channel and day.
private struct Looks {
  struct Key: Hashable {
    let set: Int
    let channel: String
    let day: Int64
  }

  private(set) var matured: [Int: (parts: Int, labels: Int)] = [:]
  private(set) var counts: [Key: ChannelCounts] = [:]
  /// Keys in order of their first row.
  private(set) var order: [Key] = []

  mutating func add(_ row: MaturedPrediction, set: Int, pass: LineMonitor.Pass) {
    if pass.isMain {
      matured[set, default: (0, 0)].parts += 1
      if row.label != nil { matured[set]?.labels += 1 }
    }
    for name in pass.channels {
      let key = Key(set: set, channel: name, day: row.time.day)
      if counts[key] == nil { order.append(key) }
      counts[key, default: ChannelCounts(day: key.day)].add(row, channel: name)
    }
  }
}

extension ChannelCounts {
  fileprivate mutating func add(_ row: MaturedPrediction, channel: String) {
    guard row.channel == channel, let label = row.label else {
      unlabelled += 1
      return
    }
    let weight = row.samplingProbability.map { 1 / $0 }
    if label == row.predictedClass {
      correct += 1
      if let weight { correctWeights.append(weight) }
    } else {
      wrong += 1
      if let weight { wrongWeights.append(weight) }
    }
  }
}
