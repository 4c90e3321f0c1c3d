/// Everything that is wrong with the files of a configuration, all at once.
public struct SettingsFault: Error, Equatable, CustomStringConvertible {
  public let problems: [SettingsProblem]

  /// One problem a line.
  public var description: String { problems.map(\.description).joined(separator: "\n") }
}

/// One thing wrong with a file, in the form `file:line key: rule (got value)`.
public struct SettingsProblem: Sendable, Equatable, CustomStringConvertible {
  public let file: String
  /// Line of the key, counted from 1; nil where the file as a whole is meant.
  public let line: Int?
  /// Dotted name of the key; nil where the file as a whole is meant.
  public let key: String?
  /// What holds for the key, or what to do about the file.
  public let rule: String
  /// The value found, for display; nil where there is none.
  public let got: String?

  init(file: String, line: Int? = nil, key: String? = nil, rule: String, got: String? = nil) {
    self.file = file
    self.line = line
    self.key = key
    self.rule = rule
    self.got = got
  }

  public var description: String {
    let place = file + (line.map { ":\($0)" } ?? "")
    let subject = key.map { " \($0):" } ?? ":"
    return "\(place)\(subject) \(rule)" + (got.map { " (got \($0))" } ?? "")
  }
}
