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

  @Option(help: ArgumentHelp("Put this backup in the place of the state directory's data, and end.", valueName: "dir"))
  var restore: String?

  @Flag(help: ArgumentHelp("Tell of a restore as one JSON object.", visibility: .hidden))
  var json = false

  func run() async throws {
    umask(0o027)
    do {
      let settings = try configuration.load()
      if checkConfig {
        print("the configuration is valid")
        return
      }
      if let restore {
        return try Restoration(stateDirectory: settings.stateDirectory, json: json).run(from: restore)
      }
      try await Daemon(settings: settings, configuration: configuration).run()
    } catch {
      throw fail(error.sentence, code: error.exitCode)
    }
  }

  private var configuration: Configuration {
    guard let own = stateDir ?? ProcessInfo.processInfo.environment["KAIZEN_STATE_DIR"] else {
      return Configuration(base: .service, directory: configDir ?? "/etc/kaizend", isOwn: false)
    }
    let path = own.hasPrefix("/") ? own : FileManager.default.currentDirectoryPath + "/" + own
    return Configuration(
      base: .forStateDirectory(path), directory: configDir ?? path + "/config", isOwn: true)
  }

  private func fail(_ sentence: String, code: Int32) -> ExitCode {
    let line = Array("kaizend: \(sentence)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    return ExitCode(code)
  }
}
