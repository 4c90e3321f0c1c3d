import Domain
import Glibc
import GroupDistil

/// What the daemon says on standard input while a job runs: `pause` and `go`, a line each. Its end is the daemon's end.
final class ControlLines {
  private var rest: [UInt8] = []
  private var isPaused = false
  private(set) var isOver = false
  /// Seconds that the job stood still.
  private(set) var pausedSeconds = 0.0
  /// Told when the job stops or goes on.
  var paused: (Bool) -> Void = { _ in }

  /// Longer than any line of ours; more of what nobody understands is thrown away.
  private static let lineBytesMaximum = 256

  /// Seconds since the start of the machine without those of pauses.
  var workedSeconds: Double { ProgressLines.seconds() - pausedSeconds }

  /// Takes in what has come, without waiting; while the daemon says so, stands still here.
  func pulse() -> Continuation {
    take(waiting: false)
    guard isPaused, !isOver else { return isOver ? .stop : .more }
    let began = ProgressLines.seconds()
    paused(true)
    while isPaused, !isOver { take(waiting: true) }
    pausedSeconds += ProgressLines.seconds() - began
    if !isOver { paused(false) }
    return isOver ? .stop : .more
  }

  /// Reads everything there is, after waiting for the first of it where asked to.
  private func take(waiting: Bool) {
    var isWaiting = waiting
    while !isOver {
      var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      let count = poll(&input, 1, isWaiting ? -1 : 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      isWaiting = false
      var buffer = [UInt8](repeating: 0, count: Self.lineBytesMaximum)
      let length = read(STDIN_FILENO, &buffer, buffer.count)
      if length < 0, errno == EINTR || errno == EAGAIN { continue }
      guard length > 0 else {
        isOver = true
        return
      }
      rest += buffer[..<length]
      obey()
    }
  }

  private func obey() {
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: rest[..<end], as: UTF8.self)
      rest.removeFirst(end + 1)
      switch TrainerCommand(rawValue: line) {
      case .pause: isPaused = true
      case .proceed: isPaused = false
      case nil: break
      }
    }
    if rest.count > Self.lineBytesMaximum { rest.removeAll() }
  }
}
