import Domain
import NeuralNet

/// What is taught about each row besides its label.
struct SoftTargets {
  let groups: [GroupKey]
  let laggingCells: Set<Cell>
  let serving: ServingStudents

  /// Of rows nobody can be asked about: the label as a sure teacher would say it. At temperature 4 it leaves, of two
  /// classes, one part in eight to the other, as softly as teachers that are right answer.
  static let labelLogit: Float = 4

  /// Logits `[rows.count, classCount]`: in lagging cells the teacher's, or the label's where there is none to trust;
  /// elsewhere those of the student that serves the row, for it does well there.
  ///
  /// - Parameter teacher: `[rows.count, classCount]`; nil where it may not teach.
  func logits(_ rows: TrainingRows, teacher: [Float]?) -> [Float] {
    let cells = rows.groups.map { groups[$0].cell }
    let classCount = rows.classCount
    var result = serving.logits(rows.inputs, cells: cells)
    for row in 0..<rows.count where laggingCells.contains(cells[row]) {
      for label in 0..<classCount {
        let index = row * classCount + label
        let sure = label == rows.labels[row] ? Self.labelLogit : -Self.labelLogit
        result[index] = teacher.map { $0[index] } ?? sure
      }
    }
    return result
  }

  /// Rows without a label that somebody may teach; none where they are too few to add anything.
  func unlabelledRows(_ job: RetrainJob, teacher: [Float]?) -> [Int] {
    let rows = job.unlabelledGroups.indices.filter { row in
      teacher != nil || !laggingCells.contains(groups[job.unlabelledGroups[row]].cell)
    }
    return rows.count >= LearningJob.unlabelledRowsMinimum ? rows : []
  }

  /// Rows without a label: the teacher speaks of those of lagging cells, of the others the student that serves them.
  ///
  /// - Parameter teacher: `[unlabelledGroups.count, classCount]`; nil where it may not teach, and rows of lagging cells
  ///   are left out.
  func unlabelled(_ job: RetrainJob, teacher: [Float]?) throws(DistilError) -> UnlabelledRows? {
    let width = job.rows.featureCount
    let classCount = job.rows.classCount
    let kept = unlabelledRows(job, teacher: teacher)
    guard !kept.isEmpty else { return nil }
    let inputs = kept.flatMap { job.unlabelledInputs[($0 * width)..<(($0 + 1) * width)] }
    let cells = kept.map { groups[job.unlabelledGroups[$0]].cell }
    var logits = serving.logits(inputs, cells: cells)
    if let teacher {
      for (position, row) in kept.enumerated() where laggingCells.contains(cells[position]) {
        for label in 0..<classCount {
          logits[position * classCount + label] = teacher[row * classCount + label]
        }
      }
    }
    return try UnlabelledRows(
      inputs: inputs, featureCount: width, teacherLogits: logits, classCount: classCount,
      groups: kept.map { job.unlabelledGroups[$0] })
  }
}
