/// Paths as a person standing in a directory would type them.
public enum ShownPath {
  /// `path` relative to `directory` where it is below it, else as it is; always with a slash, so that a shell runs it.
  public static func program(_ path: String, from directory: String) -> String {
    let short = relative(path, to: directory)
    return short.contains("/") ? short : "./" + short
  }

  /// `path` relative to `directory` where it is below it, else as it is.
  public static func relative(_ path: String, to directory: String) -> String {
    let base = directory.hasSuffix("/") ? directory : directory + "/"
    guard path.hasPrefix(base), path.count > base.count else { return path }
    return String(path.dropFirst(base.count))
  }
}
