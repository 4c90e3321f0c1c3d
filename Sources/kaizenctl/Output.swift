import ControlText
import FoundationEssentials
import Glibc
import Wire

/// Standard output and standard error, as the global options want them.
struct Output {
  let json: Bool
  let quiet: Bool
  let commands: CommandText

  /// What standard output can show: colours on a terminal alone, and not where `NO_COLOR` is set (no-color.org).
  var style: TextStyle {
    TextStyle(colours: Self.colours(on: STDOUT_FILENO), commands: commands, blocks: Self.showsBlocks)
  }
  var errorStyle: TextStyle { TextStyle(colours: Self.colours(on: STDERR_FILENO)) }

  /// Whether standard output can be drawn over.
  var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  private static func colours(on descriptor: Int32) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    guard environment["NO_COLOR", default: ""].isEmpty, environment["TERM"] != "dumb" else { return false }
    return isatty(descriptor) == 1
  }

  /// Whether the locale's characters are Unicode: the first of these variables that says anything decides (POSIX, 8.2).
  private static var showsBlocks: Bool {
    let environment = ProcessInfo.processInfo.environment
    guard environment["TERM"] != "dumb" else { return false }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let name = locale.lowercased()
    return name.contains("utf-8") || name.contains("utf8")
  }

  /// A reply as it came, or as text.
  func show(_ text: some TerminalText, json bytes: [UInt8]) throws {
    if json {
      try Self.write(bytes.last == UInt8(ascii: "\n") ? bytes : bytes + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
    } else {
      try say(text.text(style))
    }
  }

  /// A line for people; nothing where JSON or quiet is asked for.
  func say(_ text: String) throws {
    guard !json, !quiet else { return }
    try Self.write(Array((text + "\n").utf8), to: STDOUT_FILENO)
  }

  /// Standard error has nowhere to report its own failure to.
  static func sayToError(_ text: String) {
    try? write(Array(text.utf8), to: STDERR_FILENO)
  }

  static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        // The reader has seen enough (`kaizenctl audit show | head`).
        let sentence = errno == EPIPE ? "" : "cannot write the answer: \(String(cString: strerror(errno)))"
        throw Failure(.inputOutput, sentence)
      }
      start += count
    }
  }
}
