import Domain
import Foundation
import GroupDistil
import NeuralNet
import PlantSimulation
import Wire

/// One generated plant of one seed under every policy.
struct LoopPlant {
  let scenario: Scenario
  let seed: UInt64
  let policies: Set<LoopPolicy>

  /// Fresh parts the oracle learns a changed group from.
  private static let oracleRows = 4000
  /// Fresh parts of each group that a teacher who knows the failures has seen.
  private static let teacherRows = 1500
  private static let teacherSteps = 600

  func run() throws -> LoopResult {
    let line = SimulatedLine(scenario: scenario, index: 0, seed: seed)
    let folder = try TemporaryFolder.make("loop-\(scenario.name)-\(seed)")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var words = ["--scenario", scenario.name, "--days", "\(scenario.days)", "--plant-seed", "\(seed)"]
    if scenario.teacherKnowsFailures {
      let file = folder + "/teacher"
      try Data(try knowingTeacher(line).bytes).write(to: URL(filePath: file))
      words += ["--teacher", file]
    }
    let record = try LoopChild(arguments: words).record()
    var truth = try LoopTruth(line, cells: record.cells.map { Cell($0.values) }, classNames: record.classNames)
    return try judge(record, line, &truth)
  }

  /// Judges what the daemon did, and plays the same plant by the other policies.
  func judge(_ record: PlantRecord, _ line: SimulatedLine, _ truth: inout LoopTruth) throws -> LoopResult {
    let began = ContinuousClock.now
    var students: [Int: Int] = [:]
    for student in record.students { students[student.version] = truth.add(try student.student()) }
    guard let frozen = students[record.frozenVersion],
      let first = record.students.first(where: { $0.version == record.frozenVersion })
    else { throw BenchFailure("the record lacks the student that served at the start") }
    let days = LoopDays(record, dayCount: scenario.days)
    var courses = [try days.course(students: students)]
    let idle = LoopCourse(.frozen, student: frozen, days: scenario.days, cells: truth.cells.count)
    if policies.contains(.frozen) { courses.append(idle) }
    let scheduled = LoopPolicy.allCases.filter { policies.contains($0) && $0.isScheduled }
    if !scheduled.isEmpty {
      let pool = try pool(line, record, truth.cells)
      let teacher = try record.teacher.map { try Student(base64: $0, what: "the line's teacher") }
      for policy in scheduled where !policy.isDistilled || teacher != nil {
        let training = ScheduledTraining(
          pool: pool, shape: try first.student().shape, teacher: policy.isDistilled ? teacher : nil,
          seed: seed &* 1000, window: policy.window)
        courses.append(try course(policy, training, frozen: frozen, &truth))
      }
    }
    if policies.contains(.oracle) {
      courses.append(try oracle(shape: try first.student().shape, frozen: frozen, &truth))
    }
    let failing = Set(scenario.failures.compactMap { failure in truth.cells.firstIndex(of: failure.cell) })
    return LoopResult(
      seed: seed,
      scores: courses.map { course in
        LoopResult.Score(
          policy: course.policy,
          score: CourseScore(accuracies: course.accuracies(&truth), parts: days.parts),
          labels: course.labels, processorSeconds: course.processorSeconds, trainings: course.trainings)
      }, jobs: record.runs, newcomers: days.newcomers(students: students, truth: &truth),
      healthyChanges: days.changes(outside: failing, record: record),
      hopeless: record.hopelessGroups,
      streamSeconds: record.seconds, policySeconds: Double((ContinuousClock.now - began).components.seconds))
  }

  /// Everything trained anew every week.
  private func course(
    _ policy: LoopPolicy, _ training: ScheduledTraining, frozen: Int, _ truth: inout LoopTruth
  ) throws -> LoopCourse {
    var course = LoopCourse(policy, student: frozen, days: scenario.days, cells: truth.cells.count)
    for day in stride(from: ScheduledTraining.interval, to: scenario.days, by: ScheduledTraining.interval) {
      guard let trained = try training.student(at: Scenario.moment(day: day), number: day) else { continue }
      course.serve(truth.add(trained.student), from: day, cells: truth.cells.indices)
      course.labels += trained.rows
      course.processorSeconds += trained.processorSeconds
      course.trainings += 1
    }
    return course
  }

  /// A student for each changed group, on the day of the change and every week while it goes on; kept where it is better.
  private func oracle(shape: StudentShape, frozen: Int, _ truth: inout LoopTruth) throws -> LoopCourse {
    var course = LoopCourse(.oracle, student: frozen, days: scenario.days, cells: truth.cells.count)
    for failure in scenario.failures where failure.changesParts {
      guard let cell = truth.cells.firstIndex(of: failure.cell) else { continue }
      var serving = frozen
      for day in stride(from: failure.day, through: failure.day + failure.rampDays, by: ScheduledTraining.interval)
      where day < scenario.days {
        // In the middle of the days it will serve.
        let world = truth.world(cell: cell, day: day + ScheduledTraining.interval / 2)
        let lesson = truth.lesson(cell: cell, world: world, count: Self.oracleRows)
        let trained = try ScheduledTraining.train(
          features: lesson.features, labels: lesson.labels, groups: lesson.labels.map { _ in 0 }, groupCount: 1,
          shape: shape, teacher: nil, seed: seed &+ UInt64(day))
        course.labels += trained.rows
        course.processorSeconds += trained.processorSeconds
        course.trainings += 1
        let newcomer = truth.add(trained.student)
        let old = truth.accuracy(serving, cell: cell, world: world)
        guard truth.accuracy(newcomer, cell: cell, world: world) > old else { continue }
        serving = newcomer
        course.serve(serving, from: day, cells: cell..<cell + 1)
      }
    }
    return course
  }

  private func pool(_ line: SimulatedLine, _ record: PlantRecord, _ cells: [Cell]) throws -> LoopPool {
    let numbers = scenario.classNames.compactMap { record.classNames.firstIndex(of: $0) }
    let indexes = Dictionary(uniqueKeysWithValues: zip(cells, cells.indices))
    var pool = LoopPool(
      input: .vector(count: scenario.featureCount), classCount: numbers.count, cellCount: cells.count)
    func add(_ part: Part, known: Timestamp?) {
      pool.add(
        part.features, cell: indexes[part.cell] ?? -1, label: numbers[part.label],
        reported: numbers[part.reportedLabel], time: part.time, known: known)
    }
    for day in -scenario.historyDays..<0 {
      for part in line.parts(day: day) { add(part, known: part.time) }
    }
    // The daemon's stream draws the same delays from the same seed.
    var random = Generator(seed: seed)
    for part in DayByDay([line], idPrefix: "") {
      add(part, known: scenario.outcomes.observation(of: part.time, answeredRight: true, with: &random))
    }
    return pool
  }

  /// A network as wide as the product's own teachers, trained on parts from before and after every failure.
  private func knowingTeacher(_ line: SimulatedLine) throws -> Student {
    // The line will number its classes in this order.
    let truth = try LoopTruth(line, cells: scenario.cells, classNames: scenario.classNames.sorted())
    var features: [Float] = []
    var (labels, groups): ([Int], [Int]) = ([], [])
    func learn(_ cell: Int, _ world: PartWorld, group: Int) {
      let lesson = truth.lesson(cell: cell, world: world, count: Self.teacherRows)
      features += lesson.features
      labels += lesson.labels
      groups += lesson.labels.map { _ in group }
    }
    for cell in scenario.cells.indices { learn(cell, .asBefore, group: cell) }
    for (index, failure) in scenario.failures.enumerated() {
      guard let cell = scenario.cells.firstIndex(of: failure.cell) else { continue }
      learn(cell, failure.world(day: scenario.days), group: scenario.cells.count + index)
    }
    let rows = try TrainingRows(
      inputs: features, featureCount: scenario.featureCount, labels: labels, classCount: scenario.classNames.count,
      groups: groups, groupCount: scenario.cells.count + scenario.failures.count)
    var order = Array(0..<rows.count)
    var random = Generator(seed: seed)
    random.shuffle(&order)
    var parameters = TeacherParameters()
    parameters.training.stepCount = Self.teacherSteps
    parameters.training.patience = Self.teacherSteps
    return try trainTeacher(
      rows: rows.subset(Array(order.dropFirst(rows.count / 7))),
      select: rows.subset(Array(order.prefix(rows.count / 7))),
      parameters: parameters, seed: seed
    ).student
  }
}

extension RecordedStudent {
  func student() throws -> Student { try Student(base64: bytes, what: "version \(version)") }
}

extension Student {
  init(base64 text: String, what: String) throws {
    guard let bytes = OperatorCoding.bytes(base64: text) else { throw BenchFailure("\(what) is no base64") }
    do {
      self = try Student(bytes: bytes)
    } catch {
      throw BenchFailure("\(what) cannot be read: \(error)")
    }
  }
}
