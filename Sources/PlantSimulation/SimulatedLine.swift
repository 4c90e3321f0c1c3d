import Domain
import Glibc
import NeuralNet

/// One generated line: a pure function of scenario, seed and the line's place in the plant.
///
/// The class means stand on a circle in a plane of feature space that the seed turns; each product shifts all features
/// at a right angle to that plane, so the product is visible but says nothing about the class. Around each mean the
/// features are independent normal numbers of standard deviation 1. Readings then get the units of a sensor each. A
/// failure turns, shrinks or moves the circle of one cell from its day on, or spoils its outcomes.
public struct SimulatedLine: Sendable {
  public let scenario: Scenario
  /// Index of the line in its plant: part of the seed of all that is drawn.
  public let index: Int
  private let seed: UInt64
  private let plane: (first: [Double], second: [Double])
  private let productShifts: [[Double]]
  private let sensors: [(offset: Double, scale: Double)]
  private let volumes: [Double]
  /// Where a visible failure shifts parts: at a right angle to classes and products.
  private let shiftDirection: [Double]

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
    let failing = Set(scenario.failures.map(\.cell))
    volumes = scenario.cells.map { cell in
      let factor = exp(Self.groupVolumeSpread * generator.normal())
      // A group that fails is of typical size, whatever the seed.
      return scenario.partsPerDay * (failing.contains(cell) ? 1 : factor)
    }
    // Last, so that plants without it are what they always were.
    let taken = [first, second] + Self.orthonormal(productShifts)
    let isVisible = scenario.failures.contains { $0.shift != 0 }
    shiftDirection =
      isVisible ? Self.unit(Self.reject(Self.normals(scenario.featureCount, &generator), from: taken)) : []
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
      let failure = failure(of: cell)
      let world = failure?.world(day: day) ?? .asBefore
      var errors = Self.generator(seed, index, stream: stream &* 2 &+ 2)
      for order in 0..<count {
        let fraction = (Double(order) + generator.uniform()) / Double(count)
        let label = draw(&generator)
        let time = Timestamp(
          microseconds: start.microseconds + Int64(fraction * Double(Timestamp.microsecondsPerDay)))
        parts.append(
          Part(
            line: index, id: "", cell: cell,
            features: features(label: label, cellIndex: cellIndex, world: world, with: &generator), label: label,
            reportedLabel: reported(label, failure: failure, day: day, with: &errors), time: time))
      }
    }
    parts.sort { $0.time == $1.time ? $0.cell < $1.cell : $0.time < $1.time }
    return parts.enumerated().map { order, part in part.named("d\(day)-\(order + 1)") }
  }

  /// What the parts of a cell are like on a day.
  public func world(cell: Cell, day: Int) -> PartWorld { failure(of: cell)?.world(day: day) ?? .asBefore }

  /// Parts that are never streamed, of a cell in a world: features `[count, featureCount]` and the true classes. The same
  /// draws for every world, so that two days differ by what happened between them alone.
  ///
  /// - Parameter sample: another number gives other parts.
  public func freshParts(
    of cell: Cell, in world: PartWorld, count: Int, sample: Int
  ) -> (features: [Float], labels: [Int]) {
    guard let cellIndex = scenario.cells.firstIndex(of: cell) else { return ([], []) }
    let stream = Self.freshStreams &+ UInt64(sample * scenario.cells.count + cellIndex) &* 2
    var generator = Self.generator(seed, index, stream: stream)
    var features: [Float] = []
    features.reserveCapacity(count * scenario.featureCount)
    var labels: [Int] = []
    for _ in 0..<count {
      let label = draw(&generator)
      labels.append(label)
      features += self.features(label: label, cellIndex: cellIndex, world: world, with: &generator)
    }
    return (features, labels)
  }

  /// Streams of random numbers from here on belong to no day.
  private static let freshStreams: UInt64 = 1 << 62

  private func failure(of cell: Cell) -> Failure? { scenario.failures.first { $0.cell == cell } }

  private func reported(_ label: Int, failure: Failure?, day: Int, with generator: inout Generator) -> Int {
    guard let failure, failure.mislabelled > 0, day >= failure.day, generator.uniform() < failure.mislabelled else {
      return label
    }
    let others = scenario.classNames.count - 1
    return (label + 1 + generator.index(below: others)) % scenario.classNames.count
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

  private func features(
    label: Int, cellIndex: Int, world: PartWorld, with generator: inout Generator
  ) -> [Float] {
    let classCount = Double(scenario.classNames.count)
    let radius = scenario.classDistance / (2 * sin(Double.pi / classCount)) * (1 - world.crowding)
    let angle = 2 * Double.pi * Double(label) / classCount + world.turn / 180 * Double.pi
    let (across, along) = (radius * cos(angle), radius * sin(angle))
    let shift = productShifts[cellIndex / scenario.cameras.count]
    return (0..<scenario.featureCount).map { feature in
      var standard = across * plane.first[feature] + along * plane.second[feature] + shift[feature] + generator.normal()
      if world.shift != 0 { standard += world.shift * shiftDirection[feature] }
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

  /// Directions at right angles to each other that span what `vectors` span.
  private static func orthonormal(_ vectors: [[Double]]) -> [[Double]] {
    vectors.reduce(into: []) { directions, vector in directions.append(unit(reject(vector, from: directions))) }
  }

  /// The part of `vector` at a right angle to each of the orthonormal `directions`.
  private static func reject(_ vector: [Double], from directions: [[Double]]) -> [Double] {
    directions.reduce(vector) { rest, direction in
      let share = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
      return zip(rest, direction).map { $0 - share * $1 }
    }
  }
}
