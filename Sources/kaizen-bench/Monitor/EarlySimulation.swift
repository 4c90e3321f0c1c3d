import Domain
import Engine
import Glibc
import NeuralNet
import Policy

/// A line under `EarlyWatch`: 8 cells of log-normal volume (median 150 parts a day), 8 measurements, answers with a
/// confidence that is what it says, outcomes that mature after a day.
struct EarlySimulation: Hashable, Sendable {
  enum Story: String, CaseIterable, Sendable, Codable {
    /// Nothing, days alike.
    case quiet
    /// Nothing, but each day has a mean of its own: .15 standard deviations in each measurement.
    case quietDays = "quiet_days"
    /// One measurement of one cell of 200 parts a day moves by .4 standard deviations, days alike.
    case shift
    /// The same where days differ.
    case shiftDays = "shift_days"
    /// The student's confidence, and its accuracy, falls from .95 to .88 in one cell of 200 parts a day.
    case confidence

    var daysDiffer: Bool { self == .quietDays || self == .shiftDays }
    var isQuiet: Bool { self == .quiet || self == .quietDays }
  }

  /// What one line showed.
  struct Run: Sendable, Equatable {
    /// Signs that began, of all cells and the line, before anything happened.
    var falseSigns = 0
    /// Days in which they might have.
    var days = 0
    /// Days from the change to the sign of the cell; nil where none came in `daysAfter`.
    var delay: Double?
    /// Estimates of the cell's accuracy ten days after the change, where there is one.
    var estimate: Double?
  }

  static let cells = 8
  static let measurements = 8
  static let medianParts = 150.0
  static let changedParts = 200
  static let volumeSpread = 0.8
  static let daySpread = 0.15
  static let shift = 0.4
  static let accuracy = 0.95
  static let droppedAccuracy = 0.88
  static let changeDay = 30
  static let daysAfter = 60

  let story: Story

  /// - Parameter quietDays: days of a line to which nothing happens.
  func run(seed: UInt64, quietDays: Int) throws -> Run {
    var plant = try SimulatedDays(story, random: Generator(seed: seed))
    var watch = EarlyWatch(definition: plant.definition)
    var result = Run()
    var standing: Set<StandingSign> = []
    let days = story.isQuiet ? quietDays : Self.changeDay + Self.daysAfter
    for day in 0..<days {
      plant.absorb(day: Int64(day), isChanged: !story.isQuiet && day >= Self.changeDay, into: &watch)
      // Signs of a day are known when the next one begins.
      let now = plant.signs(watch)
      if story.isQuiet || day < Self.changeDay {
        result.falseSigns += now.subtracting(standing).count
        result.days += 1
        standing = now
        continue
      }
      if day == Self.changeDay + 9 { result.estimate = watch.estimate(of: plant.names[0])?.accuracy }
      let kind: EarlySign.Kind = story == .confidence ? .confidence : .drift
      if result.delay == nil, now.contains(StandingSign(unit: 1, kind: kind)) {
        result.delay = Double(day - Self.changeDay + 1)
      }
    }
    return result
  }
}

private struct StandingSign: Hashable {
  /// 0 for the line, cells from 1 on.
  let unit: Int
  let kind: EarlySign.Kind
}

/// The days of one line, one after the other.
private struct SimulatedDays {
  let definition: LineDefinition
  let names: [Cell]
  private let story: EarlySimulation.Story
  private let volumes: [Int]
  private var random: Generator
  private var row: Int64 = 0
  private var waiting: [MaturedScore] = []

  init(_ story: EarlySimulation.Story, random: Generator) throws {
    self.story = story
    self.random = random
    names = (0..<EarlySimulation.cells).map { Cell(["\($0)"]) }
    definition = LineDefinition(
      id: try LineID("line"), schema: try GroupSchema(attributes: ["product"], includesOutcome: false),
      featureNames: (0..<EarlySimulation.measurements).map { "m\($0)" }, classNames: ["bad", "good"])
    var volumes: [Int] = []
    for cell in 0..<EarlySimulation.cells {
      let drawn = EarlySimulation.medianParts * exp(EarlySimulation.volumeSpread * self.random.normal())
      volumes.append(cell == 0 && !story.isQuiet ? EarlySimulation.changedParts : min(max(5, Int(drawn)), 850))
    }
    self.volumes = volumes
  }

  func signs(_ watch: EarlyWatch) -> Set<StandingSign> {
    var found: Set<StandingSign> = []
    for unit in 0...names.count {
      for sign in watch.signs(of: unit == 0 ? nil : names[unit - 1], definition: definition) {
        found.insert(StandingSign(unit: unit, kind: sign.kind))
      }
    }
    return found
  }

  mutating func absorb(day: Int64, isChanged: Bool, into watch: inout EarlyWatch) {
    let spread = story.daysDiffer ? EarlySimulation.daySpread : 0
    let offsets = (0..<EarlySimulation.measurements).map { _ in spread * random.normal() }
    let mood = exp(spread * random.normal())
    var rows: [FreshPrediction] = []
    var scores: [MaturedScore] = []
    let version = ModelVersion(1)
    for (cell, name) in names.enumerated() {
      let hit = isChanged && cell == 0
      let accuracy =
        hit && story == .confidence ? EarlySimulation.droppedAccuracy : EarlySimulation.accuracy
      // 1 - U^k / 2 has the mean 1 - 1 / (2 (k + 1)).
      let exponent = (0.5 / (1 - accuracy) - 1) * mood
      let moved = hit && story != .confidence ? EarlySimulation.shift : 0
      for _ in 0..<volumes[cell] {
        row += 1
        var inputs = offsets.map { Float($0 + random.normal()) }
        inputs[0] += Float(moved)
        let confidence = Float(1 - pow(random.uniform(), exponent) / 2)
        let time = Timestamp(microseconds: day * Timestamp.microsecondsPerDay + row % Timestamp.microsecondsPerDay)
        rows.append(
          FreshPrediction(
            row: row, cell: name, version: version, predictedClass: 1, confidence: confidence, time: time,
            inputs: inputs))
        scores.append(
          MaturedScore(
            cell: name, version: version, isCorrect: random.uniform() < Double(confidence), confidence: confidence))
      }
    }
    let start = Timestamp(microseconds: day * Timestamp.microsecondsPerDay)
    watch.absorb(fresh: RecentPredictions(rows: rows, last: row), now: start.advanced(hours: 23)) { _ in version }
    watch.absorb(matured: waiting, until: day - 1) { _ in version }
    watch.absorb(fresh: RecentPredictions(rows: [], last: row), now: start.advanced(hours: 24)) { _ in version }
    waiting = scores
  }
}
