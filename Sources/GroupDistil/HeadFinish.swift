import NeuralNet

/// A student whose last layer was fitted again on select rows, and what can still be said of it honestly.
struct FinishedStudent {
  let student: Student
  /// Per select row, by a head that was not fitted to it.
  let isRight: [Bool]
  let tallies: [GroupTally]
}

/// Fits the last layer on each half of the select rows and judges each head on the other half; the student gets the
/// mean of the two.
///
/// A head is no examiner of the rows it was fitted to (`learning.md` 9.5); halving both ways judges on every row, where
/// one half alone would leave small groups with next to none. The mean head was fitted to twice as many rows as the
/// judged ones, so it is judged a little too low.
func finishHead(of student: Student, select: TrainingRows, seed: UInt64) throws(DistilError) -> FinishedStudent {
  let halves = halves(select, seed: seed)
  var isRight = [Bool](repeating: false, count: select.count)
  var sum = [Double](repeating: 0, count: student.head.count)
  for side in 0..<2 {
    let (fitted, judged) = (halves[side], halves[1 - side])
    guard !fitted.isEmpty, !judged.isEmpty else { throw .invalidRows("there are too few select rows to halve") }
    let refitted = try refitHead(of: student, rows: select.subset(fitted), seed: seed &+ UInt64(side) &+ 1)
    for (index, value) in refitted.head.enumerated() { sum[index] += Double(value) / 2 }
    for (row, right) in zip(judged, rightRows(refitted, rows: select.subset(judged))) { isRight[row] = right }
  }
  guard let finished = student.replacing(head: sum.map { Float($0) }) else {
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

/// Row indices of two halves, every group and class divided evenly, at random from the seed.
func halves(_ rows: TrainingRows, seed: UInt64) -> [[Int]] {
  var random = Generator(seed: seed)
  var members = [[Int]](repeating: [], count: rows.groupCount * rows.classCount)
  for row in 0..<rows.count { members[rows.groups[row] * rows.classCount + rows.labels[row]].append(row) }
  var halves: [[Int]] = [[], []]
  // Strata of odd size give their extra row to each half in turn.
  var next = 0
  for var stratum in members {
    random.shuffle(&stratum)
    for row in stratum {
      halves[next].append(row)
      next = 1 - next
    }
  }
  return halves.map { $0.sorted() }
}
