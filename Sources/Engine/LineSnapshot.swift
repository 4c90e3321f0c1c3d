import Domain
import NeuralNet
import Policy
import Synchronization

/// All a request needs of a line, immutable: a promotion puts a new snapshot in the place of the old one, and requests
/// under way finish on the one they took.
public final class LineSnapshot: Sendable {
  public let definition: LineDefinition
  public let time: TimeSource
  public let champion: ModelVersion
  let served: [ModelVersion: ServedStudent]
  let championStudent: ServedStudent?
  /// Cells that the serving students were trained on; the parts of others are answered by the champion, with a word of
  /// caution.
  let places: [Cell: Place]
  let clock: LineClock
  let aliases: ValueAliases
  /// Answers a share of all parts; nil: nobody does.
  let canary: Canary?

  /// What is known beforehand of a part with these attributes.
  struct Place: Sendable {
    let served: ServedStudent?
    /// The cell as text.
    let name: String
    /// Said of each of its parts.
    let advice: Advice
  }

  /// A challenger that answers parts.
  struct OnTrial {
    let version: ModelVersion
    let student: Student
    let rule: AdviceRule
    let before: Takeover
    let studentsBefore: [ModelVersion: (student: Student, rule: AdviceRule)]
    let observer: ServingGuard
    /// The share it answers; nil: it serves.
    let percent: Int?
  }

  init(
    definition: LineDefinition, time: TimeSource, champion: ModelVersion, routes: [Cell: ModelVersion],
    students: [ModelVersion: Student], rules: [ModelVersion: AdviceRule], trainedCells: Set<Cell>, clock: LineClock,
    aliases: ValueAliases = ValueAliases(), trials: [OnTrial] = [], weakCells: Set<Cell> = []
  ) {
    self.definition = definition
    self.time = time
    self.champion = champion
    self.clock = clock
    self.aliases = aliases
    var served: [ModelVersion: ServedStudent] = [:]
    for (version, student) in students {
      let trial = trials.first { $0.version == version && $0.percent == nil }
      served[version] = ServedStudent(
        student, version: version, rule: rules[version] ?? AdviceRule(threshold: nil, range: nil),
        guarded: trial?.guarded)
    }
    let canary = trials.first { $0.percent != nil }
    self.canary = canary.flatMap { trial in
      trial.percent.map {
        Canary(
          student: ServedStudent(
            trial.student, version: trial.version, rule: trial.rule, guarded: trial.guarded), percent: $0)
      }
    }
    var places: [Cell: Place] = [:]
    for cell in trainedCells.union(weakCells) {
      var advice: Advice = []
      if weakCells.contains(cell) { advice.insert(.weakGroup) }
      if !trainedCells.contains(cell) { advice.insert(.unseenGroup) }
      places[cell] = Place(
        served: served[routes[cell] ?? champion], name: definition.text(cell), advice: advice)
    }
    self.served = served
    self.places = places
    championStudent = served[champion]
  }

  /// Nothing has to be said of a part of this cell because of where it comes from.
  public func isKnown(_ cell: Cell) -> Bool { places[cell] != nil }
  /// The cell as text.
  public func name(of cell: Cell) -> String { places[cell]?.name ?? definition.text(cell) }
  public func version(serving cell: Cell) -> ModelVersion { places[cell]?.served?.version ?? champion }
  public var liveVersions: [ModelVersion] { served.keys.sorted() }
  public var students: [ModelVersion: Student] { served.mapValues(\.student) }
  public func serves(_ version: ModelVersion) -> Bool { served[version] != nil }
}

extension LineSnapshot.OnTrial {
  /// Nil where the champion before is not there.
  fileprivate var guarded: Guarded? {
    let standing = studentsBefore.reduce(into: [ModelVersion: ServedStudent]()) { standing, one in
      standing[one.key] = ServedStudent(one.value.student, version: one.key, rule: one.value.rule)
    }
    guard let champion = standing[before.champion] else { return nil }
    return Guarded(observer: observer, routes: before.routes.compactMapValues { standing[$0] }, champion: champion)
  }
}

/// A student in service, with room for one part kept from request to request.
final class ServedStudent: Sendable {
  let student: Student
  let version: ModelVersion
  /// How its parts are judged.
  let rule: AdviceRule
  /// While it is on trial.
  let guarded: Guarded?
  /// Empty while a thread answers with it; a second thread makes itself a room of its own.
  private let spare: Mutex<Scratch?>

  init(_ student: Student, version: ModelVersion, rule: AdviceRule, guarded: Guarded? = nil) {
    self.student = student
    self.version = version
    self.rule = rule
    self.guarded = guarded
    spare = Mutex(student.makeScratch(rowCount: 1))
  }

  /// Logits `[classCount]` of one part's `inputs` `[featureCount]`.
  func logits(_ inputs: [Float]) -> [Float] {
    var scratch = spare.withLock { $0.take() } ?? student.makeScratch(rowCount: 1)
    var logits = [Float](repeating: 0, count: student.shape.classCount)
    var span = logits.mutableSpan
    student.logits(inputs.span, rowCount: 1, scratch: &scratch, into: &span)
    let used = scratch
    spare.withLock { $0 = used }
    return logits
  }
}

/// Answered parts of one request, and who answered.
public struct ServedParts: Sendable {
  public let snapshot: LineSnapshot
  public private(set) var predictions: [Prediction]
  /// When the client is told that there is no answer; nil for clients that wait.
  public var deadline: ContinuousClock.Instant?

  init(snapshot: LineSnapshot, predictions: [Prediction]) {
    self.snapshot = snapshot
    self.predictions = predictions
  }

  func isLate(at time: ContinuousClock.Instant) -> Bool { deadline.map { $0 < time } ?? false }

  /// For parts that are only written after their client has been told that there is no answer.
  mutating func markLate() {
    for index in predictions.indices { predictions[index].late = true }
  }
}
