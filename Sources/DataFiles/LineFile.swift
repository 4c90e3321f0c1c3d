/// Lines of a text file, gzip or plain, one at a time; blank ones are passed over.
public final class LineFile {
  private let source: ByteSource
  private var pending: [UInt8] = []
  private var start = 0
  private var isAtEnd = false
  /// Of the line last given, counted from 1.
  public private(set) var lineNumber = 0

  /// One record of any file that is read by lines; a longer line is another kind of file.
  private static let lineBytesMax = 1 << 16

  /// - Throws: `DataFault` for a missing or unreadable file.
  public init(path: String) throws(DataFault) { source = try ByteSource(path: path, limits: DataLimits()) }

  /// The next line without its end, nil after the last.
  /// - Throws: `DataFault` for a line that is too long and for anything unreadable.
  public func next() throws(DataFault) -> [UInt8]? {
    while let line = try nextLine() {
      lineNumber += 1
      if line.contains(where: { $0 > 0x20 }) { return line }
    }
    return nil
  }

  private func nextLine() throws(DataFault) -> [UInt8]? {
    var scanned = start
    while true {
      if let end = pending[scanned...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = end + 1 }
        return Array(pending[start..<end])
      }
      guard pending.count - start <= Self.lineBytesMax else {
        throw DataFault(row: lineNumber + 1, "this line is longer than \(Self.lineBytesMax) bytes")
      }
      if isAtEnd {
        guard start < pending.count else { return nil }
        defer { start = pending.count }
        return Array(pending[start...])
      }
      pending.removeSubrange(..<start)
      start = 0
      scanned = pending.count
      let chunk = try source.next()
      isAtEnd = chunk.isEmpty
      pending += chunk
    }
  }
}
