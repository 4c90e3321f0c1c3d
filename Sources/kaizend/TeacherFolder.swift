import Domain
import Engine
import FoundationEssentials
import Store
import Wire

/// `teachers/` below the state directory: one file a teacher, named by its content.
struct TeacherFolder: Sendable {
  let stateDirectory: String

  /// Stores an uploaded teacher, whole or not at all. It stays when its line is refused after all: another line may
  /// use the same file, and one too few would cost a retraining.
  func keep(_ upload: TeacherUpload) throws(StorageFailure) -> TeacherSource {
    switch upload {
    case .columns(let prefix): return .columns(prefix: prefix)
    case .trained(let text): return .trained(file: try store(text, suffix: "teacher"))
    case .onnx(let text): return .onnx(file: try store(text, suffix: "onnx"))
    }
  }

  private func store(_ base64: String, suffix: String) throws(StorageFailure) -> String {
    guard let bytes = OperatorCoding.bytes(base64: base64) else {
      throw StorageFailure("the teacher's bytes are not base64", mayPass: false)
    }
    let name = "\(sha256Text(bytes)).\(suffix)"
    let folder = "\(stateDirectory)/teachers"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"), options: .atomic)
    } catch {
      throw StorageFailure("the teacher could not be stored in \(folder) (\(error)); check free space", mayPass: true)
    }
    return name
  }
}
