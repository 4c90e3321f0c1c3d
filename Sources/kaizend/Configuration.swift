import Settings

/// Where the daemon's settings come from; read at the start and at every reload.
struct Configuration: Sendable {
  /// What holds where the files say nothing.
  let base: DaemonSettings
  let directory: String
  /// Whether `--state-dir` chose the state directory, which no file may contradict then.
  let isOwn: Bool

  /// - Throws: every fault of every file in one sentence each, with code 78.
  func load() throws(DaemonFailure) -> DaemonSettings {
    let settings: DaemonSettings
    do {
      settings = try DaemonSettings.load(over: base, from: directory)
    } catch {
      throw DaemonFailure(error.description, exitCode: 78)
    }
    if isOwn, settings.stateDirectory != base.stateDirectory {
      throw DaemonFailure(
        "state_directory in \(directory) contradicts --state-dir; take it out of the file", exitCode: 78)
    }
    return settings
  }
}
