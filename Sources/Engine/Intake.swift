import Domain
import Synchronization

/// The fast way into the ledger, for parts that are certainly new.
///
/// Parts that may have been answered before (a repeated request, random ids, an earlier camera's late part) go through
/// the plant's thread, where the ledger's own index tells new from repeated; `SeenParts` tells which. The plant takes
/// what is here into the ledger before it does anything else, so nobody sees a ledger that lacks an answered part.
///
/// A part is accepted, written to the journal, taken into the ledger. When it is answered is the durability's choice:
/// once written (`commit`), once the disk says that it has it (`power`), or before it is written (`relaxed`).
final class Intake: Sendable {
  typealias Reply = @Sendable (Result<[AnsweredPart], RecordingFault>) -> Void

  struct Waiting: Sendable {
    var parts: ServedParts
    let reply: Reply
  }

  /// Parts that the ledger has not got.
  private struct Kept {
    var parts: [ServedParts] = []
    /// Predictions of these that are in memory alone, for the journal would not take them when they had been answered.
    var owed = 0
    /// The last round written of these.
    var round = 0
  }

  /// Written, and not answered before the disk has it.
  private struct Unsynced {
    let round: Int
    let waiting: Waiting
  }

  private enum JournalHealth {
    case taking
    /// Its last write failed: nothing is answered before it is written now.
    case refusing
  }

  private struct State {
    var seen: [LineID: SeenParts] = [:]
    /// Accepted and not answered yet.
    var waiting: [Waiting] = []
    /// Answered and not written yet.
    var early: [ServedParts] = []
    /// What these weigh.
    var earlyWeight = 0
    var kept = Kept()
    /// What the plant has begun to store.
    var leaving = Kept()
    /// Oldest first.
    var unsynced: [Unsynced] = []
    /// Rounds that were written.
    var round = 0
    /// Rounds up to this one are in doubt: the disk could not say that it has them, so the ledger has to answer.
    var doubtful = 0
    var errand = ErrandState.none
    var health = JournalHealth.taking
    /// What was accepted and is not in the ledger.
    var weight = 0
    var capacity: Int
  }

  private enum ErrandState {
    case none
    /// Somebody is on the way: what is added now is dealt with too.
    case sent
  }

  private let journal: any Journal
  private let durability: Durability
  private let state: Mutex<State>

  /// Kept rows at which the plant is woken: a few hundred share the cost of one transaction, and take it a millisecond.
  private static let batchWeight = 256
  /// An answer given before its row is written is lost with the process for so long at most.
  static let earlyMsMax = 50

  init(journal: any Journal, durability: Durability, capacity: Int) {
    self.journal = journal
    self.durability = durability
    state = Mutex(State(capacity: capacity))
  }

  /// For what is accepted from now on; what waits is kept.
  func setCapacity(_ rows: Int) { state.withLock { $0.capacity = rows } }

  /// Tells what the ledger holds of a line; before that its parts are not taken.
  func open(_ line: LineID, _ seen: SeenParts.Start) {
    state.withLock { $0.seen[line] = SeenParts(seen) }
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

  // MARK: - Rounds

  struct Round {
    /// The plant should take the rows in soon: there are many, or a line's hour has turned.
    var isPressing = false
    /// What somebody has to be sent for.
    var errand: Errand?
    var journal = JournalNews.none
    /// Not answered and not written: it has to go the other way.
    var refused: [Waiting] = []
  }

  enum Errand {
    /// `sync`, on a thread that may wait.
    case sync
    /// `keepLate`, in `earlyMsMax`.
    case keep
    /// `keep`, by whoever commits: so many must not wait for a thread that may be busy.
    case keepNow
  }

  enum JournalNews {
    case none
    case took
    case refused(StorageFailure)
  }

  /// Takes all that was accepted since the last call one step on, on the caller's thread: writes it, answers it, or
  /// both.
  func commit() -> Round {
    var answered: [Waiting] = []
    let round = state.withLock { state -> Round in
      guard !state.waiting.isEmpty else { return Round() }
      var waiting = state.waiting
      state.waiting.removeAll(keepingCapacity: true)
      let now = ContinuousClock.now
      for index in waiting.indices where waiting[index].parts.isLate(at: now) { waiting[index].parts.markLate() }
      switch (durability, state.health) {
      case (.relaxed, .taking):
        answered = waiting
        return promise(waiting, &state)
      case (.commit, _), (.relaxed, .refusing):
        let round = write(waiting, &state)
        if round.refused.isEmpty { answered = waiting }
        return round
      case (.power, _):
        return writeUnanswered(waiting, &state)
      }
    }
    answer(answered)
    return round
  }

  /// Writes what was answered before it was written.
  func keep() -> Round { state.withLock { keep(&$0) } }

  /// As `keep`, for whoever was sent on that errand.
  func keepLate() -> Round {
    state.withLock { state in
      state.errand = .none
      return keep(&state)
    }
  }

  private func promise(_ waiting: [Waiting], _ state: inout State) -> Round {
    var round = Round(isPressing: state.weight >= Self.batchWeight)
    for item in waiting {
      state.early.append(item.parts)
      state.earlyWeight += item.parts.weight
      if item.parts.noteTimes() { round.isPressing = true }
    }
    round.errand = state.earlyWeight >= Self.batchWeight ? .keepNow : send(.keep, &state)
    return round
  }

  private func keep(_ state: inout State) -> Round {
    guard !state.early.isEmpty else { return Round() }
    let early = state.early
    state.early.removeAll(keepingCapacity: true)
    state.earlyWeight = 0
    // Whatever the journal says: these have been answered, so they are the ledger's to take.
    state.kept.parts += early
    do throws(StorageFailure) {
      try append(early.count == 1 ? early[0].predictions : early.flatMap(\.predictions), &state)
      return Round(isPressing: state.weight >= Self.batchWeight, journal: .took)
    } catch {
      state.kept.owed += early.reduce(0) { $0 + $1.predictions.count }
      return Round(isPressing: true, journal: .refused(error))
    }
  }

  private func write(_ waiting: [Waiting], _ state: inout State) -> Round {
    do throws(StorageFailure) {
      try append(
        waiting.count == 1 ? waiting[0].parts.predictions : waiting.flatMap(\.parts.predictions), &state)
    } catch {
      for item in waiting {
        state.weight -= item.parts.weight
        state.seen[item.parts.snapshot.definition.id]?.sendElsewhere(item.parts.predictions.map(\.part))
      }
      return Round(journal: .refused(error), refused: waiting)
    }
    var isPressing = state.weight >= Self.batchWeight
    for item in waiting {
      state.kept.parts.append(item.parts)
      if item.parts.noteTimes() { isPressing = true }
    }
    state.round += 1
    state.kept.round = state.round
    return Round(isPressing: isPressing, journal: .took)
  }

  private func writeUnanswered(_ waiting: [Waiting], _ state: inout State) -> Round {
    var round = write(waiting, &state)
    guard round.refused.isEmpty else { return round }
    state.unsynced += waiting.map { Unsynced(round: state.round, waiting: $0) }
    round.errand = send(.sync, &state)
    // It has taken the rows once the disk says so.
    round.journal = .none
    return round
  }

  private func append(_ rows: [Prediction], _ state: inout State) throws(StorageFailure) {
    do throws(StorageFailure) {
      try journal.append(rows)
      state.health = .taking
    } catch {
      state.health = .refusing
      throw error
    }
  }

  private func send(_ errand: Errand, _ state: inout State) -> Errand? {
    guard case .none = state.errand else { return nil }
    state.errand = .sent
    return errand
  }

  private func answer(_ waiting: [Waiting]) {
    for item in waiting {
      item.reply(.success(item.parts.predictions.map { AnsweredPart(prediction: $0, recorded: true, repeated: false) }))
    }
  }

  // MARK: - The disk's word

  /// Asks the disk until nothing waits for its word, and answers what it has: whatever is written while it is asked, it
  /// is asked for next.
  ///
  /// - Returns: what the journal had to say at the last; after a refusal the ledger should take in what it can.
  func sync() -> JournalNews {
    var news = JournalNews.none
    while let round = nextUnsynced() {
      do throws(StorageFailure) {
        try journal.sync()
        answer(state.withLock { Self.releaseSynced(through: round, &$0) })
        news = .took
      } catch {
        state.withLock { $0.doubtful = round }
        news = .refused(error)
      }
    }
    return news
  }

  private func nextUnsynced() -> Int? {
    state.withLock { state in
      guard let last = state.unsynced.last?.round, last > state.doubtful else {
        state.errand = .none
        return nil
      }
      return last
    }
  }

  /// What the disk has said it has: not what it could not vouch for before, which waits for the ledger.
  private static func releaseSynced(through round: Int, _ state: inout State) -> [Waiting] {
    let first = state.unsynced.firstIndex { $0.round > state.doubtful } ?? state.unsynced.endIndex
    let end = state.unsynced[first...].firstIndex { $0.round > round } ?? state.unsynced.endIndex
    defer { state.unsynced.removeSubrange(first..<end) }
    return state.unsynced[first..<end].map(\.waiting)
  }

  private static func release(through round: Int, _ state: inout State) -> [Waiting] {
    let released = state.unsynced.prefix { $0.round <= round }
    state.unsynced.removeFirst(released.count)
    return released.map(\.waiting)
  }

  // MARK: - The plant's side

  /// True when every accepted part is in the ledger.
  var isEmpty: Bool { state.withLock { $0.weight == 0 } }

  /// Predictions that were answered as recorded and stand in no file.
  var owed: Int { state.withLock { $0.kept.owed + $0.leaving.owed } }

  /// What the ledger has to take next, oldest first; the same again until `stored` is called.
  func take() -> [ServedParts] {
    state.withLock { state in
      guard state.leaving.parts.isEmpty, !state.kept.parts.isEmpty else { return state.leaving.parts }
      swap(&state.leaving, &state.kept)
      journal.turnOver()
      return state.leaving.parts
    }
  }

  /// The ledger has what `take` gave, as safely as this durability asks; so it is answered, if it was not.
  func stored() {
    journal.forget()
    let released = state.withLock { state in
      let left = state.leaving
      state.leaving = Kept()
      state.weight -= left.parts.reduce(0) { $0 + $1.weight }
      return Self.release(through: left.round, &state)
    }
    answer(released)
  }

  /// Gives up waiting for the ledger where the disk's word is in doubt: these have to be answered as not recorded. Their
  /// rows stay here for the ledger all the same.
  func doubted() -> [Waiting] {
    state.withLock { Self.release(through: $0.doubtful, &$0) }
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
