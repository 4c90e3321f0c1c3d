import ArgumentParser
import ControlText

/// Why the command ends without having done its work: a sentence, the next thing to type and the exit code.
struct Failure: Error {
  let status: ExitStatus
  /// What happened and why.
  let sentence: String
  /// The next command to type, where one helps.
  let next: Next?

  enum Next {
    /// Words after `kaizenctl`.
    case kaizenctl([String])
    /// Another program, as a shell reads it.
    case other(String)
  }

  init(_ status: ExitStatus, _ sentence: String, next: Next? = nil) {
    self.status = status
    self.sentence = sentence
    self.next = next
  }

  /// The sentence and the next command, as standard error shows them.
  func text(_ commands: CommandText) -> String {
    let command =
      switch next {
      case .kaizenctl(let words): commands.text(words)
      case .other(let text): text
      case nil: ""
      }
    return (sentence.isEmpty ? "" : "kaizenctl: \(sentence)\n") + (command.isEmpty ? "" : "Next: \(command)\n")
  }
}

/// The codes of sysexits.h that scripts can tell apart, and the shell's own for Ctrl-C.
enum ExitStatus: Int32 {
  case usage = 64
  case data = 65
  case noInput = 66
  case unavailable = 69
  case software = 70
  case inputOutput = 74
  case busy = 75
  case permission = 77
  case configuration = 78
  case interrupted = 130
}

extension GlobalOptions {
  /// Runs a verb; a failure is said once, here, on standard error.
  func reporting(_ body: () async throws -> Void) async throws {
    let failure: Failure
    do {
      return try await body()
    } catch let known as Failure {
      failure = known
    } catch {
      failure = Failure(.software, "\(error).")
    }
    Output.sayToError(failure.text(commands))
    throw ExitCode(failure.status.rawValue)
  }
}
