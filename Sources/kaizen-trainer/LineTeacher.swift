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

  /// A teacher that cannot answer is no failure: the labels-only arm needs none.
  ///
  /// - Parameter inputs: `[rowCount, input.count]`, row-major.
  func answers(inputs: [Float], rowCount: Int) -> JobTeacher {
    switch source {
    case .columns(let prefix):
      return .absent("its logits came as columns \(prefix)* of the first file of parts; there are none for new rows")
    case .trained(let file):
      guard let path = path(of: file) else { return .absent("its file's name \"\(file)\" is not a name") }
      do {
        let teacher = try Student(bytes: Array(Data(contentsOf: URL(filePath: path))))
        guard teacher.shape.inputCount == input.count, teacher.shape.classCount == classCount else {
          return .absent("\(path) does not fit the features and classes of the line")
        }
        return .answers(
          name: "trained with the first student", labelled: teacher.logits(inputs, rowCount: rowCount), unlabelled: nil)
      } catch let error as StudentBytesError {
        return .absent("\(path) cannot be used: \(error.description)")
      } catch {
        return .absent("\(path) cannot be read")
      }
    case .onnx(let file):
      guard let path = path(of: file) else { return .absent("its file's name \"\(file)\" is not a name") }
      do throws(TeacherError) {
        var teacher = AskedTeacher(path: path, input: input, classCount: classCount, cacheFolder: cacheFolder)
        let logits = try teacher.logits(inputs: inputs, rowCount: rowCount)
        teacher.save()
        return .answers(name: file, labelled: logits, unlabelled: nil)
      } catch {
        return .absent(error.sentence)
      }
    }
  }

  private func path(of file: String) -> String? {
    guard !file.isEmpty, !file.contains("/"), file != ".." else { return nil }
    return "\(stateDirectory)/\(Self.folder)/\(file)"
  }
}
