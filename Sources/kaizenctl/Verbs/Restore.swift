import ArgumentParser
import ControlText
import Domain
import FoundationEssentials
import Glibc
import Wire

struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Put a backup in the place of what the daemon has; the daemon must be stopped.",
    discussion: """
      Checks the backup first: hashes, pages, versions. What is there now goes to quarantine/ below the state \
      directory; nothing is deleted. Interrupted, it is carried through by the next start.
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: "The backup's folder, with its manifest.json.") var folder: String

  func run() async throws {
    try await options.reporting {
      let reply = try restore()
      try options.output.show(reply, json: OperatorCoding.bytes(reply))
    }
  }

  private func restore() throws -> RestoreReply {
    let program = try InstalledProgram.path("kaizend", packaged: "/usr/bin")
    var arguments = ["--restore", folder, "--json"]
    if let directory = options.chosenStateDirectory { arguments += ["--state-dir", directory] }
    let child = try ChildProcess.start(program, arguments)
    var output = ""
    let (end, errors) = child.wait(try Interruption.install()) { output += $0 }
    switch end {
    case .exited(0):
      do { return try OperatorCoding.message(from: Array(output.utf8)) } catch {
        throw Daemon.unreadable(error.sentence)
      }
    case .interrupted:
      throw Failure(
        .interrupted, "interrupted; the old state is in place, or the next start puts the backup there.")
    case .exited(let code):
      throw Failure(ExitStatus(rawValue: code) ?? .software, Self.sentence(errors))
    case .signalled(let signal):
      throw Failure(.software, "\(program) was ended by signal \(signal); \(Self.sentence(errors))")
    }
  }

  /// What the program said, without its name.
  private static func sentence(_ errors: String) -> String {
    let line = errors.split(separator: "\n").last.map { String($0) } ?? "it said nothing."
    let text = line.hasPrefix("kaizend: ") ? String(line.dropFirst("kaizend: ".count)) : line
    return text.hasSuffix(".") ? text : text + "."
  }
}
