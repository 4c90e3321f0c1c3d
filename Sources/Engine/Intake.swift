import Domain
import Synchronization

/// Keeps answered parts through a crash until the ledger has taken them in: one write for a round of answers, where a
/// transaction would rewrite a page of every tree and wait for whatever the plant's thread is doing.
public protocol Journal: AnyObject, Sendable {
  /// Keeps the rows so that they outlive this process; all of them, or none.
  func append(_ rows: [Prediction]) throws(StorageFailure)
  /// From now on rows are kept apart from those before.
  ///
  /// - Precondition: what was kept before the last call has been forgotten.
  func turnOver()
  /// Forgets what was kept before the last `turnOver`: the ledger has it.
  func forget()
}

/// The fast way into the ledger, for parts that are certainly new.
///
/// Parts that may have been answered before (a repeated request, random ids, an earlier camera's late part) go through
/// the plant's thread, where the ledger's own index tells new from repeated; `SeenParts` tells which. The plant takes what is here into the ledger before it does anything
/// else, so nobody sees a ledger that lacks an answered part.
final class Intake: Sendable {
  typealias Reply = @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void

  private struct Waiting {
    let parts: ServedParts
    let reply: Reply
  }

  private struct State {
    var seen: [LineID: SeenParts] = [:]
    var waiting: [Waiting] = []
    /// In the journal and not in the ledger.
    var kept: [ServedParts] = []
    /// Of these the plant has begun to store.
    var leaving: [ServedParts] = []
    /// Rows of all three.
    var rowCount = 0
    var unrecorded = 0
    var problem: String?
    var capacity: Int
  }

  private let journal: any Journal
  private let state: Mutex<State>

  /// Kept rows at which the plant is woken: a few hundred share the cost of one transaction, and take it a millisecond.
  private static let batchRows = 256

  init(journal: any Journal, capacity: Int) {
    self.journal = journal
    state = Mutex(State(capacity: capacity))
  }

  /// For what is accepted from now on; what waits is kept.
  func setCapacity(_ rows: Int) { state.withLock { $0.capacity = rows } }

  /// Tells the greatest id that the ledger holds of a line; before that its parts are not taken.
  func open(_ line: LineID, greatest: String?) {
    state.withLock { $0.seen[line] = SeenParts(greatest: greatest) }
  }

  /// - Returns: false when these parts have to go the other way.
  func accept(_ parts: ServedParts, reply: @escaping Reply) -> Bool {
    let line = parts.snapshot.definition.id
    return state.withLock { state in
      guard let seen = state.seen[line], state.rowCount + parts.predictions.count <= state.capacity,
        parts.predictions.allSatisfy({ seen.isCertainlyNew($0.part) })
      else { return false }
      for (index, row) in parts.predictions.enumerated() {
        // One id twice in a request: the ledger says what is wrong with that.
        guard index == 0 || seen.isCertainlyNew(row.part) else { return false }
        seen.insert(row.part)
      }
      state.rowCount += parts.predictions.count
      state.waiting.append(Waiting(parts: parts, reply: reply))
      return true
    }
  }

  /// Remembers the id of a part that went the other way.
  func saw(_ part: String, line: LineID) {
    state.withLock { $0.seen[line]?.insert(part) }
  }

  /// Writes all that was accepted since the last call and answers it, on the caller's thread.
  ///
  /// - Returns: true when the plant should take the rows in soon: there are many, or a line's hour has turned.
  func commit() -> Bool {
    let round = state.withLock { state -> (waiting: [Waiting], isRecorded: Bool, isPressing: Bool) in
      guard !state.waiting.isEmpty else { return ([], true, false) }
      let waiting = state.waiting
      state.waiting.removeAll(keepingCapacity: true)
      do throws(StorageFailure) {
        try journal.append(waiting.count == 1 ? waiting[0].parts.predictions : waiting.flatMap(\.parts.predictions))
        var isPressing = false
        for item in waiting {
          state.kept.append(item.parts)
          if item.parts.noteTimes() { isPressing = true }
        }
        state.problem = nil
        return (waiting, true, isPressing || state.rowCount >= Self.batchRows)
      } catch {
        let rows = waiting.reduce(0) { $0 + $1.parts.predictions.count }
        state.rowCount -= rows
        state.unrecorded += rows
        state.problem = error.sentence
        return (waiting, false, false)
      }
    }
    for item in round.waiting {
      let answered = item.parts.predictions.map {
        AnsweredPart(prediction: $0, recorded: round.isRecorded, repeated: false)
      }
      item.reply(.success(answered))
    }
    return round.isPressing
  }

  var isEmpty: Bool { state.withLock { $0.rowCount == 0 } }
  /// Answers that the journal would not keep, and why if that is still so.
  var troubles: (unrecorded: Int, problem: String?) { state.withLock { ($0.unrecorded, $0.problem) } }

  /// What the ledger has to take next, oldest first; the same again until `stored` is called.
  func take() -> [ServedParts] {
    state.withLock { state in
      guard state.leaving.isEmpty, !state.kept.isEmpty else { return state.leaving }
      swap(&state.leaving, &state.kept)
      journal.turnOver()
      return state.leaving
    }
  }

  /// The ledger has what `take` gave.
  func stored() {
    journal.forget()
    state.withLock { state in
      state.rowCount -= state.leaving.reduce(0) { $0 + $1.predictions.count }
      state.leaving = []
    }
  }
}

extension ServedParts {
  /// Moves the line's clock on.
  /// - Returns: true when its hour has turned since the plant looked at it.
  fileprivate func noteTimes() -> Bool {
    for row in predictions { snapshot.clock.advance(to: row.time) }
    return snapshot.time == .event && snapshot.clock.isDue
  }
}
