import Domain
import Engine
import FoundationEssentials
import Glibc

/// The folder of one run below the state directory: what the training process is given, and what it leaves.
struct RunFolder {
  let path: String

  private static let parent = "jobs"
  /// How often the run was taken up again, in digits.
  private static let resumesFile = "resumes"
  /// A job that takes the machine down with it must not do so for ever.
  static let resumesMaximum = 3
  /// A report holds one row per group and evaluation; a student a few megabytes.
  private static let fileBytesMaximum = 256 << 20

  init(stateDirectory: String, run: Int) { path = "\(stateDirectory)/\(Self.parent)/\(run)" }

  /// Takes away what earlier runs left and makes the folder anew.
  func make(_ spec: RetrainSpec, files: [String: [UInt8]]) throws(StorageFailure) {
    do {
      let parent = URL(filePath: path).deletingLastPathComponent().path
      try? FileManager.default.removeItem(atPath: parent)
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      for (name, bytes) in files { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }
      // Last: a folder with a spec has all that the spec names.
      try write(Array(JSONEncoder().encode(spec)), as: RetrainSpec.specFile)
    } catch {
      throw StorageFailure(
        "the folder \(path) could not be written (\(error)); check its owner and free space", mayPass: true)
    }
  }

  var hasSpec: Bool { has(RetrainSpec.specFile) }
  var hasReport: Bool { has(RetrainSpec.reportFile) }

  /// Counts one more time that the run is taken up.
  /// - Returns: why it may not be, as a sentence; nil when it may.
  func countResume() -> String? {
    let text = (try? String(contentsOf: URL(filePath: "\(path)/\(Self.resumesFile)"), encoding: .utf8)) ?? "0"
    // What cannot be read counts as enough: the other way a damaged folder would be tried for ever.
    let count = Int(text) ?? Self.resumesMaximum
    guard count < Self.resumesMaximum else {
      return "the job was broken off \(count + 1) times, and is not taken up again: it may be what ends the machine; "
        + "look into the journal of the times before"
    }
    do {
      try write(Array(String(count + 1).utf8), as: Self.resumesFile)
      return nil
    } catch {
      return "the folder \(path) cannot be written (\(error)), so the job cannot go on"
    }
  }

  func result() throws -> TrainingEnd {
    let report = try JSONDecoder().decode(TrainingReport.self, from: Self.read("\(path)/\(RetrainSpec.reportFile)"))
    guard report.chosenArm != nil else { return .finished(report: report, student: nil) }
    return .finished(report: report, student: Array(try Self.read("\(path)/\(RetrainSpec.studentFile)")))
  }

  static func read(_ path: String) throws -> Data {
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    guard size <= fileBytesMaximum else {
      throw StorageFailure("\(path) is larger than \(fileBytesMaximum >> 20) MB", mayPass: false)
    }
    return try Data(contentsOf: URL(filePath: path))
  }

  private func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

  /// Under a temporary name, synced, then renamed: after a power cut the file is whole or not there.
  private func write(_ bytes: [UInt8], as name: String) throws(StorageFailure) {
    let temporary = "\(path)/.\(name)"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw failure(temporary) }
    let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    let isSafe = count == bytes.count && fsync(descriptor) == 0
    close(descriptor)
    guard isSafe, rename(temporary, "\(path)/\(name)") == 0 else { throw failure(name) }
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    fsync(folder)
    close(folder)
  }

  private func failure(_ name: String) -> StorageFailure {
    StorageFailure("\(name): \(String(cString: strerror(errno)))", mayPass: true)
  }
}
