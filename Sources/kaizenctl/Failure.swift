import ArgumentParser

/// Why the command ends without having done its work: a sentence, the next thing to type and the exit code.
struct Failure: Error {
  let status: ExitStatus
  /// What happened and why.
  let sentence: String
  /// The next command to type, where one helps.
  let next: String?

  init(_ status: ExitStatus, _ sentence: String, next: String? = nil) {
    self.status = status
    self.sentence = sentence
    self.next = next
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
  let sentence = failure.sentence.isEmpty ? "" : "kaizenctl: \(failure.sentence)\n"
  Output.sayToError(sentence + (failure.next.map { "Next: \($0)\n" } ?? ""))
  throw ExitCode(failure.status.rawValue)
}
