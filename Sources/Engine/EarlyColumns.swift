import Domain
import Glibc

/// What is watched of each part for drift: its measurements, or four summaries of a window or picture, and last the
/// student's confidence.
struct EarlyColumns: Sendable, Equatable {
  /// Measurements a line may have watched, its first ones: a table of every cell and measurement is kept and tested
  /// daily, and each test raises the bar for all others.
  static let measurementsMaximum = 32
  /// Tenths, and one for what is no number.
  static let binCount = 11
  static let summaries = ["the mean", "the standard deviation", "the least value", "the greatest value"]

  let featureCount: Int
  let usesSummaries: Bool

  init(_ definition: LineDefinition) {
    featureCount = definition.featureCount
    usesSummaries = definition.input.sharesUnit
  }

  /// Without the confidence.
  var inputCount: Int { usesSummaries ? Self.summaries.count : min(featureCount, Self.measurementsMaximum) }
  /// Index of the confidence, which every part has.
  var confidence: Int { inputCount }
  var count: Int { inputCount + 1 }

  func name(_ column: Int, _ definition: LineDefinition) -> String {
    usesSummaries ? Self.summaries[column] : definition.featureName(column)
  }

  /// `[count]`, without the inputs' where a part has none.
  func values(_ row: FreshPrediction) -> [Float?] {
    var values = [Float?](repeating: nil, count: count)
    values[confidence] = row.confidence
    guard row.inputs.count == featureCount else { return values }
    if usesSummaries {
      for (column, value) in Self.summarise(row.inputs).enumerated() { values[column] = value }
    } else {
      for column in 0..<inputCount { values[column] = row.inputs[column] }
    }
    return values
  }

  /// NaN where a value is none.
  static func summarise(_ inputs: [Float]) -> [Float] {
    var sum = 0.0
    var squares = 0.0
    var least = Float.infinity
    var greatest = -Float.infinity
    for value in inputs {
      sum += Double(value)
      squares += Double(value) * Double(value)
      least = min(least, value)
      greatest = max(greatest, value)
    }
    let mean = sum / Double(inputs.count)
    guard mean.isFinite else { return [.nan, .nan, .nan, .nan] }
    return [Float(mean), Float(max(squares / Double(inputs.count) - mean * mean, 0).squareRoot()), least, greatest]
  }

  /// Ends of the tenths of these values: at most nine, ascending, each once, so that the values of a switch have a bin
  /// each.
  static func edges(_ values: [Float]) -> [Float] {
    let sorted = values.filter(\.isFinite).sorted()
    guard !sorted.isEmpty else { return [] }
    var edges: [Float] = []
    for tenth in 1..<10 {
      let edge = sorted[tenth * sorted.count / 10]
      if edges.last.map({ $0 < edge }) ?? true { edges.append(edge) }
    }
    return edges
  }

  /// 0 ..< `binCount`.
  static func bin(_ value: Float, edges: [Float]) -> Int {
    guard value.magnitude <= .greatestFiniteMagnitude else { return binCount - 1 }
    var bin = 0
    while bin < edges.count, value >= edges[bin] { bin += 1 }
    return bin
  }
}

/// Rows of the first day, from which the tenths are cut: every row has the same chance to be among them.
struct EarlyBeginning: Sendable, Equatable {
  /// 512 rows put an end of a tenth within two points of where it is.
  static let rowsMaximum = 512
  /// Fewer rows wait for another day.
  static let rowsMinimum = 200

  struct Row: Sendable, Equatable {
    let cell: Cell
    /// `EarlyColumns.values`.
    let values: [Float?]
  }

  var rows: [Row] = []
  var seen: UInt64 = 0

  /// Reservoir sampling, by a hash of the row's number in the place of a random one.
  mutating func add(_ row: Row, number: Int64) {
    seen += 1
    guard rows.count == Self.rowsMaximum else {
      rows.append(row)
      return
    }
    var mixed = UInt64(bitPattern: number) &* 0x9E37_79B9_7F4A_7C15
    mixed ^= mixed >> 29
    let place = (mixed &* 0xBF58_476D_1CE4_E5B9) >> 11
    let index = place % seen
    if index < UInt64(Self.rowsMaximum) { rows[Int(index)] = row }
  }

  func edges(column: Int) -> [Float] { EarlyColumns.edges(rows.compactMap { $0.values[column] }) }
}
