import DataFiles
import Domain
import NeuralNet
import PlantSimulation

/// The die-casting data after its first two weeks: ours through the daemon, the others on the same rows.
struct LoopReplay {
  let path: String
  let seed: UInt64
  let policies: Set<LoopPolicy>
  let outcomeInGroups: Bool

  func run() throws -> ReplayResult {
    let words = ["--replay", path, "--plant-seed", "\(seed)"] + (outcomeInGroups ? ["--outcome-in-groups"] : [])
    return try judge(LoopChild(arguments: words).record())
  }

  func judge(_ record: PlantRecord) throws -> ReplayResult {
    let began = ContinuousClock.now
    let counts = ReplayCounts(record)
    var scores = [
      ReplayResult.Score(
        policy: .ours, score: counts.molds.score(counts.right), byClass: counts.classes.score(counts.right),
        labels: record.runs.reduce(0) { $0 + ($1.labels ?? 0) }, processorSeconds: record.trainerSeconds,
        trainings: record.runs.count)
    ]
    if policies.contains(.frozen) {
      scores.append(
        ReplayResult.Score(
          policy: .frozen, score: counts.molds.score(counts.frozenRight),
          byClass: counts.classes.score(counts.frozenRight), labels: 0, processorSeconds: 0, trainings: 0))
    }
    let scheduled = LoopPolicy.allCases.filter { policies.contains($0) && $0.isScheduled }
    if !scheduled.isEmpty {
      let rows = try ReplayRows(path: path, record: record, seed: seed)
      guard let first = record.students.first(where: { $0.version == record.frozenVersion }) else {
        throw BenchFailure("the record lacks the student that served at the start")
      }
      let frozen = try first.student()
      let teacher = try record.teacher.map { try Student(base64: $0, what: "the line's teacher") }
      for policy in scheduled where !policy.isDistilled || teacher != nil {
        let training = ScheduledTraining(
          pool: rows.pool, shape: frozen.shape, teacher: policy.isDistilled ? teacher : nil, seed: seed &* 1000,
          window: policy.window)
        scores.append(try score(policy, training, rows, counts, frozen: frozen))
      }
    }
    return ReplayResult(
      seed: seed, scores: scores, jobs: record.runs, hopeless: record.hopelessGroups,
      streamSeconds: record.seconds,
      policySeconds: Double((ContinuousClock.now - began).components.seconds))
  }

  private func score(
    _ policy: LoopPolicy, _ training: ScheduledTraining, _ rows: ReplayRows, _ counts: ReplayCounts, frozen: Student
  ) throws -> ReplayResult.Score {
    var right = counts.parts.map { $0.map { _ in 0 } }
    var serving = frozen
    var (labels, seconds, trainings) = (0, 0.0, 0)
    for day in counts.parts.indices {
      if day > 0, day % ScheduledTraining.interval == 0,
        let trained = try training.student(at: rows.moment(day: day), number: day)
      {
        serving = trained.student
        labels += trained.rows
        seconds += trained.processorSeconds
        trainings += 1
      }
      let today = rows.byDay[day] ?? []
      let classes = serving.classes(today.flatMap { rows.pool.features($0) }, rowCount: today.count)
      for (row, predicted) in zip(today, classes) where predicted == rows.pool.labels[row] {
        right[day][counts.slot(cell: rows.pool.cells[row], label: rows.pool.labels[row])] += 1
      }
    }
    return ReplayResult.Score(
      policy: policy, score: counts.molds.score(right), byClass: counts.classes.score(right), labels: labels,
      processorSeconds: seconds, trainings: trainings)
  }
}

/// The file's rows as a record of their replay numbers them.
private struct ReplayRows {
  private(set) var pool: LoopPool
  /// Streamed rows by day.
  private(set) var byDay: [Int: [Int]] = [:]
  private let firstDay: Int64

  init(path: String, record: PlantRecord, seed: UInt64) throws {
    let table = try PartsTable.read(
      path: path,
      request: PartsRequest(label: DieCasting.labelColumn, groups: [DieCasting.moldColumn, DieCasting.dateColumn]))
    guard table.classNames == record.classNames else {
      throw BenchFailure("the line was made with other classes than \(path) has")
    }
    let cells = Dictionary(
      uniqueKeysWithValues: record.cells.enumerated().map { ($1.values.first ?? "", $0) })
    let stamps = try (0..<table.rowCount).map { row in
      guard let stamp = Timestamp(table.cell(row: row).values[1]) else {
        throw BenchFailure("row \(row + 1) of \(path) has no date")
      }
      return stamp
    }
    // As the daemon's stream has them: the parts of a day spread over it, those before the stream on their own.
    let clock = ReplayClock.dates(column: DieCasting.dateColumn)
    let history = min(DieCasting.historyRows, table.rowCount)
    let times = clock.times(of: Array(stamps[..<history])) + clock.times(of: Array(stamps[history...]))
    pool = LoopPool(input: table.input, classCount: table.classNames.count, cellCount: record.cells.count)
    firstDay = times[history...].map(\.day).min() ?? 0
    var random = Generator(seed: seed)
    let order =
      Array(0..<history)
      + (history..<table.rowCount).sorted { times[$0] == times[$1] ? $0 < $1 : times[$0] < times[$1] }
    for row in order {
      guard let label = table.labels[row] else { continue }
      let isStreamed = row >= history
      let known =
        isStreamed
        ? DieCasting.outcomes.observation(of: times[row], answeredRight: true, with: &random) : times[row]
      if isStreamed { byDay[Int(times[row].day - firstDay), default: []].append(pool.count) }
      pool.add(
        table.features(row: row), cell: cells[table.cell(row: row).values[0]] ?? -1, label: label, reported: label,
        time: times[row], known: known)
    }
  }

  func moment(day: Int) -> Timestamp {
    Timestamp(microseconds: (firstDay + Int64(day)) * Timestamp.microsecondsPerDay)
  }
}

/// A record's counts by day, mold and true class.
private struct ReplayCounts {
  /// By day and slot: a mold's classes stand side by side.
  private(set) var parts: [[Int]]
  private(set) var right: [[Int]]
  private(set) var frozenRight: [[Int]]
  private let classCount: Int
  private let moldNames: [String]
  private let classNames: [String]

  init(_ record: PlantRecord) {
    moldNames = record.cells.map(\.name)
    classNames = record.classNames
    classCount = record.classNames.count
    let dayCount = (record.answers.map(\.day).max() ?? -1) + 1
    parts = Array(repeating: Array(repeating: 0, count: record.cells.count * classCount), count: dayCount)
    right = parts
    frozenRight = parts
    for answer in record.answers {
      let slot = slot(cell: answer.cell, label: answer.label)
      parts[answer.day][slot] += answer.parts
      right[answer.day][slot] += answer.right
      frozenRight[answer.day][slot] += answer.frozenRight
    }
  }

  func slot(cell: Int, label: Int) -> Int { cell * classCount + label }

  /// Slots taken together, and how they are called.
  struct Grouping {
    let names: [String]
    let size: Int
    let parts: [[Int]]

    func score(_ right: [[Int]]) -> ReplayScore {
      ReplayScore(right: joined(right), parts: joined(parts), molds: names)
    }

    private func joined(_ counts: [[Int]]) -> [[Int]] {
      counts.map { day in names.indices.map { day[$0 * size..<($0 + 1) * size].reduce(0, +) } }
    }
  }

  var molds: Grouping { Grouping(names: moldNames, size: classCount, parts: parts) }

  var classes: Grouping {
    Grouping(
      names: moldNames.flatMap { mold in classNames.map { "\(mold),outcome=\($0)" } }, size: 1, parts: parts)
  }
}

/// Accuracies over a replay, 0...1, on its own parts.
public struct ReplayScore: Sendable, Equatable {
  public let mean: Double
  /// Of the worst mold with enough parts, and which it is.
  public let worst: Double
  public let worstMold: String
  /// The same over the last weeks.
  public let endMean: Double
  public let endWorst: Double
  public let endWorstMold: String

  public static let endDays = 28
  /// Fewer parts say nothing of a mold.
  public static let partsMinimum = 200

  /// - Parameters:
  ///   - right: by day and mold.
  ///   - parts: as many of each.
  public init(right: [[Int]], parts: [[Int]], molds: [String]) {
    func sums(_ counts: some Collection<[Int]>) -> [Int] {
      molds.indices.map { mold in counts.reduce(0) { $0 + $1[mold] } }
    }
    func over(_ dayCount: Int) -> (mean: Double, worst: Double, mold: String) {
      let (right, parts) = (sums(right.suffix(dayCount)), sums(parts.suffix(dayCount)))
      let mean = Double(right.reduce(0, +)) / Double(max(1, parts.reduce(0, +)))
      let counted = molds.indices.filter { parts[$0] >= Self.partsMinimum }
      let worst = counted.map { (accuracy: Double(right[$0]) / Double(parts[$0]), mold: molds[$0]) }
        .min { $0.accuracy < $1.accuracy }
      return (mean, worst?.accuracy ?? mean, worst?.mold ?? "none")
    }
    (mean, worst, worstMold) = over(parts.count)
    (endMean, endWorst, endWorstMold) = over(Self.endDays)
  }
}

/// What became of one replay.
struct ReplayResult: Sendable {
  let seed: UInt64
  let scores: [Score]
  let jobs: [RecordedRun]
  /// Groups of which the daemon said that nothing helps them, as often as it said so.
  let hopeless: [String]
  let streamSeconds: Double
  let policySeconds: Double

  struct Score: Sendable {
    let policy: LoopPolicy
    /// By mold.
    let score: ReplayScore
    /// By mold and true class.
    let byClass: ReplayScore
    let labels: Int
    let processorSeconds: Double
    let trainings: Int
  }

  func score(_ policy: LoopPolicy) -> Score? { scores.first { $0.policy == policy } }
}
