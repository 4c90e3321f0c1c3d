import Domain
import NeuralNet
import PlantSimulation

/// What students are truly worth on a generated plant: how often they are right on many parts that were never streamed.
struct LoopTruth {
  private let line: SimulatedLine
  /// The number that the students give to each of the scenario's classes.
  private let numbers: [Int]
  /// In the order of a record.
  let cells: [Cell]
  private var students: [Student] = []
  private var samples: [Place: (features: [Float], labels: [Int])] = [:]
  private var known: [Question: Double] = [:]

  private struct Place: Hashable {
    let cell: Int
    let world: PartWorld
  }

  private struct Question: Hashable {
    let student: Int
    let place: Place
  }

  /// Parts an accuracy is taken over: its standard error is below half a point, and students are compared on the same.
  static let sampleCount = 3000
  /// Fresh parts of that number judge; others are for whoever may learn from fresh parts.
  private static let judgingSample = 0

  init(_ line: SimulatedLine, cells: [Cell], classNames: [String]) throws {
    self.line = line
    self.cells = cells
    numbers = line.scenario.classNames.compactMap { classNames.firstIndex(of: $0) }
    guard numbers.count == classNames.count else {
      throw BenchFailure("the line has the classes \(classNames.joined(separator: ", ")), not the plant's")
    }
  }

  /// - Returns: the number by which it is asked about from now on.
  mutating func add(_ student: Student) -> Int {
    students.append(student)
    return students.count - 1
  }

  func world(cell: Int, day: Int) -> PartWorld { line.world(cell: cells[cell], day: day) }

  /// Parts to learn from, their classes numbered as the students do it.
  func lesson(cell: Int, world: PartWorld, count: Int) -> (features: [Float], labels: [Int]) {
    parts(cell: cell, world: world, count: count, sample: Self.judgingSample + 1)
  }

  private func parts(cell: Int, world: PartWorld, count: Int, sample: Int) -> (features: [Float], labels: [Int]) {
    let fresh = line.freshParts(of: cells[cell], in: world, count: count, sample: sample)
    return (fresh.features, fresh.labels.map { numbers[$0] })
  }

  /// 0...1
  mutating func accuracy(_ student: Int, cell: Int, day: Int) -> Double {
    accuracy(student, cell: cell, world: world(cell: cell, day: day))
  }

  mutating func accuracy(_ student: Int, cell: Int, world: PartWorld) -> Double {
    let place = Place(cell: cell, world: world)
    let question = Question(student: student, place: place)
    if let known = known[question] { return known }
    let sample =
      samples[place] ?? parts(cell: cell, world: world, count: Self.sampleCount, sample: Self.judgingSample)
    samples[place] = sample
    let right = students[student].rightCount(sample.features, labels: sample.labels)
    let accuracy = Double(right) / Double(max(1, sample.labels.count))
    known[question] = accuracy
    return accuracy
  }
}

extension Student {
  /// The class of the largest logit of each row.
  func classes(_ features: [Float], rowCount: Int) -> [Int] {
    let logits = logits(features, rowCount: rowCount)
    let classCount = shape.classCount
    return (0..<rowCount).map { row in
      (0..<classCount).max { logits[row * classCount + $0] < logits[row * classCount + $1] } ?? 0
    }
  }

  func rightCount(_ features: [Float], labels: [Int]) -> Int {
    zip(classes(features, rowCount: labels.count), labels).count { $0 == $1 }
  }
}
