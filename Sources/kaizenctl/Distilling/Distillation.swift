import ControlText
import Domain
import FoundationEssentials

/// One run of `kaizen-trainer distill`, `check`, `study`, `export-onnx` or `import-onnx`.
struct Distillation {
  enum Verb: String {
    case distill, check, study
    case exportModel = "export-onnx"
    case importModel = "import-onnx"

    /// What a person must know when it ends early.
    var loss: String {
      switch self {
      case .distill: "no line was added"
      case .check, .study, .exportModel: "nothing was written"
      case .importModel: "no student was registered"
      }
    }

    var help: [String] {
      switch self {
      case .distill: ["line", "add", "--help"]
      case .check: ["line", "check", "--help"]
      case .study: ["study", "--help"]
      case .exportModel: ["models", "export", "--help"]
      case .importModel: ["models", "import", "--help"]
      }
    }

    var interrupted: Failure { Failure(.interrupted, "interrupted; \(loss).") }
  }

  var verb = Verb.distill
  let arguments: [String]
  let display: ProgressDisplay
  let interruption: Interruption

  /// Blocks until the training process has ended.
  /// - Parameter onProgress: called before each piece of progress is shown.
  /// - Throws: `Failure` with the process's own sentence and code, or 130 after Ctrl-C.
  func run(onProgress: () throws -> Void = {}) throws {
    let child = try ChildProcess.start(try TrainerProgram.path(), [verb.rawValue] + arguments)
    var broken: (any Error)?
    let (end, errors) = child.wait(interruption) { line in
      guard let progress = try? JSONDecoder().decode(TrainingProgress.self, from: Data(line.utf8)) else { return }
      do { try onProgress() } catch { broken = error }
      display.show(progress)
    }
    display.clear()
    if let broken { throw broken }
    switch end {
    case .exited(0): return
    case .interrupted: throw verb.interrupted
    case .exited(let code):
      throw Failure(
        Self.status(code),
        Self.sentence(errors, otherwise: "the training process failed (\(code))"),
        next: code == ExitStatus.usage.rawValue ? .kaizenctl(verb.help) : nil)
    case .signalled(let signal):
      throw Failure(
        .software,
        Self.sentence(errors, otherwise: "the training process was killed by signal \(signal)")
          + " \(verb.loss.prefix(1).uppercased())\(verb.loss.dropFirst()).", next: .other("journalctl -k -n 20"))
    }
  }

  /// EX_CANTCREAT is not among our codes; for the caller it is a write that failed.
  private static func status(_ code: Int32) -> ExitStatus {
    code == 73 ? .inputOutput : ExitStatus(rawValue: code) ?? .software
  }

  /// What the process said, without its name in front.
  private static func sentence(_ errors: String, otherwise: String) -> String {
    // Its own usage text would name a program that nobody started by hand.
    let lines = errors.split(separator: "\n").map { printable(String($0)) }
      .filter { !$0.hasPrefix("Usage: ") && !$0.hasPrefix("  See ") }
    guard !lines.isEmpty else { return otherwise + "." }
    return lines.map { line in
      for prefix in ["\(TrainerProgram.name): ", "Error: "] where line.hasPrefix(prefix) {
        return String(line.dropFirst(prefix.count))
      }
      return line
    }.joined(separator: "\n")
  }
}
