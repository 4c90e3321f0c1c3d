import Glibc

/// Lines of a text file, one at a time; blank ones are passed over.
final class LineReader {
  private let path: String
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  /// Of the line last given, counted from 1.
  private(set) var lineNumber = 0

  /// An outcome is a few hundred bytes; a longer line is another kind of file.
  static let lineBytesMax = 1 << 16
  private let lineBytesMax: Int
  private static let chunkBytes = 1 << 16

  init(path: String, lineBytesMax: Int = LineReader.lineBytesMax) throws {
    self.path = path
    self.lineBytesMax = lineBytesMax
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure.system(errno == EACCES ? .permission : .noInput, "cannot open \(path)") }
  }

  deinit { close(descriptor) }

  /// The next line without its end, nil after the last.
  func next() throws -> [UInt8]? {
    while let line = try nextLine() {
      lineNumber += 1
      if line.contains(where: { $0 > 0x20 }) { return line }
    }
    return nil
  }

  private func nextLine() throws -> [UInt8]? {
    var scanned = start
    while true {
      if let end = pending[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return Array(pending[start..<end])
      }
      guard pending.count - start <= lineBytesMax else {
        throw Failure(.data, "\(path), line \(lineNumber + 1) is longer than \(lineBytesMax) bytes.")
      }
      if isAtEnd {
        guard start < pending.count else { return nil }
        defer { start = pending.count }
        return Array(pending[start...])
      }
      pending.removeSubrange(..<start)
      start = 0
      scanned = pending.count
      try fill()
    }
  }

  private func fill() throws {
    let chunk = try [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
      var result = -1
      repeat { result = read(descriptor, buffer.baseAddress, buffer.count) } while result < 0 && errno == EINTR
      guard result >= 0 else { throw Failure.system(.inputOutput, "cannot read \(path)") }
      count = result
    }
    isAtEnd = chunk.isEmpty
    pending += chunk
  }
}
