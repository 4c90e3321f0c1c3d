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
/// the plant's thread, where the ledger's own index tells new from repeated; `SeenParts` tells which. The plant takes
/// what is here into the ledger before it does anything else, so nobody sees a ledger that lacks an answered part.
final class Intake: Sendable {
  typealias Reply = @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void

  struct Waiting: Sendable {
    var parts: ServedParts
    let reply: Reply
  }

  private struct State {
    var seen: [LineID: SeenParts] = [:]
    /// Accepted and not answered yet.
    var waiting: [Waiting] = []
    /// In the journal and not in the ledger.
    var kept: [ServedParts] = []
    /// Of these the plant has begun to store.
    var leaving: [ServedParts] = []
    /// What all three weigh.
    var weight = 0
    var capacity: Int
  }

  private let journal: any Journal
  private let state: Mutex<State>

  /// Kept rows at which the plant is woken: a few hundred share the cost of one transaction, and take it a millisecond.
  private static let batchWeight = 256

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

  /// - Returns: false when these parts have to go the other way; `finished` tells when they have gone it.
  func accept(_ parts: ServedParts, reply: @escaping Reply) -> Bool {
    state.withLock { state in
      guard let seen = state.seen[parts.snapshot.definition.id] else { return false }
      let ids = parts.predictions.map(\.part)
      let weight = parts.weight
      guard state.weight + weight <= state.capacity, seen.admit(ids) else {
        seen.sendElsewhere(ids)
        return false
      }
      state.weight += weight
      state.waiting.append(Waiting(parts: parts, reply: reply))
      return true
    }
  }

  /// Parts that went the other way are in the ledger, or were refused.
  ///
  /// - Returns: an id after which a gap can be opened, if the ledger says where it ends.
  func finished(_ parts: ServedParts, stored: Bool) -> String? {
    state.withLock { state in
      state.seen[parts.snapshot.definition.id]?.finished(parts.predictions.map(\.part), stored: stored)
    }
  }

  /// - Parameter next: the first id of the ledger after `part`, which it holds.
  func opened(after part: String, next: String?, line: LineID) {
    state.withLock { $0.seen[line]?.open(after: part, next: next) }
  }

  struct Round {
    /// The plant should take the rows in soon: there are many, or a line's hour has turned.
    var isPressing = false
    var hasKept = false
    /// What the journal would not keep, and why: it has to go the other way.
    var refused: (waiting: [Waiting], failure: StorageFailure)?
  }

  /// Writes all that was accepted since the last call and answers it, on the caller's thread.
  func commit() -> Round {
    var answered: [Waiting] = []
    let round = state.withLock { state -> Round in
      guard !state.waiting.isEmpty else { return Round() }
      var waiting = state.waiting
      state.waiting.removeAll(keepingCapacity: true)
      let now = ContinuousClock.now
      for index in waiting.indices where waiting[index].parts.isLate(at: now) { waiting[index].parts.markLate() }
      do throws(StorageFailure) {
        try journal.append(waiting.count == 1 ? waiting[0].parts.predictions : waiting.flatMap(\.parts.predictions))
      } catch {
        for item in waiting {
          state.weight -= item.parts.weight
          state.seen[item.parts.snapshot.definition.id]?.sendElsewhere(item.parts.predictions.map(\.part))
        }
        return Round(refused: (waiting, error))
      }
      answered = waiting
      var isPressing = state.weight >= Self.batchWeight
      for item in waiting {
        state.kept.append(item.parts)
        if item.parts.noteTimes() { isPressing = true }
      }
      return Round(isPressing: isPressing, hasKept: true)
    }
    for item in answered {
      let parts = item.parts.predictions.map { AnsweredPart(prediction: $0, recorded: true, repeated: false) }
      item.reply(.success(parts))
    }
    return round
  }

  /// True when every accepted part is in the ledger.
  var isEmpty: Bool { state.withLock { $0.weight == 0 } }

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
      state.weight -= state.leaving.reduce(0) { $0 + $1.weight }
      state.leaving = []
    }
  }
}

extension ServedParts {
  /// What the parts weigh against a bound of rows: each as many as it fills pieces of 4 KB, so that pictures that wait
  /// for a slow disk take no more memory than measurements do.
  var weight: Int { predictions.reduce(0) { $0 + 1 + $1.inputs.count / 1024 } }

  /// Moves the line's clock on.
  /// - Returns: true when its hour has turned since the plant looked at it.
  fileprivate func noteTimes() -> Bool {
    for row in predictions { snapshot.clock.advance(to: row.time) }
    return snapshot.time == .event && snapshot.clock.isDue
  }
}
