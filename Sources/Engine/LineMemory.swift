import Domain
import Logging

/// All that is remembered of a line from hour to hour, as the ledger keeps it.
enum LineMemory {
  /// "L": what is known of trials too. "K" was without them; memory of version 0.1 was JSON, which begins with "{".
  private static let mark = UInt8(ascii: "L")
  private static let markWithoutTrials = UInt8(ascii: "K")
  /// Trials of a line at once: a scoped one for each student, and one for the whole line.
  private static let trialsMaximum = 1000

  static func bytes(_ line: LineState) -> [UInt8] {
    var writer = ByteWriter(reserving: 1 << 16)
    writer.write(mark)
    writer.write(line.monitor.stored)
    writer.write(optional: line.early) { $0.write($1.stored()) }
    writer.write(each: line.trials) { $0.write($1.watch.stored) }
    return writer.bytes
  }

  /// What cannot be read is made anew: what outcomes say is counted again from the ledger, early signs are learned again.
  static func read(_ bytes: [UInt8], definition: LineDefinition, logger: Logger) -> (
    monitor: LineMonitor, early: EarlyWatch?, trials: [TrialWatch]
  ) {
    do throws(CompactBytesError) {
      guard bytes.first == mark || bytes.first == markWithoutTrials else {
        return (try LineMonitor(stored: bytes), nil, [])
      }
      var reader = ByteReader(bytes)
      _ = try reader.byte()
      let monitor = try LineMonitor(stored: try reader.block())
      let early = try reader.optional { (reader) throws(CompactBytesError) in try reader.block() }
      let trials =
        bytes.first == mark
        ? try reader.array(maximum: trialsMaximum) { (reader) throws(CompactBytesError) in try reader.block() } : []
      try reader.finish()
      return (
        monitor, early.flatMap { read(early: $0, definition, logger) },
        trials.compactMap { read(trial: $0, definition, logger) }
      )
    } catch {
      logger.critical(
        "line \(definition.id): the monitor's memory in ledger.db cannot be read (\(error)); all its parts are counted again from the ledger",
        metadata: ["line": "\(definition.id)"])
      return (LineMonitor(), nil, [])
    }
  }

  private static func read(trial bytes: [UInt8], _ definition: LineDefinition, _ logger: Logger) -> TrialWatch? {
    do throws(CompactBytesError) {
      return try TrialWatch(stored: bytes)
    } catch {
      logger.warning(
        "line \(definition.id): a trial is counted again from the ledger, what was known is damaged: \(error)")
      return nil
    }
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
