import Domain
import Engine
import NeuralNet
import Policy
import Testing

/// Parts of a line of a few cells, day by day, as an `EarlyWatch` gets them.
struct SimulatedParts {
  let definition: LineDefinition
  let cells: [Cell]
  var watch: EarlyWatch
  var version = ModelVersion(1)
  private var random: Generator
  private var row: Int64 = 0
  private var day: Int64 = 0

  init(
    cells: Int = 3, measurements: Int = 4, input: InputShape? = nil, seed: UInt64 = 1
  ) throws {
    self.cells = (0..<cells).map { Cell(["p\($0)"]) }
    definition = LineDefinition(
      id: try LineID("line"), schema: try GroupSchema(attributes: ["product"], includesOutcome: false), input: input,
      featureNames: input == nil ? (0..<measurements).map { "m\($0)" } : [], classNames: ["bad", "good"])
    watch = EarlyWatch(definition: definition)
    random = Generator(seed: seed)
  }

  /// What happens to the first cell.
  struct Change {
    /// Standard deviations by which measurements move.
    var shift: Float = 0
    /// Of the confidence, on average.
    var confidence = 0.95
    var silent = false
  }

  /// Streams whole days; signs of a day are there when the next one has begun, which it has.
  mutating func stream(days: Int, perDay: Int = 200, _ change: Change = Change()) {
    for _ in 0..<days {
      var rows: [FreshPrediction] = []
      for index in 0..<perDay * cells.count {
        row += 1
        let cell = index % cells.count
        rows.append(part(cell, index, change: cell == 0 ? change : Change()))
      }
      day += 1
      let version = version
      watch.absorb(fresh: RecentPredictions(rows: rows, last: row), now: start) { _ in version }
    }
  }

  /// The beginning of the day that comes next.
  var start: Timestamp { Timestamp(microseconds: day * Timestamp.microsecondsPerDay) }

  private mutating func part(_ cell: Int, _ index: Int, change: Change) -> FreshPrediction {
    var inputs = (0..<definition.featureCount).map { _ in Float(random.normal()) + change.shift }
    if change.silent { inputs[0] = .nan }
    let missing = 2 * (1 - change.confidence) * random.uniform()
    let time = Timestamp(microseconds: day * Timestamp.microsecondsPerDay + Int64(index))
    return FreshPrediction(
      row: row, cell: cells[cell], version: version, predictedClass: 1, confidence: Float(1 - missing), time: time,
      inputs: inputs)
  }

  /// Labels of a cell's parts that have matured.
  mutating func mature(cell: Int = 0, labels: Int, accuracy: Double, confidence: Float) {
    let version = version
    let scores = (0..<labels).map { index in
      MaturedScore(
        cell: cells[cell], version: version, isCorrect: Double(index % 100) < accuracy * 100, confidence: confidence)
    }
    watch.absorb(matured: scores, until: day - 2) { _ in version }
  }

  func kinds(_ cell: Int? = 0) -> [String] {
    watch.signs(of: cell.map { cells[$0] }, definition: definition).map(\.kind.rawValue)
  }
}
