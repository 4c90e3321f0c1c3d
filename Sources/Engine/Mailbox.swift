import Synchronization

/// A bounded queue that many threads fill and one drains whole: what has queued while the last batch was committed
/// becomes the next one (group commit at the ledger's own pace).
final class Mailbox<Work: Sendable>: Sendable {
  private struct State {
    var waiting: [Work] = []
    var isDraining = false
  }

  private let state = Mutex(State())
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  enum Posted { case refused, queued, mustDrain }

  /// `.mustDrain` goes to exactly one caller until the drainer has found the mailbox empty.
  func post(_ work: Work, evenIfFull: Bool = false) -> Posted {
    state.withLock { state in
      guard state.waiting.count < capacity || evenIfFull else { return .refused }
      state.waiting.append(work)
      defer { state.isDraining = true }
      return state.isDraining ? .queued : .mustDrain
    }
  }

  /// At most `limit` of what waits, oldest first; nil ends the drainer's turn.
  func take(limit: Int) -> [Work]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.isDraining = false
        return nil
      }
      guard state.waiting.count > limit else {
        let all = state.waiting
        state.waiting = []
        return all
      }
      let batch = Array(state.waiting.prefix(limit))
      state.waiting.removeFirst(limit)
      return batch
    }
  }
}
