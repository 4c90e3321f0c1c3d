/// Who decides which student serves a group.
public enum LoopPolicy: String, Sendable, CaseIterable {
  /// The daemon.
  case ours
  /// The first student for ever.
  case frozen
  /// Every week a new student for all groups from all labels there are, without a gate.
  case erm = "erm-weekly"
  /// The same from the labels of the last four weeks.
  case ermRecent = "erm-4weeks"
  /// Both distilled from the line's teacher.
  case kd = "kd-weekly"
  case kdRecent = "kd-4weeks"
  /// Knows every failure at once, and thousands of true labels of what the parts are now.
  case oracle

  var isScheduled: Bool { self == .erm || self == .ermRecent || self == .kd || self == .kdRecent }
  var isDistilled: Bool { self == .kd || self == .kdRecent }
  /// Days of labels, nil for all.
  var window: Int? { self == .ermRecent || self == .kdRecent ? 28 : nil }

  /// What ours must beat.
  static let rivals: [LoopPolicy] = [.frozen, .erm, .ermRecent, .kd, .kdRecent]
}

/// What a policy served: for each day and group the students and their shares of the parts.
struct LoopCourse {
  struct Share: Equatable {
    /// Number of a student in `LoopTruth`.
    let student: Int
    let share: Double
  }

  let policy: LoopPolicy
  /// By day and cell.
  var serving: [[[Share]]]
  /// Labelled rows learned from, over all trainings.
  var labels = 0
  var processorSeconds = 0.0
  var trainings = 0

  /// One student for everything.
  init(_ policy: LoopPolicy, student: Int, days: Int, cells: Int) {
    self.policy = policy
    serving = Array(repeating: Array(repeating: [Share(student: student, share: 1)], count: cells), count: days)
  }

  mutating func serve(_ student: Int, from day: Int, cells: Range<Int>) {
    for later in day..<max(day, serving.count) {
      for cell in cells { serving[later][cell] = [Share(student: student, share: 1)] }
    }
  }

  /// True accuracies by day and cell.
  func accuracies(_ truth: inout LoopTruth) -> [[Double]] {
    var result: [[Double]] = []
    for (day, cells) in serving.enumerated() {
      var row: [Double] = []
      for (cell, shares) in cells.enumerated() {
        row.append(shares.reduce(0) { $0 + $1.share * truth.accuracy($1.student, cell: cell, day: day) })
      }
      result.append(row)
    }
    return result
  }
}
