import NeuralNet

/// Correct of total rows of one group.
public struct GroupTally: Sendable, Equatable {
  public var correct: Int
  public var total: Int

  public init(correct: Int, total: Int) {
    self.correct = correct
    self.total = total
  }

  /// Nil when there is nothing to divide by.
  public var accuracy: Double? { total > 0 ? Double(correct) / Double(total) : nil }
}

/// Counts per group how often the largest logit is the label's.
public func tally(logits: [Float], rows: TrainingRows) -> [GroupTally] {
  precondition(logits.count == rows.count * rows.classCount, "logits are [rowCount, classCount]")
  var tallies = Array(repeating: GroupTally(correct: 0, total: 0), count: rows.groupCount)
  let logits = logits.span
  for row in 0..<rows.count {
    let start = row * rows.classCount
    let group = rows.groups[row]
    tallies[group].total += 1
    if topClass(logits.extracting(start..<(start + rows.classCount))).index == rows.labels[row] {
      tallies[group].correct += 1
    }
  }
  return tallies
}

/// Counts per group how often `student` is right on `rows`.
public func tally(_ student: Student, rows: TrainingRows, on instructionSet: InstructionSet = .best) -> [GroupTally] {
  tally(logits: student.logits(rows.inputs, rowCount: rows.count, on: instructionSet), rows: rows)
}

/// Chooses checkpoints and arms: the worst group's accuracy shrunk by 10 rows to the mean of groups, + .001 times the
/// mean of the shrunk accuracies (`learning.md` 9.4); groups without rows have no say, and without any the score is 0.
public func selectScore(_ tallies: [GroupTally]) -> Double {
  let accuracies = tallies.compactMap(\.accuracy)
  guard !accuracies.isEmpty else { return 0 }
  let mean = accuracies.reduce(0, +) / Double(accuracies.count)
  let shrunk = tallies.filter { $0.total > 0 }.map { tally in
    (Double(tally.correct) + scoreShrinkage * mean) / (Double(tally.total) + scoreShrinkage)
  }
  let average = shrunk.reduce(0, +) / Double(shrunk.count)
  return (shrunk.min() ?? 0) + 0.001 * average
}

/// Correct of all rows; 0 without any.
public func overallAccuracy(_ tallies: [GroupTally]) -> Double { pooled(tallies).accuracy ?? 0 }

/// The lowest accuracy among groups of at least `rowsMinimum` rows, and whose it is; nil when there is none.
///
/// A worst group named from three rows says nothing: studies and acceptance count from `countedRowsMinimum` on.
public func worstGroup(_ tallies: [GroupTally], rowsMinimum: Int = countedRowsMinimum)
  -> (group: Int, accuracy: Double)?
{
  tallies.indices.compactMap { group in
    tallies[group].total >= rowsMinimum ? tallies[group].accuracy.map { (group, $0) } : nil
  }.min { $0.1 < $1.1 }
}

/// Test rows a group needs before its accuracy may be named as the worst (`learning.md`, real sets).
public let countedRowsMinimum = 20

/// Rows' worth of pull towards the mean of groups: a group of five select rows must not decide by one of them.
private let scoreShrinkage = 10.0
