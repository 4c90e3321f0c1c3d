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

/// One key that a reload finds otherwise; values as TOML, nil for none.
public struct SettingsChange: Sendable, Equatable, CustomStringConvertible {
  public let key: String
  public let from: String?
  public let to: String?

  public init(key: String, from: String?, to: String?) {
    self.key = key
    self.from = from
    self.to = to
  }

  /// Whether a line's own file says it.
  public var isOfLine: Bool { key.hasPrefix("lines.") }

  public var description: String { "\(key): \(from ?? "none") -> \(to ?? "none")" }
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

  /// What a reload changes, in the order of the sample file; empty when nothing does.
  public func changes(to new: DaemonSettings) -> [SettingsChange] {
    let before = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
    let after = new.entries.map { ($0.key, $0.value) }
    let kept = Set(after.map(\.0))
    let removed = entries.filter { !kept.contains($0.key) }.map { SettingsChange(key: $0.key, from: $0.value, to: nil) }
    return after.compactMap { key, value in
      let old = before[key] ?? nil
      return old == value ? nil : SettingsChange(key: key, from: old, to: value)
    } + removed
  }

  /// These settings with everything a running daemon cannot change as `running` has it.
  public func withoutRestart(_ running: DaemonSettings) -> DaemonSettings {
    var kept = self
    kept.stateDirectory = running.stateDirectory
    kept.trainerPath = running.trainerPath
    kept.inferSocket = running.inferSocket
    kept.grpcSocket = running.grpcSocket
    kept.controlSocket = running.controlSocket
    kept.durability = running.durability
    return kept
  }

  private func entry(_ key: String, _ value: SettingValue?) -> SettingsEntry {
    SettingsEntry(key: key, value: value?.text, origin: origins[key] ?? "default")
  }
}
