import Domain
import Policy
import Statistics

/// What is seen of a line before its outcomes come: an estimate of each cell's accuracy, and signs that it may have
/// changed. Nothing here decides anything: a sign may put a group on WATCH (`monitoring.md` 6.8: all of this is blind to a
/// change of what the measurements mean).
///
/// A student's first seven days with parts are its beginning in each cell; every later day is compared with them, one
/// test for each measurement and for the confidence (`StabilityIndex`). Days of a plant differ by themselves (a coil, a
/// warm afternoon); by how much is learned from quiet days, and a sign takes two days in a row.
public struct EarlyWatch: Sendable, Equatable {
  /// Cells told apart per line; parts of others count for the line alone. With 32 measurements these are some 100 kB.
  public static let cellsMaximum = 64
  /// A cell without parts for so long makes room for another.
  static let forgottenDays: Int64 = 30
  /// Rows read in an hour: enough for a hundred parts a day in each of 64 cells, and nothing to a busy line.
  public static let hourRowsMaximum = 300
  /// Numbers read at a time: rows of pictures are fewer.
  static let valuesMaximum = 2_000_000
  /// Of all tests of a day together: how often one would complete a sign were nothing the matter, one line-year in three.
  static let dayLevel = 0.001
  /// A shift of about a sixth of a standard deviation; smaller ones are shown by many parts and mean nothing to anybody.
  static let indexMinimum = 0.02
  /// Parts that say what confidence is now.
  static let estimateParts = 50
  /// Evidence for a disagreement that a line shows once in so many nights when nothing has changed.
  static let disagreementNights = 30.0

  let columns: EarlyColumns
  /// The last row of the ledger that has been looked at.
  public internal(set) var cursor: Int64 = 0
  /// The last matured row whose outcome has been compared with its confidence.
  var scoredRow: Int64 = 0
  var lookedAt: Timestamp?
  /// The day whose rows are being counted, and the last row before it.
  var openDay: Int64?
  var rowBeforeDay: Int64 = 0
  /// Ends of the tenths, `[columns]`; empty until the first day has ended.
  var edges: [[Float]] = []
  var beginning = EarlyBeginning()
  /// By how much days differ by themselves, `[columns]`.
  var dayEffects: [DayEffect]
  var line: EarlyUnit?
  var cells: [Cell: EarlyUnit] = [:]
  /// The newest day of which all parts have matured.
  var maturedDay: Int64 = .min
  private var finished: FinishedDay?

  /// A day of the line whose rows are all there.
  public struct FinishedDay: Sendable, Equatable {
    public let day: Int64
    /// Its rows are `after < row <= through`.
    public let after: Int64
    public let through: Int64
  }

  public init(definition: LineDefinition) {
    columns = EarlyColumns(definition)
    dayEffects = Array(repeating: DayEffect(), count: columns.count)
  }

  /// Rows to ask `Ledger.recent` for now: `hourRowsMaximum` for each hour since the last look, a day's at most.
  public func rowLimit(now: Timestamp) -> Int {
    let hours = lookedAt.map { min(max(now.hours(since: $0), 1), 24) } ?? 1
    return min(Int(hours * Double(Self.hourRowsMaximum)), max(20, Self.valuesMaximum / columns.featureCount))
  }

  /// Counts rows that have just come, in the order they were stored, and tests the days that have ended.
  ///
  /// - Parameters:
  ///   - now: the line's time; rows that claim a later day are of a wrong clock, and count for this one.
  ///   - serving: the student of a cell; what another one answered (a trial, a challenger) is left out.
  public mutating func absorb(fresh recent: RecentPredictions, now: Timestamp, serving: (Cell) -> ModelVersion) {
    lookedAt = now
    let first = recent.rows.first
    let start = openDay ?? min(first?.time.day ?? now.day, now.day)
    if openDay == nil { rowBeforeDay = first.map { $0.row - 1 } ?? recent.last }
    openDay = start
    for row in recent.rows {
      let day = min(max(row.time.day, openDay ?? start), now.day)
      advance(to: day, before: row.row)
      if row.version == serving(row.cell) { count(row, day: day) }
    }
    cursor = max(cursor, recent.last)
    advance(to: now.day, before: cursor + 1)
  }

  /// Counts matured parts with an outcome, each once.
  ///
  /// - Parameter day: the newest of which all parts have matured; younger ones say what confidence is now.
  public mutating func absorb(
    matured scores: some Sequence<MaturedScore>, until day: Int64, serving: (Cell) -> ModelVersion
  ) {
    maturedDay = max(maturedDay, day)
    for score in scores where score.version == serving(score.cell) {
      line?.scores.add(isCorrect: score.isCorrect, confidence: score.confidence)
      cells[score.cell]?.scores.add(isCorrect: score.isCorrect, confidence: score.confidence)
    }
  }

  /// As above, from rows as the monitor reads them: each counts once, however many channels it is read for.
  public mutating func absorb(
    matured rows: [MaturedPrediction], until day: Int64, serving: (Cell) -> ModelVersion
  ) {
    guard let last = rows.last, last.row > scoredRow else { return }
    let fresh = rows.lazy.filter { [scoredRow] in $0.row > scoredRow }
    let scores = fresh.compactMap { row in
      row.label.map {
        MaturedScore(
          cell: row.cell, version: row.version, isCorrect: $0 == row.predictedClass, confidence: row.confidence)
      }
    }
    absorb(matured: Array(scores), until: day, serving: serving)
    scoredRow = last.row
  }

  /// Forgets what is known of these cells, because another student serves them now, and of the line, whose answers are
  /// others by that. The tenths stay.
  public mutating func reset(cells changed: Set<Cell>) {
    for cell in changed { cells[cell] = nil }
    line = nil
    beginning.rows.removeAll { changed.contains($0.cell) }
  }

  /// The last day that has ended, once.
  public mutating func takeFinishedDay() -> FinishedDay? {
    defer { finished = nil }
    return finished
  }

  // MARK: - Steps

  private mutating func count(_ row: FreshPrediction, day: Int64) {
    let values = columns.values(row)
    if edges.isEmpty { beginning.add(EarlyBeginning.Row(cell: row.cell, values: values), number: row.row) }
    let bins = bins(values)
    var whole = line ?? EarlyUnit(columnCount: columns.count, day: day)
    line = nil
    whole.add(bins: bins, confidence: row.confidence, day: day)
    line = whole
    admit(row.cell, day: day)
    cells[row.cell]?.add(bins: bins, confidence: row.confidence, day: day)
  }

  /// Empty until the tenths are cut.
  private func bins(_ values: [Float?]) -> [UInt8?] {
    guard !edges.isEmpty else { return [] }
    return zip(values, edges).map { value, edges in value.map { UInt8(EarlyColumns.bin($0, edges: edges)) } }
  }

  private mutating func admit(_ cell: Cell, day: Int64) {
    guard cells[cell] == nil else { return }
    if cells.count >= Self.cellsMaximum {
      let oldest = cells.min { ($0.value.lastDay, $0.key) < ($1.value.lastDay, $1.key) }
      guard let oldest, oldest.value.lastDay < day - Self.forgottenDays else { return }
      cells[oldest.key] = nil
    }
    cells[cell] = EarlyUnit(columnCount: columns.count, day: day)
  }

  private mutating func advance(to day: Int64, before row: Int64) {
    guard let open = openDay, day > open else { return }
    close(open)
    finished = FinishedDay(day: open, after: rowBeforeDay, through: row - 1)
    rowBeforeDay = row - 1
    openDay = day
  }

  private mutating func close(_ day: Int64) {
    if edges.isEmpty { cutTenths() }
    guard !edges.isEmpty else { return }
    var test = DayTest(day: day, confidence: columns.confidence, level: testLevel, effects: dayEffects)
    if var whole = line {
      line = nil
      test.close(&whole)
      line = whole
    }
    for cell in cells.keys.sorted() {
      guard var unit = cells.removeValue(forKey: cell) else { continue }
      test.close(&unit)
      cells[cell] = unit
    }
    for (column, excess) in test.excess.enumerated() where excess.count > 0 {
      dayEffects[column].learn(excess.sum / Double(excess.count))
    }
  }

  /// Each unit may be tested in every column.
  private var testLevel: Double { Self.dayLevel / Double(columns.count * (cells.count + 1)) }

  /// Cuts the tenths and lets the rows they were cut from be the first that are counted by them.
  private mutating func cutTenths() {
    guard beginning.rows.count >= EarlyBeginning.rowsMinimum else { return }
    edges = (0..<columns.count).map { beginning.edges(column: $0) }
    for row in beginning.rows {
      let bins = bins(row.values)
      let confidence = row.values[columns.confidence] ?? 0
      line?.addBins(bins, confidence: confidence)
      cells[row.cell]?.addBins(bins, confidence: confidence)
    }
    beginning = EarlyBeginning()
  }
}

/// How far the days of a measurement lie apart by themselves, as a stability index of endlessly many parts.
struct DayEffect: Sendable, Equatable {
  /// Days after which an old one counts a third.
  static let memory = 30.0
  /// A single day says no more than this.
  static let excessMaximum = 1.0
  /// From fewer days too little is known: with six, one line in ten had a false sign in its first month, with twelve one
  /// in a hundred.
  static let daysNeeded = 12

  var days: UInt32 = 0
  var mean = 0.0

  var isKnown: Bool { days >= Self.daysNeeded }

  /// - Parameter excess: of the day's indexes over what parts alone make of them, on average.
  mutating func learn(_ excess: Double) {
    if days < .max { days += 1 }
    mean += (min(excess, Self.excessMaximum) - mean) / min(Double(days), Self.memory)
  }
}

/// Tests all measurements of a day that has ended.
///
/// A loud day is one beyond what its parts make of it and what days make of each other, each at a level of which two days
/// in a row are as rare as `level`. How much days differ is itself known from few days at first: hence F, whose tail is
/// far longer then than that of a chi-square variable.
private struct DayTest {
  let day: Int64
  let confidence: Int
  let effects: [DayEffect]
  /// Of each column's indexes over what parts alone make of them.
  private(set) var excess: [(sum: Double, count: Int)]
  private let level: Double
  private var noise: [Int: Double] = [:]
  private var differences: [Int: Double] = [:]

  init(day: Int64, confidence: Int, level: Double, effects: [DayEffect]) {
    self.day = day
    self.confidence = confidence
    self.level = level.squareRoot()
    self.effects = effects
    excess = Array(repeating: (0, 0), count: effects.count)
  }

  mutating func close(_ unit: inout EarlyUnit) {
    guard unit.isBaseClosed else {
      if unit.baseDays > 0 {
        for column in unit.columns.indices {
          if let index = index(unit, column) { note(index, column, days: unit.baseDays) }
        }
      }
      unit.closeBaseDay()
      return
    }
    // Few parts wait for the next day's.
    guard unit.nowRows >= StabilityIndex.partsMinimum else { return }
    for column in unit.columns.indices { test(&unit, column) }
    unit.clearNow()
  }

  private func index(_ unit: EarlyUnit, _ column: Int) -> StabilityIndex? {
    StabilityIndex(now: unit.histogram(unit.now, column), base: unit.histogram(unit.base, column))
  }

  /// - Parameter days: that the day was compared with: their mean differs, too.
  private mutating func note(_ index: StabilityIndex, _ column: Int, days: Int) {
    excess[column].sum += (index.index - index.scale * Double(index.freedom)) / (1 + 1 / Double(days))
    excess[column].count += 1
  }

  private mutating func test(_ unit: inout EarlyUnit, _ column: Int) {
    guard let index = index(unit, column) else { return }
    let threshold = max(
      noiseQuantile(index.freedom) * index.scale + difference(column), EarlyWatch.indexMinimum)
    let isLoud = effects[column].isKnown && index.index > threshold && (column != confidence || isLessSure(unit))
    unit.columns[column].hear(loud: isLoud, day: day)
    guard isLoud else {
      note(index, column, days: EarlyUnit.baseDaysNeeded)
      return
    }
    unit.columns[column].index = Float(index.index)
    unit.columns[column].threshold = Float(threshold)
    unit.columns[column].parts = UInt32(unit.histogram(unit.now, column).reduce(0) { $0 + Int($1) })
    unit.columns[column].shift =
      column == confidence
      ? Float((unit.nowConfidence.value ?? 0) - (unit.baseConfidence.value ?? 0))
      : Float(meanBin(unit.histogram(unit.now, column)) - meanBin(unit.histogram(unit.base, column)))
  }

  /// More confidence than before is no sign of anything.
  private func isLessSure(_ unit: EarlyUnit) -> Bool {
    guard let now = unit.nowConfidence.value, let before = unit.baseConfidence.value else { return false }
    return now < before
  }

  private mutating func noiseQuantile(_ freedom: Int) -> Double {
    if let known = noise[freedom] { return known }
    let value = chiSquareQuantile(tail: level, freedom: freedom)
    noise[freedom] = value
    return value
  }

  /// What a day's own difference stays below, compared with a mean of days.
  private mutating func difference(_ column: Int) -> Double {
    let effect = effects[column]
    let days = Int(min(Double(effect.days), DayEffect.memory))
    guard effect.mean > 0, days > 0 else { return 0 }
    let quantile = differences[days] ?? fQuantile(tail: level, days: days)
    differences[days] = quantile
    return quantile * effect.mean * (1 + 1 / Double(EarlyUnit.baseDaysNeeded))
  }

  /// Of F with 1 and `days` degrees of freedom, by the Beta distribution of days / (days + F).
  private func fQuantile(tail: Double, days: Int) -> Double {
    let share = inverseRegularisedIncompleteBeta(tail, Double(days) / 2, 0.5)
    return Double(days) * (1 - share) / share
  }

  /// Of parts whose value is a number.
  private func meanBin(_ histogram: ArraySlice<UInt16>) -> Double {
    let numbers = histogram.dropLast()
    let total = numbers.reduce(0.0) { $0 + Double($1) }
    guard total > 0 else { return 0 }
    return zip(numbers, 0...).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / total
  }
}
