import ControlText
import Domain
import Glibc
import Synchronization

/// Progress of long work on standard error: a bar on a terminal, a line now and then elsewhere, nothing when quiet.
final class ProgressDisplay: Sendable {
  private enum Mode { case bar, lines, silent }

  private let mode: Mode
  private let style: TextStyle
  private let log = Mutex(ProgressText())

  init(output: Output) {
    style = output.errorStyle
    mode = output.quiet ? .silent : isatty(STDERR_FILENO) == 1 ? .bar : .lines
  }

  func show(_ progress: TrainingProgress) {
    switch mode {
    case .bar: Output.sayToError("\r\u{1B}[K" + ProgressText.bar(progress, style: style))
    case .lines:
      if let line = log.withLock({ $0.line(progress) }) { Output.sayToError(line + "\n") }
    case .silent: break
    }
  }

  /// Takes the bar away, so that the next sentence stands alone.
  func clear() {
    if mode == .bar { Output.sayToError("\r\u{1B}[K") }
  }
}
