import DataFiles
import Domain
import FoundationEssentials
import GroupDistil
import NeuralNet
import Teacher

/// The teacher a first student is distilled from, as the operator named it.
enum DistillTeacher {
  case train
  /// Its answers are kept in the folder `cache`; nil: nowhere.
  case onnx(path: String, cache: String?)
  case columns(prefix: String)

  static let onnxFile = "teacher.onnx"
  static let trainedFile = "teacher.bin"
  static let sourceFile = "teacher.json"
  /// What `--teacher` says instead of a file.
  static let trainKeyword = "train"

  init(_ options: DistillOptions) {
    if let prefix = options.teacherLogits {
      self = .columns(prefix: prefix)
    } else if let path = options.teacher, path != Self.trainKeyword {
      self = .onnx(path: path, cache: options.cache)
    } else {
      self = .train
    }
  }

  /// The teacher's part of the job.
  func jobTeacher(_ table: PartsTable, labelled: [Int], unlabelled: [Int]) throws(Failure) -> JobTeacher {
    switch self {
    case .train: return .train(TeacherParameters())
    case .columns(let prefix):
      let logits = table.teacherLogits ?? []
      let width = table.classNames.count
      return .answers(
        name: "columns \(prefix)*", labelled: gather(logits, labelled, width: width),
        unlabelled: unlabelled.isEmpty ? nil : gather(logits, unlabelled, width: width))
    case .onnx(let path, let cache):
      do throws(TeacherError) {
        var teacher = AskedTeacher(
          path: path, input: table.input, classCount: table.classNames.count, cacheFolder: cache)
        defer { teacher.save() }
        let width = table.featureNames.count
        func answers(_ rows: [Int]) throws(TeacherError) -> [Float] {
          try teacher.logits(inputs: gather(table.features, rows, width: width), rowCount: rows.count)
        }
        return .answers(
          name: path, labelled: try answers(labelled), unlabelled: unlabelled.isEmpty ? nil : try answers(unlabelled))
      } catch {
        throw Failure(error)
      }
    }
  }

  /// Writes the teacher beside the student, and where it came from.
  func save(_ trained: Student?, in folder: ResultFolder) throws(Failure) {
    switch self {
    case .columns(let prefix):
      try folder.writeJSON(TeacherSource.columns(prefix: prefix), as: Self.sourceFile)
    case .onnx(let path, _):
      let bytes: [UInt8]
      do {
        bytes = try Array(Data(contentsOf: URL(filePath: path)))
      } catch {
        throw Failure(.noInput, "the teacher \(path) cannot be read any more")
      }
      try folder.writeBytes(bytes, as: Self.onnxFile)
      try folder.writeJSON(TeacherSource.onnx(file: Self.onnxFile), as: Self.sourceFile)
    case .train:
      guard let trained else { throw Failure(.software, "the teacher trained here got lost") }
      try folder.writeBytes(trained.bytes, as: Self.trainedFile)
      try folder.writeJSON(TeacherSource.trained(file: Self.trainedFile), as: Self.sourceFile)
    }
  }
}

/// The rows at these indices of a row-major table.
func gather<Value>(_ values: [Value], _ rows: [Int], width: Int) -> [Value] {
  var result: [Value] = []
  result.reserveCapacity(rows.count * width)
  for row in rows { result.append(contentsOf: values[row * width..<(row + 1) * width]) }
  return result
}
