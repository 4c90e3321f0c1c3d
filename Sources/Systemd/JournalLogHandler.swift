import CSystemd
import Glibc
import Logging
import Synchronization

/// The least severe level that is logged, for every logger that shares it; a reload moves it.
public final class LogThreshold: Sendable {
  private let stored: Mutex<Logger.Level>

  public init(_ level: Logger.Level = .info) { stored = Mutex(level) }

  public var level: Logger.Level {
    get { stored.withLock { $0 } }
    set { stored.withLock { $0 = newValue } }
  }
}

/// Writes events with their fields to the journal where standard error is connected to it, else plain lines to it.
public struct JournalLogHandler: LogHandler {
  /// The shared threshold's, unless a logger was given one of its own.
  public var logLevel: Logger.Level {
    get { ownLevel ?? threshold.level }
    set { ownLevel = newValue }
  }
  public var metadata: Logger.Metadata = [:]
  public var metadataProvider: Logger.MetadataProvider?
  /// Whether events go to the journal.
  public let isJournal: Bool
  private let label: String
  private let descriptor: Int32
  private let threshold: LogThreshold
  private var ownLevel: Logger.Level?

  /// - Parameters:
  ///   - label: name of the program, the journal's SYSLOG_IDENTIFIER.
  ///   - descriptor: where plain lines go, and the stream that decides whether events go to the journal.
  public init(label: String, descriptor: Int32 = STDERR_FILENO, threshold: LogThreshold = LogThreshold()) {
    self.threshold = threshold
    self.label = label
    self.descriptor = descriptor
    isJournal = isJournalStream(descriptor)
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    var all = metadata
    if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
    if let given = event.metadata { all.merge(given) { $1 } }
    var message = event.message.description
    if let error = event.error { message += ": \(error)" }
    if isJournal {
      let fields = journalFields(level: event.level, label: label, message: message, metadata: all)
      if sendToJournal(fields) { return }
    }
    writeLine(plainLine(level: event.level, label: label, message: message, metadata: all), to: descriptor)
  }
}

/// JOURNAL_STREAM names the device and inode of the stream systemd connected; a redirected stream differs.
/// Source: systemd.exec(5).
private func isJournalStream(_ descriptor: Int32) -> Bool {
  guard let stream = getenv("JOURNAL_STREAM") else { return false }
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { return false }
  return String(cString: stream) == "\(status.st_dev):\(status.st_ino)"
}

private func sendToJournal(_ fields: [(name: String, value: String)]) -> Bool {
  var bytes: [UInt8] = []
  var lengths: [Int] = []
  for field in fields {
    let start = bytes.count
    bytes += Array(field.name.utf8) + [UInt8(ascii: "=")] + Array(field.value.utf8)
    lengths.append(bytes.count - start)
  }
  return bytes.withUnsafeMutableBytes { buffer in
    guard var next = buffer.baseAddress else { return false }
    var vectors: [iovec] = []
    for length in lengths {
      vectors.append(iovec(iov_base: next, iov_len: length))
      next += length
    }
    return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
  }
}

/// One write for one line, so that lines of several threads do not mix.
private func writeLine(_ line: String, to descriptor: Int32) {
  let bytes = Array((timestamp() + " " + line + "\n").utf8)
  _ = write(descriptor, bytes, bytes.count)
}

/// Now in UTC as RFC 3339, whole seconds.
private func timestamp() -> String {
  var seconds = time(nil)
  var parts = tm()
  gmtime_r(&seconds, &parts)
  func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
}
