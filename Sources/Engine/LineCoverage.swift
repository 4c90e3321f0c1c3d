import Domain

/// What the ledger knows of a line's outcomes, from totals alone.
public struct LedgerCoverage: Sendable, Equatable {
  public struct CellRow: Sendable, Equatable {
    public let cell: Cell
    /// Rows that are there, and those of them with an outcome.
    public let predictions: Int
    public let outcomes: Int
    /// Counted once a part, with its first outcome; also of parts that are gone.
    public let delays: [OutcomeDelay: Int]

    public init(cell: Cell, predictions: Int, outcomes: Int, delays: [OutcomeDelay: Int]) {
      self.cell = cell
      self.predictions = predictions
      self.outcomes = outcomes
      self.delays = delays
    }
  }

  public struct ChannelRow: Sendable, Equatable {
    public let name: String
    public let isDeclared: Bool
    /// Parts that it spoke of, and those of them of which it says otherwise than what is in force.
    public let outcomes: Int
    public let conflicts: Int

    public init(name: String, isDeclared: Bool, outcomes: Int, conflicts: Int) {
      self.name = name
      self.isDeclared = isDeclared
      self.outcomes = outcomes
      self.conflicts = conflicts
    }
  }

  public let cells: [CellRow]
  /// The most trusted first.
  public let channels: [ChannelRow]
  /// Parts with an outcome and without a prediction.
  public let waiting: Int

  public init(cells: [CellRow], channels: [ChannelRow], waiting: Int) {
    self.cells = cells
    self.channels = channels
    self.waiting = waiting
  }
}

/// How many of a line's parts have an outcome, how long outcomes take, and who tells them.
public struct LineCoverage: Sendable, Equatable {
  public struct Row: Sendable, Equatable {
    /// nil for the whole line.
    public let name: String?
    public let predictions: Int
    public let outcomes: Int
    public let delays: DelayCurve

    /// nil without parts.
    public var share: Double? { predictions > 0 ? Double(outcomes) / Double(predictions) : nil }
  }

  public struct Channel: Sendable, Equatable {
    public let told: LedgerCoverage.ChannelRow
    /// As the settings have it.
    public let samplingProbability: Double?
  }

  /// nil while it is learned.
  public let maturityHours: Double?
  let isFixed: Bool
  public let total: Row
  /// By name.
  public let groups: [Row]
  /// The most trusted first.
  public let channels: [Channel]
  public let waiting: Int

  init(_ ledger: LedgerCoverage, definition: LineDefinition, settings: LineSettings, maturityHours: Double?) {
    self.maturityHours = maturityHours
    isFixed = settings.maturityHours != nil
    groups = ledger.cells.sorted { $0.cell < $1.cell }.map {
      Row(
        name: definition.text($0.cell), predictions: $0.predictions, outcomes: $0.outcomes,
        delays: DelayCurve($0.delays))
    }
    total = Row(
      name: nil, predictions: ledger.cells.reduce(0) { $0 + $1.predictions },
      outcomes: ledger.cells.reduce(0) { $0 + $1.outcomes },
      delays: ledger.cells.reduce(into: DelayCurve([:])) { $0.add(DelayCurve($1.delays)) })
    channels = ledger.channels.map {
      Channel(told: $0, samplingProbability: settings.samplingProbability(of: $0.name))
    }
    waiting = ledger.waiting
  }

  /// How the delays fit maturity_hours.
  public var sentence: String {
    guard isFixed else {
      guard let maturityHours else {
        return "how long outcomes take is being learned, for a week from the first one; until then no part counts "
          + "(maturity_hours would fix it)"
      }
      return "parts count when they are \(DelayCurve.text(maturityHours)) h old, learned from how long outcomes take"
    }
    return total.delays.sentence(maturityHours: maturityHours ?? 0)
  }
}

/// First outcomes by how long they took.
public struct DelayCurve: Sendable, Equatable {
  private var counts: [Int]

  /// Fewer say too little of a share of one in a hundred.
  static let countMinimum = 100
  /// A maturity that loses less than this is long enough.
  private static let lossAccepted = 0.01
  /// The largest that the settings take.
  private static let maturityHoursMax = 720.0

  init(_ delays: [OutcomeDelay: Int]) { counts = OutcomeDelay.all.map { delays[$0] ?? 0 } }

  mutating func add(_ other: DelayCurve) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  public var total: Int { counts.reduce(0, +) }

  /// Outcomes that came within the hours, which are bounds of buckets; nil for others.
  public func count(withinHours hours: Double) -> Int? {
    OutcomeDelay.upperHours.firstIndex(of: hours).map { counts[...$0].reduce(0, +) }
  }

  /// Share of outcomes that come later than so many hours: between what the buckets on both sides say.
  private func lost(after hours: Double) -> ClosedRange<Double> {
    func share(_ bucketCount: Int) -> Double { Double(counts.dropFirst(bucketCount).reduce(0, +)) / Double(total) }
    let within = OutcomeDelay.upperHours.count { $0 <= hours }
    let isBound = within > 0 && OutcomeDelay.upperHours[within - 1] == hours
    return (isBound ? share(within) : share(within + 1))...share(within)
  }

  func sentence(maturityHours: Double) -> String {
    guard total > 0 else { return "no outcome has joined its part yet, so nothing is known of their delay" }
    guard total >= Self.countMinimum else {
      return "\(total) outcome\(total == 1 ? "" : "s") so far: too few to judge maturity_hours = "
        + "\(Self.text(maturityHours)) by (\(Self.countMinimum) are enough)"
    }
    let lost = lost(after: maturityHours)
    let share =
      lost.lowerBound == lost.upperBound
      ? Self.percent(lost.lowerBound) : "\(Self.percent(lost.lowerBound)) to \(Self.percent(lost.upperBound))"
    let told = "\(share) of outcomes come later than maturity_hours = \(Self.text(maturityHours))"
    guard lost.upperBound > Self.lossAccepted else { return told + ", which is long enough" }
    let longer = OutcomeDelay.upperHours.filter { $0 > maturityHours && $0 <= Self.maturityHoursMax }
    guard let best = longer.first(where: { self.lost(after: $0).upperBound <= Self.lossAccepted }) ?? longer.last else {
      return told + " and are not counted; it cannot be longer"
    }
    return told
      + " and are not counted; \(Self.text(best)) would lose \(Self.percent(self.lost(after: best).upperBound))"
  }

  static func text(_ hours: Double) -> String { hours == hours.rounded() ? "\(Int(hours))" : "\(hours)" }

  private static func percent(_ share: Double) -> String {
    if share > 0, share < 0.0005 { return "under 0.1 %" }
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 || tenths >= 100 ? "\((tenths + 5) / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }
}
