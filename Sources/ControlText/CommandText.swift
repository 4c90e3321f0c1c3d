/// Writes commands of `kaizenctl` so that whoever reads them can paste them into the shell they came from.
public struct CommandText: Sendable, Equatable {
  /// As `--state-dir` named it; nil where the reader's shell finds the same daemon without the option.
  public let stateDirectory: String?

  public init(stateDirectory: String? = nil) { self.stateDirectory = stateDirectory }

  /// `kaizenctl WORDS`, each word quoted where a shell would take it apart.
  public func text(_ words: [String]) -> String {
    // Help asks no daemon.
    let isHelp = words.last == "--help"
    let option = isHelp ? [] : stateDirectory.map { ["--state-dir", $0] } ?? []
    return Self.quoted(["kaizenctl"] + words + option)
  }

  public func text(_ words: String...) -> String { text(words) }

  /// Words as a POSIX shell reads them back.
  public static func quoted(_ words: [String]) -> String { printable(words.map(quoted).joined(separator: " ")) }

  private static func quoted(_ word: String) -> String {
    guard word.isEmpty || !word.unicodeScalars.allSatisfy(isPlain) else { return word }
    return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// Letters of every language and the signs no shell gives a meaning inside a word.
  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-_./=,:@%+".unicodeScalars.contains(scalar)
  }
}
