import Domain
import Foundation
import GroupDistil
import NeuralNet
import Policy

/// Two groups of FactoryTab change after deployment, and a retraining as the daemon does it brings them back.
///
/// The bench files hold no change, so one is made: in the changed groups, from deployment on, the standardised features
/// 0 and 1, 2 and 3, ... are turned in their plane by `turnDegrees`; labels stay. The task is as hard as before, but
/// the serving student falls to about 25 %. The teacher answers as it does for the row before its turn, hence like a
/// teacher that has seen the change; the job is run without it too, on labels alone.
///
/// Labelled rows come from the train split of the changed groups: 150 of each to learn from and select by, and the
/// gate's. The serving student is the product's balanced labels on the whole train split before the turn. Test rows of
/// the changed groups are turned.
struct DriftRetraining: Hashable, Sendable {
  let seed: UInt64

  struct Result: Sendable, Equatable {
    /// Mean test accuracy of the changed groups in percent: before the change, after it, and retrained.
    let before: Double
    let drifted: Double
    let retrained: Double
    /// The same by a job without a teacher.
    let retrainedOnLabels: Double
    /// Largest change of any other group's test accuracy in points, either way.
    let healthyChange: Double
    let isPromoted: Bool
  }

  /// Values of `g_group`: two with enough train rows to take the recent ones from, and clean labels.
  static let changedGroups: Set<String> = ["1", "3"]
  static let turnDegrees = 95.0
  /// Per changed group.
  static let learningRows = 150

  func run(_ folder: BenchFolder) throws -> Result {
    let bench = Bench.factoryTab
    let rows = try folder.rows(bench, seed: seed, teacher: .rich)
    let data = rows.data
    let changed = data.groups.indices.filter { Self.changedGroups.contains(data.groups[$0].cell.values[0]) }
    let standardizer = Standardizer(fitting: data.train)
    let turn = Turn(degrees: Self.turnDegrees, in: standardizer)

    let study = try StudySeed(
      data: data, recipe: StudyRecipe(shape: try bench.shape()), teacher: .absent("labels alone"), seed: seed)
    guard let incumbent = study.student(of: .balanced) else { throw BenchFailure("there is no student to deploy") }

    let test = try turn.applied(to: data.test, groups: changed)
    let before = tally(incumbent, rows: data.test)
    let drifted = tally(incumbent, rows: test)
    let taught = try retrain(incumbent, rows, turn: turn, changed: changed, hasTeacher: true)
    let untaught = try retrain(incumbent, rows, turn: turn, changed: changed, hasTeacher: false)
    func routed(_ challenger: Student) -> [GroupTally] {
      Router(incumbent: incumbent, challenger: challenger, cells: Set(changed.map { data.groups[$0].cell }))
        .tally(test, groups: data.groups)
    }
    let after = routed(taught.student)
    let healthy = data.groups.indices.filter { !changed.contains($0) }
    let changes = healthy.map { abs((after[$0].accuracy ?? 0) - (before[$0].accuracy ?? 0)) }
    return Result(
      before: mean(before, changed), drifted: mean(drifted, changed), retrained: mean(after, changed),
      retrainedOnLabels: mean(routed(untaught.student), changed), healthyChange: 100 * (changes.max() ?? .nan),
      isPromoted: taught.isPromoted)
  }

  private func mean(_ tallies: [GroupTally], _ groups: [Int]) -> Double {
    100 * groups.compactMap { tallies[$0].accuracy }.reduce(0, +) / Double(groups.count)
  }

  /// The daemon's job on the rows since the change, and its gate.
  private func retrain(
    _ incumbent: Student, _ rows: BenchRows, turn: Turn, changed: [Int], hasTeacher: Bool
  ) throws -> (student: Student, isPromoted: Bool) {
    let data = rows.data
    let settings = LineSettings()
    // The gate takes at least its minimum and at least its share of all rows.
    let gateRows = max(
      settings.gateRowsMinimum,
      Int((Double(Self.learningRows * changed.count) * FoldPlan.gateShare / (1 - FoldPlan.gateShare)).rounded(.up)))
    let perGroup = Self.learningRows + gateRows / changed.count
    var random = Generator(seed: seed)
    var chosen = try changed.flatMap { group in
      var members = (0..<data.train.count).filter { data.train.groups[$0] == group }
      guard members.count >= perGroup else {
        throw BenchFailure("group \(group) has fewer than \(perGroup) train rows")
      }
      random.shuffle(&members)
      return members.prefix(perGroup)
    }
    random.shuffle(&chosen)
    let recent = try turn.applied(to: data.train.subset(chosen), groups: changed)
    let groupOfNumber = Dictionary(uniqueKeysWithValues: changed.enumerated().map { ($1, $0) })
    let classCount = recent.classCount
    let logits = chosen.flatMap { rows.trainLogits[$0 * classCount..<($0 + 1) * classCount] }
    let job = RetrainJob(
      rows: try TrainingRows(
        inputs: recent.inputs, input: recent.input, labels: recent.labels, classCount: classCount,
        groups: recent.groups.compactMap { groupOfNumber[$0] }, groupCount: changed.count),
      folds: .retraining(
        strata: zip(recent.groups, recent.labels).map { $0 * classCount + $1 }, parts: chosen.map { "part \($0)" },
        gateRowsMinimum: settings.gateRowsMinimum),
      groups: changed.map { data.groups[$0] }, groupNames: changed.map { data.groupNames[$0] },
      serving: ServingStudents(incumbent: incumbent),
      teacher: hasTeacher ? .answers(name: "rich", labelled: logits, unlabelled: nil) : .absent("labels alone"),
      seed: seed)
    let learned = try job.run(JobHost())
    guard let student = learned.student else { throw BenchFailure("no arm of the retraining could be trained") }
    let gate = promotionGate(
      GateQuestion(
        pairs: learned.report.pairs, lagging: Set(job.groups), attempt: 1, settings: settings,
        name: { $0.cell.values.joined(separator: ",") }))
    return (student, gate.promote)
  }
}

/// Turns pairs of standardised features.
private struct Turn {
  private let standardizer: Standardizer
  private let cosine: Float
  private let sine: Float

  init(degrees: Double, in standardizer: Standardizer) {
    self.standardizer = standardizer
    cosine = Float(cos(degrees * .pi / 180))
    sine = Float(sin(degrees * .pi / 180))
  }

  /// The same rows, those of `groups` turned.
  func applied(to rows: TrainingRows, groups: [Int]) throws -> TrainingRows {
    let width = rows.featureCount
    var inputs = rows.inputs
    for row in 0..<rows.count where groups.contains(rows.groups[row]) {
      for feature in Swift.stride(from: 0, to: width - 1, by: 2) {
        let (first, second) = (row * width + feature, row * width + feature + 1)
        let x = (inputs[first] - standardizer.mean[feature]) * standardizer.inverseScale[feature]
        let y = (inputs[second] - standardizer.mean[feature + 1]) * standardizer.inverseScale[feature + 1]
        inputs[first] =
          standardizer.mean[feature] + (cosine * x - sine * y) / standardizer.inverseScale[feature]
        inputs[second] =
          standardizer.mean[feature + 1] + (sine * x + cosine * y) / standardizer.inverseScale[feature + 1]
      }
    }
    return try TrainingRows(
      inputs: inputs, input: rows.input, labels: rows.labels, classCount: rows.classCount, groups: rows.groups,
      groupCount: rows.groupCount)
  }
}

/// Which student answers for a row, by its cell alone.
private struct Router {
  let incumbent: Student
  let challenger: Student
  let cells: Set<Cell>

  func tally(_ rows: TrainingRows, groups: [GroupKey]) -> [GroupTally] {
    let old = GroupDistil.tally(incumbent, rows: rows)
    let new = GroupDistil.tally(challenger, rows: rows)
    return groups.indices.map { cells.contains(groups[$0].cell) ? new[$0] : old[$0] }
  }
}
