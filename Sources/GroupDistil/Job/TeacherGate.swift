import Domain

/// Whether a teacher may teach: a teacher that is bad on a group exports that badness (`learning.md`, what decides, 4).
public struct TeacherGate: Sendable, Equatable {
  public let verdict: TeacherVerdict
  public let sentence: String

  /// Why arms are not distilled from this teacher, without the figures; nil when they may be.
  public var reasonNotToUse: String? {
    switch verdict {
    case .trusted: nil
    case .weaker: "the teacher is weaker than labels alone here"
    case .absent: "there were no select rows to examine the teacher on"
    }
  }

  /// A teacher may be this much below the labels-only student on the select fold: noise of some hundred rows.
  public static let margin = 0.01

  /// Compares teacher and labels-only student on the same select rows (`learning.md` 9.1).
  /// - Parameter groupNames: as people read them, in the order of the tallies.
  public init(teacher: [GroupTally], labelsOnly: [GroupTally], groupNames: [String]) {
    guard let teacherAccuracy = pooled(teacher).accuracy, let studentAccuracy = pooled(labelsOnly).accuracy else {
      verdict = .absent
      sentence = "there were no select rows to examine the teacher on, so it taught nothing"
      return
    }
    let figures = "\(percent(teacherAccuracy)) against \(percent(studentAccuracy)) of a student trained on labels alone"
    let weaker = zip(groupNames, zip(teacher, labelsOnly)).compactMap { name, pair -> String? in
      guard let ours = pair.0.accuracy, let theirs = pair.1.accuracy, ours < theirs - Self.margin else { return nil }
      return "\(name) (\(percent(ours)) against \(percent(theirs)))"
    }
    let named = weaker.prefix(Self.namedGroupsMaximum).joined(separator: ", ")
    let more = weaker.count > Self.namedGroupsMaximum ? " and \(weaker.count - Self.namedGroupsMaximum) more" : ""
    let inGroups = weaker.isEmpty ? "" : "; it is weaker in \(named)\(more)"
    if teacherAccuracy >= studentAccuracy - Self.margin {
      verdict = .trusted
      sentence = "trusted: on the select rows the teacher has \(figures)\(inGroups)"
    } else {
      verdict = .weaker
      sentence = "not used: on the select rows the teacher has \(figures)\(inGroups)"
    }
  }

  /// More names than this are a table, not a sentence.
  static let namedGroupsMaximum = 5
}

/// `93.4 %`, without Foundation.
func percent(_ share: Double) -> String {
  let tenths = Int((share * 1000).rounded())
  return "\(tenths / 10).\(tenths % 10) %"
}
