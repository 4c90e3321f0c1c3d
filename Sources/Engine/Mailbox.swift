import Synchronization

/// A bounded queue that many threads fill and one drains: what has queued while the last batch was committed becomes
/// the next one (group commit at the ledger's own pace).
///
/// The bound and the batches count rows, not requests: one request may carry thousands of parts.
final class Mailbox<Work: Sendable>: Sendable {
  private struct Item {
    let work: Work
    let rows: Int
  }

  private struct State {
    var waiting: [Item] = []
    var rows = 0
    var isDraining = false
    var capacity: Int
  }

  private let state: Mutex<State>

  init(capacity: Int) { state = Mutex(State(capacity: capacity)) }

  /// For what is posted from now on; what waits is kept.
  func setCapacity(_ rows: Int) { state.withLock { $0.capacity = rows } }

  enum Posted { case refused, queued, mustDrain }

  /// `.mustDrain` goes to exactly one caller until the drainer has found the mailbox empty.
  ///
  /// - Parameter rows: what `work` weighs; nil passes the bound, for the few things that must not be lost.
  func post(_ work: Work, rows: Int?) -> Posted {
    state.withLock { state in
      // An empty mailbox takes even a request larger than the bound: it could never be sent otherwise.
      if let rows, state.rows + rows > state.capacity, state.rows > 0 { return .refused }
      state.waiting.append(Item(work: work, rows: rows ?? 0))
      state.rows += rows ?? 0
      defer { state.isDraining = true }
      return state.isDraining ? .queued : .mustDrain
    }
  }

  /// The oldest work up to `limit` rows, at least one piece of it; nil ends the drainer's turn.
  func take(limit: Int) -> [Work]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.isDraining = false
        return nil
      }
      var count = 0
      var rows = 0
      for item in state.waiting {
        guard count == 0 || rows + item.rows <= limit else { break }
        rows += item.rows
        count += 1
      }
      let batch = state.waiting.prefix(count).map(\.work)
      state.waiting.removeFirst(count)
      state.rows -= rows
      return batch
    }
  }
}
