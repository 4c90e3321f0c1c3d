import Domain
import Engine
import Synchronization

/// A journal in memory, whose disk the test can fill, or let fail.
final class MemoryJournal: Journal {
  private struct State {
    var files: [[Prediction]] = [[], []]
    var active = 0
    var isFull = false
    var isSyncFailing = false
    var rounds = 0
    var syncs = 0
  }

  private let state = Mutex(State())

  var isFull: Bool {
    get { state.withLock { $0.isFull } }
    set { state.withLock { $0.isFull = newValue } }
  }
  var isSyncFailing: Bool {
    get { state.withLock { $0.isSyncFailing } }
    set { state.withLock { $0.isSyncFailing = newValue } }
  }
  var rounds: Int { state.withLock { $0.rounds } }
  var syncs: Int { state.withLock { $0.syncs } }
  var kept: Int { state.withLock { $0.files.reduce(0) { $0 + $1.count } } }

  func append(_ rows: [Prediction]) throws(StorageFailure) {
    let isFull = state.withLock { state in
      guard !state.isFull else { return true }
      state.files[state.active] += rows
      state.rounds += 1
      return false
    }
    if isFull { throw StorageFailure("the journal's disk is full; free some space", mayPass: true) }
  }

  func sync() throws(StorageFailure) {
    let isFailing = state.withLock { state in
      state.syncs += 1
      return state.isSyncFailing
    }
    if isFailing { throw StorageFailure("the journal's disk does not answer", mayPass: true) }
  }

  func recover(into ledger: any Ledger) -> JournalRecovery { JournalRecovery(rows: 0, remarks: []) }

  func turnOver() {
    state.withLock { state in
      state.active = 1 - state.active
      precondition(state.files[state.active].isEmpty, "the older rows were not forgotten")
    }
  }

  func forget() { state.withLock { $0.files[1 - $0.active] = [] } }
}
