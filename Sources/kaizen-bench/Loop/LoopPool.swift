import DataFiles
import Domain
import GroupDistil
import NeuralNet
import PlantSimulation

/// Every part of a plant with the moment its outcome comes: what a policy may learn from, and when.
struct LoopPool {
  let input: InputShape
  let classCount: Int
  let cellCount: Int
  /// `[count, input.count]`
  private(set) var features: [Float] = []
  /// Index into the record's cells; -1 for one that was never streamed.
  private(set) var cells: [Int] = []
  private(set) var labels: [Int] = []
  /// What the outcome says.
  private(set) var reported: [Int] = []
  private(set) var times: [Timestamp] = []
  /// nil: never.
  private(set) var known: [Timestamp?] = []

  var count: Int { labels.count }

  init(input: InputShape, classCount: Int, cellCount: Int) {
    self.input = input
    self.classCount = classCount
    self.cellCount = cellCount
  }

  mutating func add(
    _ features: some Sequence<Float>, cell: Int, label: Int, reported: Int, time: Timestamp, known: Timestamp?
  ) {
    self.features += features
    cells.append(cell)
    labels.append(label)
    self.reported.append(reported)
    times.append(time)
    self.known.append(known)
  }

  func features(_ row: Int) -> ArraySlice<Float> { features[row * input.count..<(row + 1) * input.count] }
}

/// Training everything anew on a schedule, for all groups and without a gate: what many plants do.
struct ScheduledTraining {
  let pool: LoopPool
  let shape: StudentShape
  /// nil: labels alone.
  let teacher: Student?
  let seed: UInt64
  /// Days back from which labels are taken; nil: all there are.
  let window: Int?

  struct Trained {
    let student: Student
    /// Labelled rows it learned from and was chosen by.
    let rows: Int
    let processorSeconds: Double
  }

  /// Days from one training to the next.
  static let interval = 7
  /// Of so many rows one chooses the checkpoint.
  private static let selectEvery = 7
  /// Fewer rows are not worth a student.
  private static let rowsMinimum = 100

  /// - Returns: nil where there is nothing to learn from.
  func student(at moment: Timestamp, number: Int) throws -> Trained? {
    let since = window.map { moment.advanced(hours: -24 * Double($0)) }
    let chosen = (0..<pool.count).filter { row in
      guard pool.cells[row] >= 0, let known = pool.known[row], known <= moment else { return false }
      return since.map { $0 <= pool.times[row] } ?? true
    }
    guard chosen.count >= Self.rowsMinimum else { return nil }
    return try Self.train(
      features: chosen.flatMap { pool.features($0) }, labels: chosen.map { pool.reported[$0] },
      groups: chosen.map { pool.cells[$0] }, groupCount: pool.cellCount, shape: shape, teacher: teacher,
      seed: seed &+ UInt64(number))
  }

  /// Plain training of a new student of that shape, with a teacher or without.
  static func train(
    features: [Float], labels: [Int], groups: [Int], groupCount: Int, shape: StudentShape, teacher: Student?,
    seed: UInt64
  ) throws -> Trained {
    let began = Machine.threadSeconds()
    let rows = try TrainingRows(
      inputs: features, input: shape.input, labels: labels, classCount: shape.classCount, groups: groups,
      groupCount: groupCount, teacherLogits: teacher?.logits(features, rowCount: labels.count))
    var order = Array(0..<rows.count)
    var random = Generator(seed: seed)
    random.shuffle(&order)
    let selectCount = max(1, rows.count / selectEvery)
    let train = rows.subset(Array(order.dropFirst(selectCount)))
    let trained = try GroupDistil.train(
      initial: Student(shape: shape, standardizer: Standardizer(fitting: train), seed: seed), rows: train,
      select: rows.subset(Array(order.prefix(selectCount))),
      parameters: DistilParameters.fresh.training(by: teacher == nil ? .erm : .kd), seed: seed &+ 1
    ) { _ in .more }
    return Trained(student: trained.student, rows: rows.count, processorSeconds: Machine.threadSeconds() - began)
  }
}
