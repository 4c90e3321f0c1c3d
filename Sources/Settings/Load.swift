import Domain

extension DaemonSettings {
  /// Lays the files of a configuration over `base`: `kaizend.toml`, then `conf.d/*.toml` in the order of their names,
  /// then one file for each line in `lines.d`.
  ///
  /// Absent files and directories are no fault. Nothing is opened for writing and nothing else is changed.
  /// - Parameter directory: /etc/kaizend, or `config` below a state directory.
  /// - Throws: every problem of every file at once.
  public static func load(over base: DaemonSettings, from directory: String) throws(SettingsFault) -> DaemonSettings {
    var reading = Reading(draft: DaemonDraft(settings: base))
    reading.readDaemonFile("\(directory)/kaizend.toml")
    for name in reading.findings.list("\(directory)/conf.d") {
      reading.readDaemonFile("\(directory)/conf.d/\(name)")
    }
    reading.finishDaemon()
    for name in reading.findings.list("\(directory)/lines.d") {
      reading.readLineFile("\(directory)/lines.d/\(name)", line: String(name.dropLast(".toml".count)))
    }
    let problems = reading.findings.problems
    if !problems.isEmpty { throw SettingsFault(problems: problems) }
    var settings = reading.draft.settings
    settings.origins = reading.findings.places.mapValues(\.description)
    return settings
  }
}

/// The settings read so far.
private struct Reading {
  var draft: DaemonDraft
  var findings = Findings()

  init(draft: DaemonDraft) { self.draft = draft }

  mutating func readDaemonFile(_ path: String) {
    guard let document = findings.open(path) else { return }
    findings.take(document, keys: daemonKeys(), into: &draft, prefix: "")
  }

  mutating func readLineFile(_ path: String, line name: String) {
    let line: LineID
    do {
      line = try LineID(name)
    } catch {
      let got = SettingValue.string(name).text
      let rule = "is named after its line: 1 to 63 characters of a-z, 0-9 and '-', not '-' first"
      findings.problems.append(SettingsProblem(file: path, rule: rule, got: got))
      return
    }
    guard let document = findings.open(path) else { return }
    var overrides = LineOverrides()
    findings.take(document, keys: lineKeys(), into: &overrides, prefix: "lines.\(line).")
    draft.settings.lines[line] = overrides
    // What was stored with the line is not known here: only a conflict within the file itself is a fault of the file.
    guard overrides.gateRowsMinimum != nil, overrides.jobRowsMinimum != nil else { return }
    if let conflict = gateConflict(overrides.applied(to: draft.settings.defaults)) {
      findings.report("lines.\(line).gate_rows_minimum", conflict)
    }
  }

  /// Checks of more than one key, once every layer of the daemon's own files is there.
  mutating func finishDaemon() {
    draft.settings.defaults = draft.defaults.applied(to: draft.settings.defaults)
    if let conflict = gateConflict(draft.settings.defaults) {
      findings.report("defaults.gate_rows_minimum", or: "defaults.job_rows_minimum", conflict)
    }
    if let (key, conflict) = retentionConflict(draft.settings.retention) { findings.report(key, conflict) }
    let settings = draft.settings
    let paths = [
      ("infer", settings.inferSocket.path), ("grpc", settings.grpcSocket.path),
      ("control", settings.controlSocket.path),
    ]
    for (index, (name, path)) in paths.enumerated() {
      for (other, same) in paths[..<index] where same == path {
        findings.report(
          "sockets.\(name).path", or: "sockets.\(other).path",
          "must differ from the other socket's path (got \"\(path)\")")
      }
    }
  }
}

/// What was found in the files beside the values: where keys stand, and what is wrong.
private struct Findings {
  struct Place: CustomStringConvertible {
    let file: String
    let line: Int?
    let key: String
    var description: String { file + (line.map { ":\($0)" } ?? "") }
  }

  var problems: [SettingsProblem] = []
  /// Where each dotted key was set last.
  var places: [String: Place] = [:]

  mutating func list(_ directory: String) -> [String] {
    do {
      return try tomlFiles(in: directory)
    } catch {
      note(error)
      return []
    }
  }

  mutating func open(_ path: String) -> Document? {
    let text: String
    do {
      text = try readText(path)
    } catch {
      note(error)
      return nil
    }
    let document = Document(file: path, text: text)
    problems += document.problems
    return document
  }

  /// Stores every value of a document that keeps its key's rule, and notes every one that does not.
  mutating func take<Target>(
    _ document: Document, keys: [SettingKey<Target>], into target: inout Target, prefix: String
  ) {
    for entry in document.entries {
      guard let key = keys.first(where: { $0.name == entry.name }) else {
        noteUnknown(entry, document, keys.map(\.name))
        continue
      }
      places[prefix + key.name] = Place(file: document.file, line: entry.line, key: key.name)
      if key.apply(entry.value, &target) { continue }
      problems.append(
        SettingsProblem(
          file: document.file, line: entry.line, key: key.name, rule: "must be \(key.rule)", got: entry.value.text))
    }
  }

  /// A conflict of several keys, at the place where one of them was set.
  mutating func report(_ key: String, or other: String? = nil, _ rule: String) {
    let place = places[key] ?? other.flatMap { places[$0] }
    problems.append(
      SettingsProblem(file: place?.file ?? "built-in", line: place?.line, key: place?.key ?? key, rule: rule))
  }

  private mutating func note(_ failure: ReadFailure) {
    if case .problem(let problem) = failure { problems.append(problem) }
  }

  private mutating func noteUnknown(_ entry: Document.Entry, _ document: Document, _ known: [String]) {
    let isSection = known.contains { $0.hasPrefix(entry.name + ".") }
    if isSection, entry.value == .other(Document.emptySection) { return }
    var rule = "unknown key"
    if isSection {
      rule = "must be a section, [\(entry.name)]"
    } else if let near = nearestName(to: entry.name, among: known) {
      rule += "; did you mean \(near)?"
    }
    let name = SettingValue.safe(entry.name)
    problems.append(
      SettingsProblem(file: document.file, line: entry.line, key: name, rule: rule, got: entry.value.text))
  }
}
