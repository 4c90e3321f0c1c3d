import Glibc

/// A file read whole, up to a bound.
enum BoundedFile {
  enum Fault: Error {
    case system(Int32)
    /// A folder, a device or a pipe.
    case notRegular
    case tooLarge
  }

  /// - Throws: `Fault`; nothing past `bytesMax` is read, whatever the file grows to meanwhile.
  static func read(_ path: String, bytesMax: Int) throws(Fault) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw .notRegular }
    guard status.st_size <= bytesMax else { throw .tooLarge }
    var code: Int32 = 0
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let result = Glibc.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
        if result < 0, errno == EINTR { continue }
        if result < 0 { code = errno }
        guard result > 0 else { return }
        count += result
      }
    }
    guard code == 0 else { throw .system(code) }
    return bytes
  }

  /// Standard input to its end.
  static func readStandardInput(bytesMax: Int) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Glibc.read(STDIN_FILENO, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(errno) }
      guard count > 0 else { return bytes }
      bytes += piece[..<count]
      guard bytes.count <= bytesMax else { throw .tooLarge }
    }
  }
}

extension BoundedFile.Fault: CustomStringConvertible {
  var description: String {
    switch self {
    case .system(let code): String(cString: strerror(code))
    case .notRegular: "it is no regular file"
    case .tooLarge: "it is too large"
    }
  }
}
