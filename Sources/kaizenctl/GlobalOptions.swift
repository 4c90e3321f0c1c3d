import ArgumentParser
import ControlText
import Domain
import FoundationEssentials

/// What every verb understands, before or after its name.
struct GlobalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "State directory of a daemon tried out without root; its sockets are in DIR/run.",
      discussion: "Without it KAIZEN_STATE_DIR counts, and without that the sockets of the service in /run/kaizend.",
      valueName: "dir"))
  var stateDir: String?

  @Flag(help: "One JSON object on standard output, exactly the daemon's reply.")
  var json = false

  @Flag(help: "Say nothing but errors (and the JSON object, where asked for).")
  var quiet = false

  /// Where the service's sockets are (`protocol.md`).
  static let serviceDirectory = "/run/kaizend"
  static let stateDirectoryVariable = "KAIZEN_STATE_DIR"

  func validate() throws {
    if let stateDir, stateDir.isEmpty { throw ValidationError("--state-dir needs a directory, got an empty text.") }
  }

  /// The state directory asked for, nil for the service.
  var chosenStateDirectory: String? { stateDir ?? stateDirectoryOfEnvironment }

  private var stateDirectoryOfEnvironment: String? {
    let fromEnvironment = ProcessInfo.processInfo.environment[Self.stateDirectoryVariable]
    return fromEnvironment.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Commands for the reader: they repeat `--state-dir` unless the environment names that directory anyhow.
  var commands: CommandText {
    CommandText(stateDirectory: stateDir == stateDirectoryOfEnvironment ? nil : stateDir)
  }

  var daemon: Daemon {
    guard let directory = chosenStateDirectory else {
      return Daemon(socketDirectory: Self.serviceDirectory, stateDirectory: nil)
    }
    return Daemon(socketDirectory: directory + "/run", stateDirectory: directory)
  }

  var output: Output { Output(json: json, quiet: quiet, commands: commands) }
}

extension LineID: ExpressibleByArgument {
  public init?(argument: String) { try? self.init(argument) }
}
