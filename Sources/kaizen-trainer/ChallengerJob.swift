import Domain
import Engine
import FoundationEssentials
import GroupDistil
import NeuralNet
import Store
import Teacher

/// The labelled rows of some cells as a job whose student starts as a clone of the incumbent.
struct ChallengerJob {
  private let spec: RetrainSpec
  private let stateDirectory: String
  private let incumbent: Student
  private let cacheFolder: String?

  /// The newest this many rows are used: months of a busy cell, and a bound on memory and time.
  static let rowsMaximum = 50_000
  /// Numbers of all rows together, 4 bytes each and a few copies of them: pictures take room that measurements do not.
  static let valuesMaximum = 40_000_000
  /// Below the names of the state directory.
  static let ledgerFile = "ledger.db"

  /// - Parameter cacheFolder: where a teacher's answers are kept; nil: nowhere.
  init(_ spec: RetrainSpec, stateDirectory: String, incumbent: [UInt8], cacheFolder: String?) throws(Failure) {
    self.spec = spec
    self.cacheFolder = cacheFolder
    self.stateDirectory = stateDirectory
    do throws(StudentBytesError) {
      self.incumbent = try Student(bytes: incumbent)
    } catch {
      throw Failure(.data, "the serving student cannot be read: \(error.description)")
    }
    let shape = self.incumbent.shape
    guard shape.inputCount == spec.definition.featureCount, shape.classCount == spec.definition.classNames.count
    else { throw Failure(.data, "the serving student does not fit the features and classes of \(spec.definition.id)") }
  }

  /// - Throws: `Failure` for a ledger that cannot be read or holds too few rows of the cells.
  func job() throws(Failure) -> LearningJob {
    let definition = spec.definition
    let (stored, remarks) = try usableRows()
    let keys = stored.map { definition.schema.group(cell: $0.cell, label: $0.label) }
    let groups = Set(keys).sorted()
    let indexes = Dictionary(uniqueKeysWithValues: zip(groups, groups.indices))
    let cellIndexes = Dictionary(uniqueKeysWithValues: zip(spec.cells, spec.cells.indices))
    let classCount = definition.classNames.count
    let parts = stored.map(\.part)
    let folds = FoldPlan.retraining(
      strata: stored.map { (cellIndexes[$0.cell] ?? 0) * classCount + $0.label }, parts: parts,
      gateRowsMinimum: spec.settings.gateRowsMinimum)
    for (fold, use) in [(Fold.train, "to train on"), (.select, "to select by"), (.heldOut, "for the gate")]
    where folds.rows(of: fold).isEmpty {
      throw Failure(
        .data,
        "\(stored.count) labelled rows of \(cellNames) since \(spec.since) leave none \(use); wait for more outcomes")
    }
    let inputs = stored.flatMap(\.inputs)
    do throws(DistilError) {
      let rows = try TrainingRows(
        inputs: inputs, input: definition.input, labels: stored.map(\.label),
        classCount: classCount, groups: keys.compactMap { indexes[$0] }, groupCount: groups.count)
      return LearningJob(
        rows: rows, folds: folds, groups: groups, groupNames: groups.map { definition.text($0) }, parts: parts,
        teacher: teacher.answers(inputs: inputs, rowCount: stored.count), start: .clone(incumbent), seed: spec.seed,
        remarks: remarks, incumbentRange: spec.incumbentRange)
    } catch {
      throw Failure(error)
    }
  }

  private var teacher: LineTeacher {
    LineTeacher(
      source: spec.teacher, stateDirectory: stateDirectory, input: incumbent.shape.input,
      classCount: incumbent.shape.classCount, cacheFolder: cacheFolder)
  }

  private var cellNames: String { spec.cells.map { spec.definition.text($0) }.joined(separator: "; ") }

  /// Rows oldest first; those that do not fit the line's definition are left out and counted.
  private func usableRows() throws(Failure) -> ([LabelledRow], remarks: [String]) {
    let path = "\(stateDirectory)/\(Self.ledgerFile)"
    let reader: LedgerReader
    do throws(OpenFailure) {
      reader = try LedgerReader(path: path)
    } catch {
      throw Failure(.noInput, "the ledger \(path) cannot be opened: \(error)")
    }
    let definition = spec.definition
    let rowsMaximum = min(Self.rowsMaximum, max(1, Self.valuesMaximum / definition.featureCount))
    let stored: [LabelledRow]
    do throws(StorageFailure) {
      stored = try reader.labelledRows(
        line: definition.id, cells: spec.cells, since: spec.since, until: spec.until, limit: rowsMaximum)
    } catch {
      throw Failure(.inputOutput, error.sentence)
    }
    let usable = stored.filter { row in
      row.inputs.count == definition.featureCount && row.inputs.allSatisfy(\.isFinite)
        && definition.classNames.indices.contains(row.label)
    }
    var remarks: [String] = []
    if usable.count < stored.count {
      remarks.append("\(stored.count - usable.count) rows of the ledger do not fit the line and were left out")
    }
    if stored.count == rowsMaximum {
      remarks.append("only the newest \(rowsMaximum) labelled rows were used")
    }
    return (usable, remarks)
  }
}
