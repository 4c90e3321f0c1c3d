import Domain
import Glibc
import NeuralNet

/// One generated line: a pure function of scenario, seed and the line's place in the plant.
///
/// The class means stand on a circle in a plane of feature space that the seed turns; each product shifts all features
/// at a right angle to that plane, so the product is visible but says nothing about the class. Around each mean the
/// features are independent normal numbers of standard deviation 1. Readings then get the units of a sensor each. A
/// failure turns the circle for one cell from its day on.
public struct SimulatedLine: Sendable {
  public let scenario: Scenario
  /// Index of the line in its plant: part of the seed of all that is drawn.
  public let index: Int
  private let seed: UInt64
  private let plane: (first: [Double], second: [Double])
  private let productShifts: [[Double]]
  private let sensors: [(offset: Double, scale: Double)]
  private let volumes: [Double]

  /// Relative spread of volume between groups and, smaller, from day to day (standard deviations of the logarithm).
  private static let groupVolumeSpread = 0.5
  private static let dailyVolumeSpread = 0.25
  /// Length of a product's shift in standard deviations: enough to tell products apart.
  private static let productShiftLength = 2.5
  /// Shares of the classes, the first most frequent; repeated and scaled for more classes than three.
  private static let classShares: [Double] = [0.5, 0.3, 0.2]

  public init(scenario: Scenario, index: Int, seed: UInt64) {
    precondition(scenario.featureCount >= 3, "a generated line needs three features or more")
    self.scenario = scenario
    self.index = index
    self.seed = seed
    var generator = Self.generator(seed, index, stream: 0)
    let first = Self.unit(Self.normals(scenario.featureCount, &generator))
    let second = Self.unit(Self.reject(Self.normals(scenario.featureCount, &generator), from: [first]))
    plane = (first, second)
    productShifts = scenario.products.map { _ in
      Self.unit(Self.reject(Self.normals(scenario.featureCount, &generator), from: [first, second]))
        .map { $0 * Self.productShiftLength }
    }
    sensors = (0..<scenario.featureCount).map { _ in
      (offset: 20 + 80 * generator.uniform(), scale: exp(0.7 * generator.normal()))
    }
    let failing = scenario.failingCell
    volumes = scenario.cells.map { cell in
      let factor = exp(Self.groupVolumeSpread * generator.normal())
      // The group that fails is of typical size, whatever the seed.
      return scenario.partsPerDay * (cell == failing ? 1 : factor)
    }
  }

  public var featureNames: [String] { (1...scenario.featureCount).map { "f\($0)" } }

  /// The parts of one day in order of time; days before 0 are history. Each cell has draws of its own each day, so
  /// that what goes wrong in one leaves the others as they would have been.
  public func parts(day: Int) -> [Part] {
    let start = Scenario.moment(day: day)
    var parts: [Part] = []
    for (cellIndex, cell) in scenario.cells.enumerated() {
      let stream = UInt64(bitPattern: Int64(day)) &* UInt64(scenario.cells.count) &+ UInt64(cellIndex)
      var generator = Self.generator(seed, index, stream: stream &* 2 &+ 1)
      let volume = volumes[cellIndex] * exp(Self.dailyVolumeSpread * generator.normal())
      let count = max(1, Int(volume.rounded()))
      for order in 0..<count {
        let fraction = (Double(order) + generator.uniform()) / Double(count)
        let label = draw(&generator)
        let time = Timestamp(
          microseconds: start.microseconds + Int64(fraction * Double(Timestamp.microsecondsPerDay)))
        parts.append(
          Part(
            line: index, id: "", cell: cell,
            features: features(label: label, cellIndex: cellIndex, day: day, with: &generator), label: label, time: time
          ))
      }
    }
    parts.sort { $0.time == $1.time ? $0.cell < $1.cell : $0.time < $1.time }
    return parts.enumerated().map { order, part in
      Part(
        line: index, id: "d\(day)-\(order + 1)", cell: part.cell, features: part.features, label: part.label,
        time: part.time)
    }
  }

  private func draw(_ generator: inout Generator) -> Int {
    let shares = scenario.classNames.indices.map { Self.classShares[$0 % Self.classShares.count] }
    var rest = generator.uniform() * shares.reduce(0, +)
    for (label, share) in shares.enumerated() {
      rest -= share
      if rest < 0 { return label }
    }
    return shares.count - 1
  }

  /// Angle by which the class circle of a cell is turned on a day, in radians.
  private func turn(cellIndex: Int, day: Int) -> Double {
    guard let failure = scenario.failure, day >= failure.day, scenario.cells[cellIndex] == scenario.failingCell else {
      return 0
    }
    return failure.turn / 180 * Double.pi
  }

  private func features(label: Int, cellIndex: Int, day: Int, with generator: inout Generator) -> [Float] {
    let classCount = Double(scenario.classNames.count)
    let radius = scenario.classDistance / (2 * sin(Double.pi / classCount))
    let angle = 2 * Double.pi * Double(label) / classCount + turn(cellIndex: cellIndex, day: day)
    let (across, along) = (radius * cos(angle), radius * sin(angle))
    let shift = productShifts[cellIndex / scenario.cameras.count]
    return (0..<scenario.featureCount).map { feature in
      let standard = across * plane.first[feature] + along * plane.second[feature] + shift[feature] + generator.normal()
      return Float(sensors[feature].offset + sensors[feature].scale * standard)
    }
  }

  // MARK: - Draws and directions

  private static func generator(_ seed: UInt64, _ index: Int, stream: UInt64) -> Generator {
    var mixer = Generator(seed: seed)
    let key = mixer.next() ^ (UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15 ^ stream &* 0xD1B5_4A32_D192_ED03
    return Generator(seed: key)
  }

  private static func normals(_ count: Int, _ generator: inout Generator) -> [Double] {
    (0..<count).map { _ in generator.normal() }
  }

  private static func unit(_ vector: [Double]) -> [Double] {
    let length = sqrt(vector.reduce(0) { $0 + $1 * $1 })
    return vector.map { $0 / length }
  }

  /// The part of `vector` at a right angle to each of the orthonormal `directions`.
  private static func reject(_ vector: [Double], from directions: [[Double]]) -> [Double] {
    directions.reduce(vector) { rest, direction in
      let share = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(rest, direction).map { $0 - share * $1 }
    }
  }
}
