import FoundationEssentials
import Glibc
import Store

/// The folder a job leaves its results in: each file whole or not there.
struct ResultFolder {
  let path: String

  /// Makes the folder where it is missing.
  init(making path: String) throws(Failure) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw Failure(
        .cannotCreate, "the folder \(path) cannot be made (\(String(cString: strerror(errno)))); name another")
    }
    self.path = path
  }

  init(existing path: String) { self.path = path }

  func read(_ name: String) throws(Failure) -> [UInt8] {
    do {
      return try Array(Data(contentsOf: URL(filePath: "\(path)/\(name)")))
    } catch {
      throw Failure(.noInput, "\(path)/\(name) cannot be read; the daemon puts it there before it starts this process")
    }
  }

  func decode<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws(Failure) -> Value {
    let bytes = try read(name)
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw Failure(.data, "\(path)/\(name) is not what this version of kaizen-trainer reads: \(error)")
    }
  }

  func writeJSON(_ value: some Encodable, as name: String) throws(Failure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let bytes: [UInt8]
    do {
      bytes = try Array(encoder.encode(value))
    } catch {
      throw Failure(.software, "\(name) cannot be written as JSON: \(error)")
    }
    try writeBytes(bytes, as: name)
  }

  /// As `writeBytes`, with a sum in front by which damage is noticed.
  func writeSealed(_ bytes: [UInt8], as name: String) throws(Failure) {
    try writeBytes(Array((sha256Text(bytes) + "\n").utf8) + bytes, as: name)
  }

  /// What `writeSealed` wrote; nil for a file that is not there, or not as it was.
  func readSealed(_ name: String) -> [UInt8]? {
    guard let bytes = try? read(name), let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    let content = Array(bytes[(end + 1)...])
    return sha256Text(content).utf8.elementsEqual(bytes[..<end]) ? content : nil
  }

  /// Takes a file away; one that is not there, or stays, harms nobody.
  func remove(_ name: String) { unlink("\(path)/\(name)") }

  /// Under a temporary name, synced, renamed, and the folder synced: a power cut leaves the old file or the new.
  func writeBytes(_ bytes: [UInt8], as name: String, mode: mode_t = 0o640) throws(Failure) {
    let temporary = temporary(name)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw failure(name) }
    let isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
    let code = errno
    close(descriptor)
    guard isWritten, rename(temporary, "\(path)/\(name)") == 0 else {
      let failure = failure(name, code: isWritten ? errno : code)
      unlink(temporary)
      throw failure
    }
    let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw failure(name) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw failure(name) }
  }

  /// Whether a file of this name could be written now; leaves nothing.
  func tryOut(_ name: String) throws(Failure) {
    let temporary = temporary(name)
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(name) }
    close(descriptor)
    unlink(temporary)
  }

  private func temporary(_ name: String) -> String { "\(path)/.\(name).\(getpid())" }

  private func failure(_ name: String, code: Int32 = errno) -> Failure {
    Failure(
      code == EACCES || code == ENOENT ? .cannotCreate : .inputOutput,
      "\(path)/\(name) cannot be written (\(String(cString: strerror(code)))); check the folder and its free space")
  }
}
