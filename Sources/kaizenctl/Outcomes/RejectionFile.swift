import Domain
import Glibc

/// A CSV file with one line for each row that was not taken, written as they are met.
final class RejectionFile {
  let path: String
  private let descriptor: Int32
  private var pending: [UInt8] = []

  private static let flushBytes = 1 << 16

  /// - Parameter appends: an import that goes on keeps what the one before it found.
  init(path: String, appends: Bool) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (appends ? O_APPEND : O_TRUNC), 0o644)
    guard descriptor >= 0 else { throw Failure.system(.inputOutput, "cannot write \(path)") }
    if lseek(descriptor, 0, SEEK_END) == 0 { pending = Array("row,id,label,channel,status,why\n".utf8) }
  }

  deinit { close(descriptor) }

  func add(row: Int, id: String, label: String, channel: String, status: String, why: String) throws {
    let cells = ["\(row)", id, label, channel, status, why]
    pending += Array((cells.map(Self.cell).joined(separator: ",") + "\n").utf8)
    if pending.count >= Self.flushBytes { try flush() }
  }

  func flush() throws {
    do {
      try Output.write(pending, to: descriptor)
    } catch {
      throw Failure(.inputOutput, "cannot write \(path) any further.")
    }
    pending.removeAll(keepingCapacity: true)
  }

  /// As RFC 4180 wants it.
  private static func cell(_ text: String) -> String {
    guard text.utf8.contains(where: { [UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13].contains($0) }) else {
      return text
    }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
