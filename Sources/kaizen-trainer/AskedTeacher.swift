import Domain
import FoundationEssentials
import Store
import Teacher

/// An ONNX teacher that is opened only when a part comes that it was never asked about.
struct AskedTeacher {
  private let path: String
  private let input: InputShape
  private let classCount: Int
  private var cache: LogitCache?
  private var teacher: OnnxTeacher?

  /// - Parameter cacheFolder: nil: every part is asked about.
  init(path: String, input: InputShape, classCount: Int, cacheFolder: String?) {
    self.path = path
    self.input = input
    self.classCount = classCount
    guard let cacheFolder, let bytes = try? Data(contentsOf: URL(filePath: path)) else { return }
    cache = LogitCache(
      folder: cacheFolder, teacher: sha256Text(Array(bytes)), inputCount: input.count, classCount: classCount)
  }

  /// `[rowCount, classCount]`, row-major.
  mutating func logits(inputs: [Float], rowCount: Int) throws(TeacherError) -> [Float] {
    guard var cache else { return try ask(inputs, rowCount) }
    // Alone while it changes: a copy would double it.
    self.cache = nil
    defer { self.cache = cache }
    return try cache.logits(inputs: inputs, rowCount: rowCount) { inputs, count throws(TeacherError) in
      try ask(inputs, count)
    }
  }

  func save() { cache?.save() }

  private mutating func ask(_ inputs: [Float], _ rowCount: Int) throws(TeacherError) -> [Float] {
    let teacher: OnnxTeacher
    if let opened = self.teacher {
      teacher = opened
    } else {
      teacher = try OnnxTeacher(path: path, input: input)
    }
    self.teacher = teacher
    guard teacher.featureCount == input.count, teacher.classCount == classCount else {
      throw TeacherError(
        .model,
        "\(path) reads \(teacher.featureCount) numbers and knows \(teacher.classCount) classes, the line has"
          + " \(input.count) and \(classCount); name the features in the model's order with --features")
    }
    return try teacher.logits(inputs: inputs, rowCount: rowCount)
  }
}
