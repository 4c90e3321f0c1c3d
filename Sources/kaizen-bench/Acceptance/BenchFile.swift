import DataFiles
import Domain
import Foundation
import GroupDistil
import NeuralNet
import Synchronization

/// The small benches of `learning.md` 2.4, as files of the data folder.
public enum Bench: String, Sendable, CaseIterable {
  /// Digits on stripes that agree with the label in 95 % of the training rows.
  case spurDigits = "spurdigits"
  /// Twelve products; the smaller a product, the more its concept departs.
  case factoryTab = "factorytab"
  /// Windows of vibration by speed and a clipped sensor.
  case vibration = "vib1d"

  /// Files `NAME-0.csv.gz` and on; seed s uses file s modulo this.
  var fileCount: Int {
    switch self {
    case .spurDigits: 5
    case .factoryTab, .vibration: 3
    }
  }

  var input: InputShape {
    switch self {
    case .spurDigits: .image(height: 12, width: 12, channels: 1)
    case .factoryTab: .vector(count: 20)
    case .vibration: .window(channels: 1, length: 128)
    }
  }

  var classCount: Int { self == .spurDigits ? 2 : 3 }

  /// Values of `g_group` whose labels are wrong in part, so that no student can be right there: not counted.
  var noisyGroups: Set<String> { self == .factoryTab ? ["4"] : [] }

  func shape() throws -> StudentShape {
    let layers: [StudentLayer] =
      switch self {
      case .spurDigits, .factoryTab: [.dense(width: 16)]
      case .vibration:
        [
          .convolution(channels: 9, kernel: 9, stride: 1), .maxPool(size: 2),
          .convolution(channels: 10, kernel: 6, stride: 1), .globalAveragePool,
        ]
      }
    return try StudentShape(input: input, hiddenLayers: layers, classCount: classCount)
  }
}

/// Whose logits the bench files carry.
public enum BenchTeacher: String, Sendable {
  /// Trained on plenty of all groups.
  case rich
  /// Trained plainly on the train rows: as bad on the weak groups as plain training is.
  case erm
}

/// One bench file in its folds, with a teacher's answers for each.
struct BenchRows: Sendable {
  let data: StudyData
  let trainLogits: [Float]
  let selectLogits: [Float]
  let unlabelledLogits: [Float]
  /// Groups that count in the worst one.
  let countedGroups: [Int]

  /// `times` as many unlabelled rows of each group as it has labelled ones, or all where there are fewer.
  func unlabelled(times: Int) throws(DistilError) -> UnlabelledRows {
    var left = data.train.groupSizes.map { $0 * times }
    var rows: [Int] = []
    for (row, group) in data.unlabelledGroups.enumerated() where left[group] > 0 {
      left[group] -= 1
      rows.append(row)
    }
    func pick(_ values: [Float], width: Int) -> [Float] { rows.flatMap { values[$0 * width..<($0 + 1) * width] } }
    return try UnlabelledRows(
      inputs: pick(data.unlabelledInputs, width: data.train.featureCount), featureCount: data.train.featureCount,
      teacherLogits: pick(unlabelledLogits, width: data.train.classCount), classCount: data.train.classCount,
      groups: rows.map { data.unlabelledGroups[$0] })
  }
}

extension StudyData {
  /// The labelled rows alone.
  var withoutUnlabelled: StudyData {
    StudyData(
      train: train, select: select, test: test, unlabelledInputs: [], unlabelledGroups: [], groups: groups,
      groupNames: groupNames)
  }
}

/// Reads bench files once each.
final class BenchFolder: Sendable {
  private struct Key: Hashable {
    let bench: Bench
    let file: Int
    let teacher: BenchTeacher
  }

  private let path: String
  private let read = Mutex<[Key: BenchRows]>([:])

  /// - Parameter data: the data folder; the files are in its `bench`.
  init(data: String) { path = "\(data)/bench" }

  /// Why the files of a bench cannot be used; nil where they can.
  func absence(of bench: Bench) -> String? {
    let missing = (0..<bench.fileCount).map { file(bench, $0) }.first {
      !FileManager.default.isReadableFile(atPath: $0)
    }
    return missing.map { "there is no \($0); --data names the folder with the bench files" }
  }

  private func file(_ bench: Bench, _ number: Int) -> String { "\(path)/\(bench.rawValue)-\(number).csv.gz" }

  func rows(_ bench: Bench, seed: UInt64, teacher: BenchTeacher) throws -> BenchRows {
    let key = Key(bench: bench, file: Int(seed % UInt64(bench.fileCount)), teacher: teacher)
    if let known = read.withLock({ $0[key] }) { return known }
    let table = try PartsTable.read(
      path: file(bench, key.file),
      request: PartsRequest(
        label: "label", groups: ["g_group"], features: .allExcept(["teacher_*"]), input: bench.input,
        teacherLogitsPrefix: "teacher_\(teacher.rawValue)_"))
    let rows = try BenchRows(table, bench: bench)
    read.withLock { $0[key] = rows }
    return rows
  }
}

extension BenchRows {
  init(_ table: PartsTable, bench: Bench) throws {
    guard let splits = table.splits, let logits = table.teacherLogits else {
      throw BenchFailure("a bench file needs the columns split and teacher_...")
    }
    let classCount = table.classNames.count
    func rows(_ split: PartsSplit) -> [Int] { (0..<table.rowCount).filter { splits[$0] == split } }
    func pick(_ values: [Float], _ rows: [Int], width: Int) -> [Float] {
      rows.flatMap { values[$0 * width..<($0 + 1) * width] }
    }
    func fold(_ split: PartsSplit) throws -> TrainingRows {
      let rows = rows(split)
      return try TrainingRows(
        inputs: pick(table.features, rows, width: table.input.count), input: table.input,
        labels: rows.compactMap { table.labels[$0] }, classCount: classCount,
        groups: rows.map { table.cellOfRow[$0] }, groupCount: table.cells.count)
    }
    let unlabelled = rows(.unlabelled)
    data = StudyData(
      train: try fold(.train), select: try fold(.validation), test: try fold(.test),
      unlabelledInputs: pick(table.features, unlabelled, width: table.input.count),
      unlabelledGroups: unlabelled.map { table.cellOfRow[$0] }, groups: table.cells.map { GroupKey(cell: $0) },
      groupNames: table.cells.map { "group=\($0.values[0])" })
    trainLogits = pick(logits, rows(.train), width: classCount)
    selectLogits = pick(logits, rows(.validation), width: classCount)
    unlabelledLogits = pick(logits, unlabelled, width: classCount)
    countedGroups = table.cells.indices.filter { !bench.noisyGroups.contains(table.cells[$0].values[0]) }
  }
}
