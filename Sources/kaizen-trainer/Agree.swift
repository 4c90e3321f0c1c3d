import ArgumentParser
import Domain
import Engine
import Glibc
import GroupDistil
import Store

/// Asks a line's teacher about a sample of a day's parts and counts how often the students said the same.
struct Agree: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare a line's students with its teacher on parts of a day; started by the daemon at night.",
    discussion: "Reads spec.json in --run-dir and writes report.json there.")

  @Option(help: "The daemon's state directory.") var stateDir: String
  @Option(help: "The folder of this comparison.") var runDir: String
  @Option(help: "Folder that keeps teachers' answers for the next time.") var cache: String?

  /// Numbers of all rows together, 4 bytes each: of large pictures fewer are looked at.
  private static let valuesMaximum = 16_000_000

  /// Seconds after which the kernel ends this process: a daemon that died cannot.
  private static let secondsMaximum: UInt32 = 330

  func run() throws {
    LowPriority.enter()
    alarm(Self.secondsMaximum)
    try Failure.reporting { () throws(Failure) in
      let folder = ResultFolder(existing: runDir)
      let spec: AgreementSpec = try folder.decode(AgreementSpec.specFile)
      try folder.writeJSON(try compare(spec), as: AgreementSpec.reportFile)
    }
  }

  private func compare(_ spec: AgreementSpec) throws(Failure) -> AgreementReport {
    let definition = spec.definition
    let sample = try sample(spec)
    let rows = sample.rows.filter { row in
      row.inputs.count == definition.featureCount && row.inputs.allSatisfy(\.isFinite)
        && definition.classNames.indices.contains(row.predictedClass)
    }
    func report(_ cells: [AgreementReport.CellCount], absent: String? = nil) -> AgreementReport {
      AgreementReport(day: spec.day, dayParts: sample.dayParts, cells: cells, absent: absent)
    }
    guard !rows.isEmpty else { return report([]) }
    let classCount = definition.classNames.count
    let teacher = LineTeacher(
      source: spec.teacher, stateDirectory: stateDir, input: definition.input, classCount: classCount,
      cacheFolder: cache)
    switch try teacher.answers(inputs: rows.flatMap(\.inputs), rowCount: rows.count) {
    case .absent(let reason): return report([], absent: reason)
    case .train: return report([], absent: "it would have to be trained first")
    case .answers(_, let logits, _):
      let said = (0..<rows.count).map { Self.greatest(logits[$0 * classCount..<($0 + 1) * classCount]) }
      return report(count(rows, said))
    }
  }

  private func sample(_ spec: AgreementSpec) throws(Failure) -> DaySample {
    let path = "\(stateDir)/\(ChallengerJob.ledgerFile)"
    let reader: LedgerReader
    do throws(OpenFailure) {
      reader = try LedgerReader(path: path)
    } catch {
      throw Failure(.noInput, "the ledger \(path) cannot be opened: \(error)")
    }
    let rowsMaximum = max(AgreementSpec.partsMinimum, Self.valuesMaximum / spec.definition.featureCount)
    do throws(StorageFailure) {
      return try reader.sample(line: spec.definition.id, after: spec.after, through: spec.through) { parts in
        min(AgreementSpec.sampleSize(of: parts), rowsMaximum)
      }
    } catch {
      throw Failure(.inputOutput, error.sentence)
    }
  }

  private func count(_ rows: [FreshPrediction], _ said: [Int]) -> [AgreementReport.CellCount] {
    struct Key: Hashable {
      let cell: Cell
      let version: ModelVersion
    }
    var counts: [Key: (parts: Int, agreed: Int)] = [:]
    for (row, teacher) in zip(rows, said) {
      counts[Key(cell: row.cell, version: row.version), default: (0, 0)].parts += 1
      if row.predictedClass == teacher { counts[Key(cell: row.cell, version: row.version)]?.agreed += 1 }
    }
    return counts.sorted { ($0.key.cell, $0.key.version) < ($1.key.cell, $1.key.version) }.map {
      AgreementReport.CellCount(
        cell: $0.key.cell, version: $0.key.version, parts: $0.value.parts, agreed: $0.value.agreed)
    }
  }

  /// The first of the greatest, counted from 0, as a student answers.
  private static func greatest(_ logits: ArraySlice<Float>) -> Int {
    var best = logits.startIndex
    for index in logits.indices where logits[index] > logits[best] { best = index }
    return best - logits.startIndex
  }
}
