import Domain
import Engine
import Glibc
import NeuralNet
import Policy

/// A plant as `monitoring.md` simulates it: groups of log-normal volume, and outcomes that come late, or never.
///
/// Ten products on five cameras, so that the monitor watches products, cameras and the line too, as it would.
struct MonitorWorld: Sendable, Hashable {
  /// What happens to the first `droppedGroups` groups on `changeDay`.
  var droppedAccuracy: Double?
  /// Correlation of two outcomes of a group's day: its accuracy that day is Beta distributed. 0: independent outcomes.
  var correlation = 0.0
  var labelling = Labelling()
  /// How labels come from `changeDay` on, where that changes; everybody's answers stay as they were.
  var laterLabelling: Labelling?

  /// Who gets an outcome, and when.
  struct Labelling: Sendable, Hashable {
    /// Share of right and of wrong answers that are labelled.
    var right = 0.5
    var wrong = 0.5
    /// Median hours until then, log-normal.
    var rightHours = 8.0
    var wrongHours = 8.0
    var spread = 1.0
    /// Nobody enters outcomes of right answers on two days of seven.
    var restsAtWeekends = false
    /// Parts are drawn with these probabilities, told with the outcome: those that look odd more often than the others.
    /// A wrong answer looks odd with probability .7, a right one with .1.
    var drawn: Drawn?

    struct Drawn: Sendable, Hashable {
      var plain: Double
      var odd: Double
    }
  }

  static let products = 10
  static let cameras = 5
  static let droppedGroups = 3
  static let changeDay = 30
  static let accuracy = 0.95
  static let partsPerDay = 150.0
  static let volumeSpread = 0.8
  /// A Monday.
  static let start = Timestamp(seconds: 1_736_121_600)

  static let cells = (0..<products).flatMap { product in
    (0..<cameras).map { Cell(["P\(product)", "\($0)"]) }
  }

  static func definition(_ id: LineID) throws -> LineDefinition {
    LineDefinition(
      id: id, schema: try GroupSchema(attributes: ["product", "camera"], includesOutcome: false), featureNames: ["x"],
      classNames: ["good", "bad"])
  }

  func isDropped(_ group: Int) -> Bool { droppedAccuracy != nil && group < Self.droppedGroups }
}

/// The rows of such a plant as they come, hour by hour, and what is known of them at any time.
struct MonitorRows {
  struct Row {
    let hour: Float
    let group: UInt8
    let isRight: Bool
    let probability: Float
    /// Infinite for what is never labelled.
    let arrival: Float
  }

  let world: MonitorWorld
  let channel: String
  private(set) var rows: [Row] = []
  /// Rows by the hour their outcome arrives, from the present hour on.
  private var arriving: [[Int]] = []
  private var volumes: [Int] = []
  private var today: [Double] = []
  private(set) var delays = ChannelDelays()
  private(set) var hour = 0
  private(set) var hasSpoken = false
  private var random: Generator

  init(_ world: MonitorWorld, channel: String, seed: UInt64) {
    self.world = world
    self.channel = channel
    random = Generator(seed: seed)
    volumes = MonitorWorld.cells.map { _ in
      max(1, Int(MonitorWorld.partsPerDay * exp(MonitorWorld.volumeSpread * random.normal())))
    }
  }

  var now: Timestamp { MonitorWorld.start.advanced(hours: Double(hour)) }

  /// Lets an hour pass.
  /// - Returns: rows whose outcome has arrived.
  mutating func advance() -> [Int] {
    if hour % 24 == 0 { beginDay(hour / 24) }
    for group in volumes.indices {
      // As many parts as the hours so far are worth.
      let hourOfDay = hour % 24
      let count = volumes[group] * (hourOfDay + 1) / 24 - volumes[group] * hourOfDay / 24
      for _ in 0..<count { answer(group) }
    }
    hour += 1
    let arrived = arriving.isEmpty ? [] : arriving.removeFirst()
    for index in arrived {
      let row = rows[index]
      let delay = OutcomeDelay(answered: time(row.hour), arrived: time(row.arrival))
      delays.add(1, of: delay, isWrong: !row.isRight)
      hasSpoken = true
    }
    return arrived
  }

  private mutating func beginDay(_ day: Int) {
    today = volumes.indices.map { group in
      let isDropped = world.isDropped(group) && day >= MonitorWorld.changeDay
      let mean = isDropped ? world.droppedAccuracy ?? MonitorWorld.accuracy : MonitorWorld.accuracy
      return world.correlation > 0 ? random.beta(mean: mean, correlation: world.correlation) : mean
    }
  }

  private mutating func answer(_ group: Int) {
    let day = hour / 24
    let labelling = day >= MonitorWorld.changeDay ? world.laterLabelling ?? world.labelling : world.labelling
    let isRight = random.uniform() < today[group]
    let at = Double(hour) + random.uniform()
    var probability = isRight ? labelling.right : labelling.wrong
    if let drawn = labelling.drawn { probability = random.uniform() < (isRight ? 0.1 : 0.7) ? drawn.odd : drawn.plain }
    var arrival = Double.infinity
    if random.uniform() < probability {
      arrival = at + (isRight ? labelling.rightHours : labelling.wrongHours) * exp(labelling.spread * random.normal())
      if labelling.restsAtWeekends, isRight, Int(arrival / 24) % 7 >= 5 {
        arrival = (arrival / (24 * 7)).rounded(.up) * 24 * 7 + 8 * random.uniform()
      }
    }
    let slot = arrival.isFinite ? Int(arrival) - hour : .max
    // A label later than a quarter comes after the end of what is simulated.
    if slot < 2400 {
      while arriving.count <= slot { arriving.append([]) }
      arriving[slot].append(rows.count)
    }
    rows.append(
      Row(
        hour: Float(at), group: UInt8(group), isRight: isRight,
        probability: labelling.drawn == nil ? 0 : Float(probability), arrival: Float(arrival)))
  }

  private func time(_ hour: Float) -> Timestamp { MonitorWorld.start.advanced(hours: Double(hour)) }

  /// As the ledger gives them: rows after one, up to a time, each with the outcome it has now.
  func matured(after: Int64, watermark: Timestamp) -> [MaturedPrediction] {
    var found: [MaturedPrediction] = []
    var index = Int(after)
    while index < rows.count, found.count < 4096 {
      let row = rows[index]
      let moment = time(row.hour)
      if moment >= watermark { break }
      let isLabelled = row.arrival <= Float(hour)
      found.append(
        MaturedPrediction(
          row: Int64(index + 1), cell: MonitorWorld.cells[Int(row.group)], version: ModelVersion(1), predictedClass: 0,
          label: isLabelled ? (row.isRight ? 0 : 1) : nil, time: moment, channel: isLabelled ? channel : nil,
          samplingProbability: isLabelled && row.probability > 0 ? Double(row.probability) : nil))
      index += 1
    }
    return found
  }
}
