import NeuralNet

/// A student whose last layer was fitted again on select rows, and what can still be said of it honestly.
struct FinishedStudent {
  let student: Student
  /// Per select row, by a head that was not fitted to it.
  let isRight: [Bool]
  let tallies: [GroupTally]
}

/// Folds of the select rows a head is fitted to all but one of.
private let finishFoldCount = 5

/// Fits the last layer on the select rows without one fold of them, judges the head on that fold, goes on with the
/// next, and gives the student the mean of all heads.
///
/// A head is no examiner of the rows it was fitted to (`learning.md` 9.5). Folds judge on every row and leave four
/// fifths to fit to, where one half would take half of every small group's rows away from the head.
func finishHead(of student: Student, select: TrainingRows, seed: UInt64) throws(DistilError) -> FinishedStudent {
  let folds = dealt(select, into: finishFoldCount, seed: seed)
  var isRight = [Bool](repeating: false, count: select.count)
  var sum = [Double](repeating: 0, count: student.head.count)
  for (index, judged) in folds.enumerated() {
    let fitted = folds.indices.filter { $0 != index }.flatMap { folds[$0] }.sorted()
    guard !fitted.isEmpty, !judged.isEmpty else { throw .invalidRows("there are too few select rows to divide") }
    let refitted = try refitHead(of: student, rows: select.subset(fitted), seed: seed &+ UInt64(index) &+ 1)
    for (position, value) in refitted.head.enumerated() { sum[position] += Double(value) }
    for (row, right) in zip(judged, rightRows(refitted, rows: select.subset(judged))) { isRight[row] = right }
  }
  guard let finished = student.replacing(head: sum.map { Float($0 / Double(folds.count)) }) else {
    throw .diverged(skippedSteps: 0, step: HeadRefitParameters().iterationCount)
  }
  return FinishedStudent(student: finished, isRight: isRight, tallies: tally(isRight, rows: select))
}

/// Whether a student is right, per row.
func rightRows(_ student: Student, rows: TrainingRows) -> [Bool] {
  let logits = student.logits(rows.inputs, rowCount: rows.count)
  return (0..<rows.count).map { row in
    let range = row * rows.classCount..<(row + 1) * rows.classCount
    return topClass(logits.span.extracting(range)).index == rows.labels[row]
  }
}

func tally(_ isRight: [Bool], rows: TrainingRows) -> [GroupTally] {
  var tallies = Array(repeating: GroupTally(correct: 0, total: 0), count: rows.groupCount)
  for (group, right) in zip(rows.groups, isRight) {
    tallies[group].total += 1
    tallies[group].correct += right ? 1 : 0
  }
  return tallies
}

/// Row indices of folds, every group and class dealt out evenly, at random from the seed.
func dealt(_ rows: TrainingRows, into count: Int, seed: UInt64) -> [[Int]] {
  var random = Generator(seed: seed)
  var members = [[Int]](repeating: [], count: rows.groupCount * rows.classCount)
  for row in 0..<rows.count { members[rows.groups[row] * rows.classCount + rows.labels[row]].append(row) }
  var folds = [[Int]](repeating: [], count: count)
  // The next stratum goes on where the last one ended, so that odd rows do not all fall to the first folds.
  var next = 0
  for var stratum in members {
    random.shuffle(&stratum)
    for row in stratum {
      folds[next].append(row)
      next = (next + 1) % count
    }
  }
  return folds.map { $0.sorted() }
}
