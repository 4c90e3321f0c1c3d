import ArgumentParser
import FoundationEssentials
import Glibc
import Settings

/// The command line of the daemon.
@main
struct Kaizend: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kaizend",
    abstract:
      "Serves each line's student, records what it said and what was true, and keeps its weakest groups honest.",
    discussion: "Without --state-dir it is the installed service: /etc/kaizend, /var/lib/kaizend, /run/kaizend.",
    version: daemonVersion)

  @Option(help: "Run in this directory of your own, with sockets in DIR/run and configuration in DIR/config.")
  var stateDir: String?

  @Option(help: "Read configuration from this directory instead.")
  var configDir: String?

  @Flag(help: "Check the configuration, say every fault at once, and end.")
  var checkConfig = false

  func run() async throws {
    umask(0o027)
    let settings = try loadSettings()
    if checkConfig {
      print("the configuration is valid")
      return
    }
    do {
      try await Daemon(settings: settings).run()
    } catch {
      throw fail(error.sentence, code: error.exitCode)
    }
  }

  private func loadSettings() throws -> DaemonSettings {
    let own = stateDir ?? ProcessInfo.processInfo.environment["KAIZEN_STATE_DIR"]
    let base: DaemonSettings
    let directory: String
    if let own {
      let path = own.hasPrefix("/") ? own : FileManager.default.currentDirectoryPath + "/" + own
      base = .forStateDirectory(path)
      directory = configDir ?? path + "/config"
    } else {
      base = .service
      directory = configDir ?? "/etc/kaizend"
    }
    let settings: DaemonSettings
    do {
      settings = try DaemonSettings.load(over: base, from: directory)
    } catch {
      throw fail(error.description, code: 78)
    }
    if own != nil, settings.stateDirectory != base.stateDirectory {
      throw fail("state_directory in \(directory) contradicts --state-dir; take it out of the file", code: 78)
    }
    return settings
  }

  private func fail(_ sentence: String, code: Int32) -> ExitCode {
    let line = Array("kaizend: \(sentence)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    return ExitCode(code)
  }
}
