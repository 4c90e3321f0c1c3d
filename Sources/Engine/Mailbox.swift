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

  /// Takes `work` in; somebody has to `claim` what waits.
  ///
  /// - Parameter rows: what `work` weighs; nil passes the bound, for the few things that must not be lost.
  /// - Returns: false when the mailbox is full; nothing was taken then.
  func post(_ work: Work, rows: Int?) -> Bool {
    state.withLock { state in
      // An empty mailbox takes even a request larger than the bound: it could never be sent otherwise.
      if let rows, state.rows + rows > state.capacity, state.rows > 0 { return false }
      state.waiting.append(Item(work: work, rows: rows ?? 0))
      state.rows += rows ?? 0
      return true
    }
  }

  enum Claim: Equatable {
    /// Nothing waits, or another caller drains.
    case none
    /// The caller must drain until the mailbox is empty.
    case few(rows: Int)
    case other
  }

  /// Goes to exactly one caller until the drainer has found the mailbox empty.
  ///
  /// - Returns: `.few` when all that waits weighs something and at most `limit` rows together.
  func claim(few limit: Int) -> Claim {
    state.withLock { state in
      guard !state.isDraining, !state.waiting.isEmpty else { return .none }
      state.isDraining = true
      let isFew = state.rows <= limit && state.waiting.allSatisfy { $0.rows > 0 }
      return isFew ? .few(rows: state.rows) : .other
    }
  }

  /// The oldest work up to `limit` rows, at least one piece of it; nil ends the drainer's turn.
  ///
  /// - Parameter rowsOnly: stops before the first work that weighs nothing.
  func take(limit: Int, rowsOnly: Bool = false) -> [Work]? {
    state.withLock { state in
      guard !state.waiting.isEmpty else {
        state.isDraining = false
        return nil
      }
      var count = 0
      var rows = 0
      for item in state.waiting {
        guard count == 0 || rows + item.rows <= limit, !rowsOnly || item.rows > 0 else { break }
        rows += item.rows
        count += 1
      }
      let batch = state.waiting.prefix(count).map(\.work)
      state.waiting.removeFirst(count)
      state.rows -= rows
      return batch
    }
  }

  /// Ends the drainer's turn if nothing waits; false when there is more.
  func isDrained() -> Bool {
    state.withLock { state in
      guard state.waiting.isEmpty else { return false }
      state.isDraining = false
      return true
    }
  }
}
