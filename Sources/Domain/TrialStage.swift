/// How far a challenger that passed its gate has come.
public enum TrialStage: Sendable, Hashable, Codable {
  /// A person has to say yes.
  case approval
  /// It answers nobody: it is compared with what serves on parts that both could have answered.
  case shadow
  /// It answers this share of the parts, chosen by a hash of their ids; 1...99.
  case canary(percent: Int)
  /// It serves, and the student before it is compared with it.
  case watch

  /// Shares of a canary, in turn; then it serves all.
  public static let canaryPercents = [10, 50]

  /// The stages of a promotion in turn.
  ///
  /// A scoped one asks nobody's parts but those of the groups that fail, so its gate is enough; one for the whole line
  /// could harm a group that the gate saw too little of.
  public static func path(_ scope: RetrainScope, needsApproval: Bool) -> [TrialStage] {
    var path: [TrialStage] = needsApproval ? [.approval] : []
    if scope == .whole { path += [.shadow] + canaryPercents.map { .canary(percent: $0) } }
    return path + [.watch]
  }

  /// What follows; nil after the last. A yes is asked for once, before all else.
  public func next(_ scope: RetrainScope) -> TrialStage? {
    let path = Self.path(scope, needsApproval: true)
    guard let index = path.firstIndex(of: self), index + 1 < path.count else { return nil }
    return path[index + 1]
  }

  /// For programs and tables: `shadow`, `canary 10 %`.
  public var text: String {
    switch self {
    case .approval: "approval"
    case .shadow: "shadow"
    case .canary(let percent): "canary \(percent) %"
    case .watch: "watch"
    }
  }

  /// Reads `text` back.
  public init?(text: String) {
    let stages: [TrialStage] = [.approval, .shadow, .watch] + (1...99).map { .canary(percent: $0) }
    guard let stage = stages.first(where: { $0.text == text }) else { return nil }
    self = stage
  }
}
