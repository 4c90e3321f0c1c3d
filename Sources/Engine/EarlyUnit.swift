import Domain
import Policy
import Statistics

/// What is remembered of one cell, or of the line as a whole, under its present student.
struct EarlyUnit: Sendable, Equatable {
  /// Production days that a student's beginning lasts: a week has its own rhythm, and one day its own coil.
  static let baseDaysNeeded = 7
  static let baseRowsNeeded = 300
  /// Days whose confidence is kept: as long as outcomes usually take to mature.
  static let keptDays = 8

  /// `[columns, bins]`: the first days under this student, and what came since the last test.
  var base: [UInt16]
  var now: [UInt16]
  var baseDays = 0
  var isBaseClosed = false
  var baseConfidence = Mean()
  var nowConfidence = Mean()
  var columns: [EarlyColumn]
  /// The last day with rows.
  var lastDay: Int64
  var scores = EarlyScores()
  /// Oldest first.
  var days: [DayConfidence] = []
  var agreement = EarlyAgreement()

  struct Mean: Sendable, Equatable {
    var count: UInt32 = 0
    var sum = 0.0
    var value: Double? { count > 0 ? sum / Double(count) : nil }

    mutating func add(_ value: Float) {
      guard count < .max else { return }
      count += 1
      sum += Double(value)
    }
  }

  struct DayConfidence: Sendable, Equatable {
    let day: Int64
    var mean = Mean()
  }

  init(columnCount: Int, day: Int64) {
    base = Array(repeating: 0, count: columnCount * EarlyColumns.binCount)
    now = base
    columns = Array(repeating: EarlyColumn(), count: columnCount)
    lastDay = day
  }

  /// Counts a part; `bins` is empty until the tenths are cut.
  mutating func add(bins: [UInt8?], confidence: Float, day: Int64) {
    lastDay = max(lastDay, day)
    if let index = days.lastIndex(where: { $0.day == day }) {
      days[index].mean.add(confidence)
    } else {
      days.append(DayConfidence(day: day))
      days[days.count - 1].mean.add(confidence)
      days.removeFirst(max(0, days.count - Self.keptDays))
    }
    addBins(bins, confidence: confidence)
  }

  mutating func addBins(_ bins: [UInt8?], confidence: Float) {
    guard !bins.isEmpty else { return }
    nowConfidence.add(confidence)
    for (column, bin) in bins.enumerated() {
      guard let bin else { continue }
      let index = column * EarlyColumns.binCount + Int(bin)
      if now[index] < .max { now[index] += 1 }
    }
  }

  func histogram(_ counts: [UInt16], _ column: Int) -> ArraySlice<UInt16> {
    counts[column * EarlyColumns.binCount..<(column + 1) * EarlyColumns.binCount]
  }

  /// Rows since the last test; every row has a confidence, in the last column.
  var nowRows: Int { histogram(now, columns.count - 1).reduce(0) { $0 + Int($1) } }
  private var baseRows: Int { histogram(base, columns.count - 1).reduce(0) { $0 + Int($1) } }

  /// Makes a day of the student's beginning part of what later days are compared with.
  mutating func closeBaseDay() {
    guard nowRows > 0 else { return }
    for index in base.indices { base[index] = UInt16(min(Int(base[index]) + Int(now[index]), Int(UInt16.max))) }
    baseConfidence.count += nowConfidence.count
    baseConfidence.sum += nowConfidence.sum
    baseDays = min(baseDays + 1, Self.baseDaysNeeded)
    isBaseClosed = baseDays == Self.baseDaysNeeded && baseRows >= Self.baseRowsNeeded
    clearNow()
  }

  mutating func clearNow() {
    now = Array(repeating: 0, count: now.count)
    nowConfidence = Mean()
  }
}

/// What matured outcomes have said of a student, the newest thousand most of all.
struct EarlyScores: Sendable, Equatable {
  /// Below, an accuracy is not known to three points.
  static let labelsNeeded = 200
  /// Labels after which an old one counts a third.
  static let memory = 1000.0

  var labels: UInt32 = 0
  var accuracy = 0.0
  var confidence = 0.0

  mutating func add(isCorrect: Bool, confidence: Float) {
    if labels < .max { labels += 1 }
    let share = 1 / min(Double(labels), Self.memory)
    accuracy += share * ((isCorrect ? 1 : 0) - accuracy)
    self.confidence += share * (Double(confidence) - self.confidence)
  }
}

/// How one measurement of one unit stands to its beginning.
struct EarlyColumn: Sendable, Equatable {
  /// Two days in a row: one day may have a coil of its own, and the next another.
  static let daysNeeded = 2

  /// Tests in a row that were loud, and quiet.
  var loud = 0
  var quiet = 0
  var isSign = false
  /// Of the loud tests in a row, the day of the first.
  var firstDay: Int64 = 0
  /// Of the last loud test.
  var index: Float = 0
  var threshold: Float = 0
  var parts: UInt32 = 0
  /// Tenths by which parts lie higher than before, on average.
  var shift: Float = 0

  mutating func hear(loud isLoud: Bool, day: Int64) {
    if isLoud {
      if loud == 0 && !isSign { firstDay = day }
      loud = min(loud + 1, Self.daysNeeded)
      quiet = 0
      if loud == Self.daysNeeded { isSign = true }
    } else {
      quiet = min(quiet + 1, Self.daysNeeded)
      loud = 0
      if quiet == Self.daysNeeded { isSign = false }
    }
  }
}

/// How often student and teacher agree, night by night.
///
/// As `Policy.Baseline`: the null is the lower bound of the first 200, 500 and 1000 parts. The detector is made of the
/// nights each time, so that nothing but counts is kept.
struct EarlyAgreement: Sendable, Equatable {
  static let stages = [200, 500, 1000]
  /// What happened longer ago has been forgotten by a detector that starts anew each night.
  static let nightsMaximum = 60
  /// Student and teacher that agree less than this were never alike.
  static let lowestNull = 0.05

  struct Night: Sendable, Equatable {
    let day: Int64
    var agreed: UInt16
    var parts: UInt16
  }

  var baseAgreed = 0
  var baseParts = 0
  var stagesPassed = 0
  var null: Double?
  /// Since the null was last set, oldest first.
  var nights: [Night] = []

  var detector: ShiryaevRobertsDetector? {
    guard let null else { return nil }
    var detector = ShiryaevRobertsDetector(nullAccuracy: null)
    for night in nights {
      detector.observe(
        day: night.day, correct: Int(night.agreed), wrong: Int(night.parts - night.agreed),
        designEffect: DesignEffect().inflation(labelsPerActiveDay: Double(night.parts)))
    }
    return detector
  }

  mutating func observe(day: Int64, agreed: Int, parts: Int, isQuiet: Bool) {
    guard parts > 0 else { return }
    if null != nil {
      nights.append(Night(day: day, agreed: UInt16(agreed), parts: UInt16(parts)))
      nights.removeFirst(max(0, nights.count - Self.nightsMaximum))
    }
    guard stagesPassed < Self.stages.count, isQuiet || null == nil else { return }
    baseAgreed += agreed
    baseParts += parts
    guard baseParts >= Self.stages[stagesPassed] else { return }
    while stagesPassed < Self.stages.count, baseParts >= Self.stages[stagesPassed] { stagesPassed += 1 }
    if let bound = clopperPearsonLower(correct: baseAgreed, total: baseParts), bound >= Self.lowestNull {
      null = min(bound, 0.999)
      nights = []
    }
  }
}
