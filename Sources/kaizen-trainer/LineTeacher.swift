import Domain
import FoundationEssentials
import GroupDistil
import NeuralNet
import Teacher

/// The teacher of a line as it can be asked about new rows.
struct LineTeacher {
  let source: TeacherSource
  let stateDirectory: String
  let input: InputShape
  let classCount: Int
  /// Where its answers are kept; nil: nowhere.
  let cacheFolder: String?

  /// Below the state directory.
  static let folder = "teachers"

  /// Rows that are asked about between two pulses.
  private static let chunkRows = 256

  /// A teacher that cannot answer is no failure: the labels-only arm needs none.
  ///
  /// - Parameters:
  ///   - inputs: `[rowCount, input.count]`, row-major; `unlabelled` likewise.
  ///   - pulse: asked between answers; what it throws ends the work.
  func answers(
    inputs: [Float], rowCount: Int, unlabelled: [Float] = [], unlabelledCount: Int = 0,
    pulse: () throws(Failure) -> Void = {}
  ) throws(Failure) -> JobTeacher {
    switch source {
    case .columns(let prefix):
      return .absent("its logits came as columns \(prefix)* of the first file of parts; there are none for new rows")
    case .trained(let file):
      let opened = opened(file)
      guard let teacher = opened.student else { return .absent(opened.reason) }
      return .answers(
        name: "trained with the first student", labelled: teacher.logits(inputs, rowCount: rowCount),
        unlabelled: unlabelledCount > 0 ? teacher.logits(unlabelled, rowCount: unlabelledCount) : nil)
    case .onnx(let file):
      guard let path = path(of: file) else { return .absent("its file's name \"\(file)\" is not a name") }
      var teacher = AskedTeacher(path: path, input: input, classCount: classCount, cacheFolder: cacheFolder)
      let labelled = try asked(&teacher, inputs, rowCount, pulse)
      guard let logits = labelled.logits else { return .absent(labelled.reason) }
      let others = try asked(&teacher, unlabelled, unlabelledCount, pulse)
      teacher.save()
      return .answers(name: file, labelled: logits, unlabelled: unlabelledCount > 0 ? others.logits : nil)
    }
  }

  /// The teacher itself, where it is a network in our own format; nil also for one that cannot be read.
  var trainedStudent: Student? {
    guard case .trained(let file) = source else { return nil }
    return opened(file).student
  }

  private func opened(_ file: String) -> (student: Student?, reason: String) {
    guard let path = path(of: file) else { return (nil, "its file's name \"\(file)\" is not a name") }
    do {
      let teacher = try Student(bytes: Array(Data(contentsOf: URL(filePath: path))))
      guard teacher.shape.inputCount == input.count, teacher.shape.classCount == classCount else {
        return (nil, "\(path) does not fit the features and classes of the line")
      }
      return (teacher, "")
    } catch let error as StudentBytesError {
      return (nil, "\(path) cannot be used: \(error.description)")
    } catch {
      return (nil, "\(path) cannot be read")
    }
  }

  /// Logits `[rowCount, classCount]`, or why there are none.
  private func asked(
    _ teacher: inout AskedTeacher, _ inputs: [Float], _ rowCount: Int, _ pulse: () throws(Failure) -> Void
  ) throws(Failure) -> (logits: [Float]?, reason: String) {
    var logits: [Float] = []
    logits.reserveCapacity(rowCount * classCount)
    for first in stride(from: 0, to: rowCount, by: Self.chunkRows) {
      try pulse()
      let count = min(Self.chunkRows, rowCount - first)
      let chunk = Array(inputs[(first * input.count)..<((first + count) * input.count)])
      do throws(TeacherError) {
        logits += try teacher.logits(inputs: chunk, rowCount: count)
      } catch {
        return (nil, error.sentence)
      }
    }
    return (logits, "")
  }

  private func path(of file: String) -> String? {
    guard !file.isEmpty, !file.contains("/"), file != ".." else { return nil }
    return "\(stateDirectory)/\(Self.folder)/\(file)"
  }
}
