import ControlText
import Domain
import FoundationEssentials
import Glibc
import Wire

/// The temporary folder the training process writes a first student or a study into.
struct DistilledFolder {
  let path: String

  static let definitionFile = "definition.json"
  static let teacherFile = "teacher.json"
  /// Base64 of the largest file still fits a request; a student or teacher of a plant line is a few MB.
  static let fileBytesMax = 256 << 20

  /// A new folder that only this user can look into: the file of parts may be secret.
  static func make() throws -> DistilledFolder {
    let parent = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
    var template = Array("\(parent)/kaizenctl-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Failure.system(
        .inputOutput, "cannot make a temporary folder in \(parent)",
        next: .other("df -h \(CommandText.quoted([parent]))"))
    }
    return DistilledFolder(path: String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  func definition() throws -> LineDefinition { try decoded(Self.definitionFile) }
  func report() throws -> TrainingReport { try decoded(RetrainSpec.reportFile) }

  /// Nil until the training process has written it.
  func checkIfThere() throws -> LineCheck? {
    guard access("\(path)/\(LineCheck.file)", F_OK) == 0 else { return nil }
    return try decoded(LineCheck.file)
  }

  func check() throws -> LineCheck { try decoded(LineCheck.file) }

  func study() throws -> StudyReport { try decoded(StudyReport.resultFile) }

  /// The student's bytes in base64.
  func student() throws -> String { try base64(RetrainSpec.studentFile) }

  func teacher() throws -> TeacherUpload {
    let source: TeacherSource = try decoded(Self.teacherFile)
    switch source {
    case .trained(let file): return .trained(try base64(file))
    case .onnx(let file): return .onnx(try base64(file))
    case .columns(let prefix): return .columns(prefix: prefix)
    }
  }

  func write(_ bytes: [UInt8], _ name: String) throws {
    do {
      try Data(bytes).write(to: URL(filePath: "\(path)/\(name)"))
    } catch {
      throw Failure(.inputOutput, "cannot write \(path)/\(name): \(error).")
    }
  }

  func decoded<Value: Decodable>(_ file: String) throws -> Value {
    let bytes = try bytes(file)
    do {
      return try JSONDecoder().decode(Value.self, from: bytes)
    } catch {
      throw unusable(file, "\(error)")
    }
  }

  private func base64(_ file: String) throws -> String { try bytes(file).base64EncodedString() }

  private func bytes(_ file: String) throws -> Data {
    // The name may come out of teacher.json; it names a file of this folder and nothing else.
    guard !file.contains("/"), file != "..", !file.isEmpty else { throw unusable(file, "this is no plain file name") }
    do {
      return Data(try BoundedFile.read("\(path)/\(file)", bytesMax: Self.fileBytesMax))
    } catch {
      throw unusable(file, "\(error)")
    }
  }

  private func unusable(_ file: String, _ why: String) -> Failure {
    Failure(.software, "the training process left no usable \(file): \(why).")
  }
}
