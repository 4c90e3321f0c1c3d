import DataFiles
import Domain
import GroupDistil
import NeuralNet

/// A file of parts as a job.
struct FirstStudentJob {
  private let table: PartsTable
  private let definition: LineDefinition
  private let labelled: [Int]
  private let unlabelled: [Int]

  init(_ table: PartsTable, definition: LineDefinition) {
    self.table = table
    self.definition = definition
    labelled = table.labels.indices.filter { table.labels[$0] != nil }
    unlabelled = table.labels.indices.filter { table.labels[$0] == nil }
  }

  /// - Throws: `Failure` for a file that leaves a fold or a class without rows, and for a teacher that cannot answer.
  func job(teacher: DistillTeacher, shape: StudentShape, seed: UInt64) throws(Failure) -> LearningJob {
    let labels = labelled.compactMap { table.labels[$0] }
    let keys = zip(labelled, labels).map { definition.schema.group(cell: table.cell(row: $0), label: $1) }
    let groups = Set(keys).sorted()
    let indexes = Dictionary(uniqueKeysWithValues: zip(groups, groups.indices))
    let parts = table.parts.map { parts in labelled.map { parts[$0] } }
    let (folds, remarks) = folds(labels, parts)
    try check(folds, labels)
    let answers = try teacher.jobTeacher(table, labelled: labelled, unlabelled: unlabelled)
    let width = table.featureNames.count
    do throws(DistilError) {
      let rows = try TrainingRows(
        inputs: gather(table.features, labelled, width: width), input: definition.input, labels: labels,
        classCount: table.classNames.count, groups: keys.compactMap { indexes[$0] }, groupCount: groups.count)
      return LearningJob(
        rows: rows, folds: folds, groups: groups, groupNames: groups.map { definition.text($0) }, parts: parts,
        unlabelledInputs: gather(table.features, unlabelled, width: width),
        unlabelledGroups: unlabelled.map { table.cellOfRow[$0] }, teacher: answers,
        shape: shape, seed: seed, remarks: textRemark + remarks)
    } catch {
      throw Failure(error)
    }
  }

  private func folds(_ labels: [Int], _ parts: [String]?) -> (FoldPlan, [String]) {
    let cells = labelled.map { table.cellOfRow[$0] }
    let strata = zip(cells, labels).map { $0 * table.classNames.count + $1 }
    guard let splits = table.splits else { return (.timeOrdered(strata: strata, parts: parts), []) }
    let given = labelled.map { row -> Fold in
      switch splits[row] {
      case .train, .unlabelled: .train
      case .validation: .select
      case .test: .heldOut
      }
    }
    let (plan, divided) = FoldPlan.given(given, cells: cells, strata: strata, parts: parts)
    guard !divided.isEmpty else { return (plan, []) }
    let names = divided.map { definition.text(table.cells[$0]) }.joined(separator: "; ")
    return (
      plan,
      [
        "the split column puts every row of these groups into train, so they were divided 70/15/15 in the file's order:"
          + " \(names)"
      ]
    )
  }

  private var textRemark: [String] {
    guard !table.textColumns.isEmpty else { return [] }
    let shown = table.textColumns.prefix(10).joined(separator: ", ") + (table.textColumns.count > 10 ? ", ..." : "")
    return ["columns of text are no features: \(shown)"]
  }

  private func check(_ folds: FoldPlan, _ labels: [Int]) throws(Failure) {
    for (fold, name) in [(Fold.train, "train"), (.select, "val"), (.heldOut, "test")] where folds.rows(of: fold).isEmpty
    {
      throw Failure(
        .data, "no row is left for the split \"\(name)\"; read more rows, or leave the split column out of the file")
    }
    let trained = Set(folds.rows(of: .train).map { labels[$0] })
    for (label, name) in table.classNames.enumerated() where !trained.contains(label) {
      throw Failure(
        .data, "the class \"\(name)\" has no row to train on; read more rows or leave it out of the class names")
    }
  }
}
