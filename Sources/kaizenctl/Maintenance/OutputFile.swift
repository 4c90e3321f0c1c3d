import Crypto
import Domain
import Glibc

/// A new file that is written from front to back, and hashed on the way; gone again unless it is finished, so that the
/// same command can be given once more.
final class OutputFile {
  let path: String
  private let descriptor: Int32
  private var hash = SHA256()
  private(set) var byteCount = 0
  private var isFinished = false

  /// - Throws: `Failure` where there is a file of that name already: nothing is overwritten.
  init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else {
      throw Failure.system(errno == EACCES ? .permission : .inputOutput, "cannot make \(path)")
    }
  }

  deinit {
    close(descriptor)
    if !isFinished, descriptor >= 0 { unlink(path) }
  }

  func write(_ bytes: [UInt8]) throws {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Failure.system(.inputOutput, "cannot write \(path)") }
      start += count
    }
    bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
    byteCount += bytes.count
  }

  /// Brings the file onto the disk.
  /// - Returns: its SHA-256, lower-case hex.
  func finish() throws -> String {
    guard fsync(descriptor) == 0 else { throw Failure.system(.inputOutput, "cannot bring \(path) onto the disk") }
    isFinished = true
    return hash.finalize().map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  /// A small file, whole or not at all.
  static func replace(_ path: String, with bytes: [UInt8]) throws {
    unlink(path + ".new")
    let file = try OutputFile(path + ".new")
    try file.write(bytes)
    _ = try file.finish()
    guard rename(path + ".new", path) == 0 else { throw Failure.system(.inputOutput, "cannot write \(path)") }
  }

  /// Makes a folder unless it is there.
  static func makeFolder(_ path: String) throws {
    guard mkdir(path, 0o750) != 0, errno != EEXIST else { return }
    throw Failure.system(errno == EACCES ? .permission : .inputOutput, "cannot make the folder \(path)")
  }
}
