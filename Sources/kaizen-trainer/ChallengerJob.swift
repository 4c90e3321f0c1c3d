import Domain
import Engine
import FoundationEssentials
import GroupDistil
import NeuralNet
import Teacher

/// The rows of a run as a job whose students start as clones of the incumbent.
struct ChallengerJob {
  private let spec: RetrainSpec
  private let stateDirectory: String
  private let folder: ResultFolder
  private let cacheFolder: String?
  private let incumbent: Student

  /// Below the names of the state directory.
  static let ledgerFile = "ledger.db"

  /// - Parameters:
  ///   - folder: the run's, with the students that the spec names.
  ///   - cacheFolder: where a teacher's answers are kept; nil: nowhere.
  init(_ spec: RetrainSpec, stateDirectory: String, folder: ResultFolder, cacheFolder: String?) throws(Failure) {
    self.spec = spec
    self.stateDirectory = stateDirectory
    self.folder = folder
    self.cacheFolder = cacheFolder
    incumbent = try Self.student(RetrainSpec.incumbentFile, in: folder, "the serving student", spec)
  }

  /// Rows of the ledger as it is now.
  func rows() throws(Failure) -> JobRows {
    try RowReader(spec, ledger: "\(stateDirectory)/\(Self.ledgerFile)").rows()
  }

  /// - Parameter pulse: asked while a teacher answers; throws to end the job.
  /// - Throws: `Failure` for too few rows, and students that are missing or damaged.
  func job(_ rows: JobRows, pulse: () throws(Failure) -> Void) throws(Failure) -> RetrainJob {
    let definition = spec.definition
    let block = rows.labelled
    let folds = spec.folds(block)
    for (fold, use) in [(Fold.train, "to train on"), (.select, "to select by"), (.heldOut, "for the gate")]
    where folds.rows(of: fold).isEmpty {
      throw Failure(
        .data,
        "\(block.count) labelled rows of \(cellNames) since \(spec.since) leave none \(use); wait for more outcomes")
    }
    let keys = groupKeys(block)
    let replayKeys = groupKeys(rows.replay)
    let groups = Set(keys + replayKeys).sorted()
    let indexes = Dictionary(uniqueKeysWithValues: zip(groups, groups.indices))
    var groupOfCell: [Cell: Int] = [:]
    for (index, group) in groups.enumerated().reversed() { groupOfCell[group.cell] = index }
    let known = rows.unlabelledCells.indices.filter { groupOfCell[rows.unlabelledCells[$0]] != nil }
    let width = definition.featureCount
    let unlabelled = known.flatMap { rows.unlabelledInputs[($0 * width)..<(($0 + 1) * width)] }
    let (teacher, own) = try teacher(block, unlabelled: unlabelled, unlabelledCount: known.count, pulse: pulse)
    func trainingRows(_ block: RowBlock, _ keys: [GroupKey]) throws(DistilError) -> TrainingRows {
      try TrainingRows(
        inputs: block.inputs, input: definition.input, labels: block.labels, classCount: definition.classNames.count,
        groups: keys.compactMap { indexes[$0] }, groupCount: groups.count)
    }
    let serving = try serving()
    let previous = try previous()
    do throws(DistilError) {
      return RetrainJob(
        scope: spec.scope, rows: try trainingRows(block, keys), folds: folds,
        replay: rows.replay.count > 0 ? try trainingRows(rows.replay, replayKeys) : nil, groups: groups,
        groupNames: groups.map { definition.text($0) }, laggingCells: laggingCells, serving: serving,
        previous: previous, unlabelledInputs: unlabelled,
        unlabelledGroups: known.compactMap { groupOfCell[rows.unlabelledCells[$0]] }, teacher: teacher,
        ownTeacher: own, limits: spec.limits, seed: spec.seed, remarks: rows.remarks,
        incumbentRange: spec.incumbentRange)
    } catch {
      throw Failure(error)
    }
  }

  private func groupKeys(_ block: RowBlock) -> [GroupKey] {
    zip(block.cells, block.labels).map { spec.definition.schema.group(cell: $0, label: $1) }
  }

  /// A scoped job is for the lagging cells alone.
  private var laggingCells: Set<Cell> {
    switch spec.scope {
    case .scoped: Set(spec.cells)
    case .whole: Set(spec.laggingGroups.map(\.cell))
    }
  }

  private var cellNames: String {
    let named = spec.cells.prefix(5).map { spec.definition.text($0) }.joined(separator: "; ")
    return spec.cells.count > 5 ? "\(named) and \(spec.cells.count - 5) more" : named
  }

  // MARK: - Teacher and students

  private func teacher(
    _ block: RowBlock, unlabelled: [Float], unlabelledCount: Int, pulse: () throws(Failure) -> Void
  ) throws(Failure) -> (JobTeacher, OwnTeacher?) {
    guard !laggingCells.isEmpty else {
      return (.absent("no group lags, so the students that serve teach, and nobody else"), nil)
    }
    let source = LineTeacher(
      source: spec.teacher, stateDirectory: stateDirectory, input: incumbent.shape.input,
      classCount: incumbent.shape.classCount, cacheFolder: cacheFolder)
    let answers = try source.answers(
      inputs: block.inputs, rowCount: block.count, unlabelled: unlabelled, unlabelledCount: unlabelledCount,
      pulse: pulse)
    guard spec.scope == .scoped, case .trained = spec.teacher, case .answers = answers,
      let student = source.trainedStudent
    else { return (answers, nil) }
    let parts = Array(block.inputs.prefix(Self.timedParts * student.shape.inputCount))
    return (answers, OwnTeacher(student: student, answerMs: LatencyMeasurement.medianMs(of: student, parts: parts)))
  }

  /// Different parts, so that none is answered from a warm cache alone.
  private static let timedParts = 50

  private func serving() throws(Failure) -> ServingStudents {
    var others: [(student: Student, cells: [Cell])] = []
    for named in spec.students where named.role == .serving {
      others.append((try Self.student(named.fileName, in: folder, "student \(named.version)", spec), named.cells))
    }
    return ServingStudents(incumbent: incumbent, others: others)
  }

  private func previous() throws(Failure) -> JobStudent? {
    guard let named = spec.students.first(where: { $0.role == .previous }) else { return nil }
    return JobStudent(
      version: named.version, student: try Self.student(named.fileName, in: folder, "student \(named.version)", spec))
  }

  private static func student(
    _ file: String, in folder: ResultFolder, _ name: String, _ spec: RetrainSpec
  ) throws(Failure) -> Student {
    let bytes = try folder.read(file)
    let student: Student
    do throws(StudentBytesError) {
      student = try Student(bytes: bytes)
    } catch {
      throw Failure(.data, "\(name) cannot be read: \(error.description)")
    }
    guard student.shape.inputCount == spec.definition.featureCount,
      student.shape.classCount == spec.definition.classNames.count
    else { throw Failure(.data, "\(name) does not fit the features and classes of \(spec.definition.id)") }
    return student
  }
}
