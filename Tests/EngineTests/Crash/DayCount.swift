import Domain
import Engine
import Synchronization

/// How many questions of a day were answered, and how: a day in which nothing is promised breaks no promise.
final class DayCount: Sendable {
  private struct State {
    var open = 0
    var recorded = 0
    var stored = 0
    var refused: [String] = []
  }

  private let state = Mutex(State())

  func asked() { state.withLock { $0.open += 1 } }

  func answered(_ result: Result<[AnsweredPart], RecordingFault>) {
    state.withLock { state in
      state.open -= 1
      switch result {
      case .success(let parts):
        let recorded = parts.count { $0.recorded }
        state.recorded += recorded
        if recorded < parts.count { state.refused.append("\(parts.count - recorded) answers not recorded") }
      case .failure(.conflict): break
      case .failure(let fault): state.refused.append("\(fault)")
      }
    }
  }

  func told(_ result: Result<[OutcomeStatus], RecordingFault>) {
    state.withLock { state in
      state.open -= 1
      switch result {
      case .success(let statuses): state.stored += statuses.count
      case .failure(let fault): state.refused.append("\(fault)")
      }
    }
  }

  /// What is strange about a day on which nothing went wrong, in sentences.
  var findings: [String] {
    state.withLock { state in
      var findings = state.refused.prefix(3).map { "on a sound disk: \($0)" }
      if state.open != 0 { findings.append("\(state.open) questions were never answered") }
      if state.recorded < 15 || state.stored < 3 {
        findings.append("only \(state.recorded) parts and \(state.stored) outcomes were recorded all day")
      }
      return findings
    }
  }
}
