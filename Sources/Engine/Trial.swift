import Domain
import NeuralNet
import Policy

/// A challenger on the plant's thread, from its gate until nobody compares it any more.
struct TrialState {
  var record: TrialRecord
  var watch: TrialWatch
  let challenger: Student
  let bounds: AdviceBounds?
  /// The students whose place it takes.
  let before: [ModelVersion: Student]
  let boundsBefore: [ModelVersion: AdviceBounds]
  /// How often it answered each class on the gate's rows; nil where nobody counted.
  let gateClasses: [Int]?
  /// What its own answers have shown in this stage, since this process put it there.
  var observer: ServingGuard
  /// What policy says of it, for `status`.
  var sentence = ""

  /// Whether requests are answered by it.
  var isLive: Bool {
    switch record.stage {
    case .approval, .shadow: false
    case .canary, .watch: true
    }
  }

  /// - Returns: how a snapshot serves it; nil where it answers nobody.
  func onTrial(_ settings: LineSettings) -> LineSnapshot.OnTrial? {
    guard isLive else { return nil }
    let percent: Int? = if case .canary(let percent) = record.stage { percent } else { nil }
    return LineSnapshot.OnTrial(
      version: record.version, student: challenger, rule: AdviceRule(bounds, settings), before: record.before,
      studentsBefore: before.reduce(into: [:]) {
        $0[$1.key] = (student: $1.value, rule: AdviceRule(boundsBefore[$1.key], settings))
      }, observer: observer, percent: percent)
  }
}

extension AdviceRule {
  init(_ bounds: AdviceBounds?, _ settings: LineSettings) {
    self.init(
      threshold: confidenceThreshold(bounds?.confidence, errorMax: settings.adviceErrorMax).threshold,
      range: settings.adviceRange == .check ? bounds?.range : nil)
  }
}

/// A trial as operators see it.
public struct TrialStatus: Sendable, Equatable {
  public let run: Int
  public let scope: RetrainScope
  public let stage: TrialStage
  /// Where it serves or is to serve, as text; empty: everywhere.
  public let cells: [String]
  public let version: ModelVersion
  /// In the line's time.
  public let since: Timestamp
  public let sentence: String
  /// Labelled parts that both students answered: only the challenger right, only the student before right.
  public let total: Int
  public let wins: Int
  public let losses: Int
}

/// What became of a trial by somebody's word.
public struct TrialStep: Sendable, Equatable {
  public let line: LineID
  public let run: Int
  public let version: ModelVersion
  /// nil: it is over.
  public let stage: TrialStage?
  public let sentence: String
}

extension LineState {
  /// Cells for which a challenger waits for a person's yes, with its run.
  var awaitingCells: [Cell: Int] {
    trials.map(\.record).filter { $0.stage == .approval }.reduce(into: [:]) { awaiting, record in
      let cells = record.cells.isEmpty ? trainedCells.union(monitor.seenCells) : Set(record.cells)
      for cell in cells { awaiting[cell] = record.run }
    }
  }

  /// A challenger for the whole line that is on its way.
  var wholeTrial: TrialRecord? {
    trials.map(\.record).first { $0.scope == .whole && ($0.stage != .watch && $0.stage != .approval) }
  }

  /// Versions in service now.
  var servingVersions: Set<ModelVersion> { Set(registered.routes.values).union([registered.champion]) }
}
