import Domain
import Logging

/// All that is remembered of a line from hour to hour, as the ledger keeps it.
enum LineMemory {
  /// "K": memory of version 0.1 was JSON, which begins with "{".
  private static let mark = UInt8(ascii: "K")

  static func bytes(_ line: LineState) -> [UInt8] {
    var writer = ByteWriter(reserving: 1 << 16)
    writer.write(mark)
    writer.write(line.monitor.stored)
    writer.write(optional: line.early) { $0.write($1.stored()) }
    return writer.bytes
  }

  /// Signs of before that cannot be read are learned anew; what is counted of outcomes cannot be, and stops the line.
  static func read(_ bytes: [UInt8], definition: LineDefinition, logger: Logger)
    throws(StorageFailure) -> (monitor: LineMonitor, early: EarlyWatch?)
  {
    guard bytes.first == mark else { return (try LineMonitor(stored: bytes), nil) }
    var reader = ByteReader(bytes)
    let monitor: [UInt8]
    let early: [UInt8]?
    do throws(CompactBytesError) {
      _ = try reader.byte()
      monitor = try reader.block()
      early = try reader.optional { (reader) throws(CompactBytesError) in try reader.block() }
      try reader.finish()
    } catch {
      throw LineMonitor.unreadable(error)
    }
    return (try LineMonitor(stored: monitor), early.flatMap { read(early: $0, definition, logger) })
  }

  private static func read(early bytes: [UInt8], _ definition: LineDefinition, _ logger: Logger) -> EarlyWatch? {
    do throws(CompactBytesError) {
      return try EarlyWatch(stored: bytes, definition: definition)
    } catch {
      logger.warning("line \(definition.id): early signs are learned anew, what was known of them is damaged: \(error)")
      return nil
    }
  }
}
