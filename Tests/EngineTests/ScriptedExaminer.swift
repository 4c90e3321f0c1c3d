import Domain
import Engine
import Synchronization

/// An examiner whose reports the test writes.
final class ScriptedExaminer: Examiner, Sendable {
  private struct State {
    var specs: [AgreementSpec] = []
    var ended: (@Sendable (ExaminationEnd) -> Void)?
    var stops = 0
  }

  private let state = Mutex(State())

  var specs: [AgreementSpec] { state.withLock { $0.specs } }
  var stops: Int { state.withLock { $0.stops } }

  func examine(_ spec: AgreementSpec, ended: @escaping @Sendable (ExaminationEnd) -> Void) {
    state.withLock {
      $0.specs.append(spec)
      $0.ended = ended
    }
  }

  func stop() { state.withLock { $0.stops += 1 } }

  func end(_ end: ExaminationEnd) {
    let ended = state.withLock { state in
      defer { state.ended = nil }
      return state.ended
    }
    ended?(end)
  }
}
