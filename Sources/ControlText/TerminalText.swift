/// A reply that can be shown to a person at a terminal.
public protocol TerminalText {
  /// Lines of at most `style.width` columns (a word longer than that stands alone), without a final line feed.
  func text(_ style: TextStyle) -> String
}

/// How much the terminal can show.
public struct TextStyle: Sendable, Equatable {
  /// ANSI colours: only on a terminal, and not where `NO_COLOR` is set.
  public let colours: Bool
  /// Columns to keep within.
  public let width: Int
  /// How commands are written that the reader shall type.
  public let commands: CommandText
  /// Block characters in plots, where the terminal's characters are Unicode; else ASCII.
  public let blocks: Bool

  /// The width every page and log viewer of a plant shows without wrapping.
  public static let standardWidth = 80

  public init(
    colours: Bool, width: Int = standardWidth, commands: CommandText = CommandText(), blocks: Bool = true
  ) {
    self.colours = colours
    self.width = width
    self.commands = commands
    self.blocks = blocks
  }

  public func paint(_ text: String, _ tone: Tone) -> String {
    guard colours, let code = tone.code else { return text }
    return "\u{1B}[\(code)m\(text)\u{1B}[0m"
  }
}

/// What a colour means here.
public enum Tone: Sendable {
  case plain, strong, good, warning, bad, faint

  var code: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .good: "32"
    case .warning: "33"
    case .bad: "31"
    case .faint: "2"
    }
  }

  /// The tone of a group's or a run's state.
  static func of(state: String) -> Tone {
    switch state {
    case "lagging", "failed": .bad
    case "watch", "interrupted", "awaiting", "rolled_back": .warning
    case "ok", "promoted": .good
    case "unknown", "retired", "rejected": .faint
    default: .plain
    }
  }
}

/// `text` with control characters replaced, so that a name or reason someone else sent cannot steer this terminal.
public func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { result.append(isControl(scalar) ? "\u{FFFD}" : scalar) }
  return String(result)
}

private func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.properties.generalCategory {
  // Format characters can reorder what is shown (U+202E).
  case .control, .format, .lineSeparator, .paragraphSeparator: true
  default: false
  }
}
