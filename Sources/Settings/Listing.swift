import Domain

/// One key with its value as a file would write it, and where it comes from.
public struct SettingsEntry: Sendable, Equatable {
  /// Dotted name; `lines.NAME.key` for a line's own file.
  public let key: String
  /// As TOML; nil for a key without a value.
  public let value: String?
  /// `file:line`, or "default".
  public let origin: String
}

extension DaemonSettings {
  /// Every key in the order of the sample file, then the overrides of lines by name: what `config show` prints.
  public var entries: [SettingsEntry] {
    let draft = DaemonDraft(settings: self, defaults: LineOverrides(defaults))
    var listed = daemonKeys().map { entry($0.name, $0.show(draft)) }
    for (line, overrides) in lines.sorted(by: { $0.key < $1.key }) {
      for key in lineKeys() {
        guard let value = key.show(overrides) else { continue }
        listed.append(entry("lines.\(line).\(key.name)", value))
      }
    }
    return listed
  }

  /// What a reload changes, one `key: old -> new` each; empty when nothing does.
  public func changes(to new: DaemonSettings) -> [String] {
    let before = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value ?? "none") })
    let after = new.entries.map { ($0.key, $0.value ?? "none") }
    let kept = Set(after.map(\.0))
    let removed = entries.filter { !kept.contains($0.key) }.map { "\($0.key): \($0.value ?? "none") -> none" }
    return after.compactMap { key, value in
      let old = before[key] ?? "none"
      return old == value ? nil : "\(key): \(old) -> \(value)"
    } + removed
  }

  private func entry(_ key: String, _ value: SettingValue?) -> SettingsEntry {
    SettingsEntry(key: key, value: value?.text, origin: origins[key] ?? "default")
  }
}
