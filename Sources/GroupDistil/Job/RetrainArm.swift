import Domain

/// One way to a challenger.
enum RetrainArm: Sendable, Equatable {
  /// The student that served these cells before; nothing is trained.
  case previous
  /// The incumbent's last layer fitted again.
  case head
  case labels
  case distilled
  /// The job's rows and those of other cells together.
  case global
  /// The teacher in the student's place; nothing is trained.
  case teacher
  /// One student for the whole line, taught by those that serve its cells.
  case consolidated
  /// The whole line on labels alone.
  case wholeLabels

  /// In the order they are tried: labels before what needs an examined teacher.
  static func all(_ scope: RetrainScope) -> [RetrainArm] {
    switch scope {
    case .scoped: [.previous, .head, .labels, .distilled, .global, .teacher]
    case .whole: [.wholeLabels, .consolidated]
    }
  }

  /// In the order in which they win ties: the simpler first, but a last layer of its own behind the clones (Decisions.md
  /// 14), and for a whole line what changes least.
  static func preferred(_ scope: RetrainScope) -> [RetrainArm] {
    switch scope {
    case .scoped: [.previous, .labels, .distilled, .head, .global, .teacher]
    case .whole: [.consolidated, .wholeLabels]
    }
  }

  var name: String {
    switch self {
    case .previous: RetrainSpec.previousArm
    case .head: RetrainSpec.headArm
    case .labels, .wholeLabels: RetrainSpec.labelsArm
    case .distilled: RetrainSpec.distilledArm
    case .global: RetrainSpec.globalArm
    case .teacher: RetrainSpec.teacherArm
    case .consolidated: RetrainSpec.consolidatedArm
    }
  }

  /// As progress names it.
  var stage: String {
    switch self {
    case .previous, .teacher: "comparing"
    case .head: "head"
    case .labels, .wholeLabels: "labels"
    case .distilled: "groupdistil"
    case .global: "replay"
    case .consolidated: "consolidating"
    }
  }

  /// Whether the teacher is held against it.
  var isRival: Bool { self == .labels || self == .wholeLabels }

  /// Nil where no gradient step is taken through all layers. A clone starts at full learning rate (`learning.md` 5).
  var parameters: DistilParameters? {
    var parameters: DistilParameters
    switch self {
    case .previous, .head, .teacher: return nil
    case .labels, .wholeLabels: parameters = .labelsOnly
    case .distilled, .global, .consolidated: parameters = DistilParameters()
    }
    parameters.learningRate = DistilParameters.warmLearningRate
    return parameters
  }

  /// Fixed for each arm, so that one that is skipped changes no other.
  func seed(_ job: UInt64) -> UInt64 {
    let number: UInt64 =
      switch self {
      case .labels, .wholeLabels: 1
      case .distilled: 2
      case .global: 3
      case .consolidated: 4
      case .head: 5
      case .previous, .teacher: 6
      }
    return job &+ number
  }
}
