import NIOCore
import Wire

/// The requests of one connection in the order they came; answers leave in that order, whenever they come.
struct AnswerQueue {
  enum State {
    case waiting(WireRequest)
    case running
    case answered(WireResponse)
  }

  struct Slot {
    var state: State
    let isHead: Bool
    /// `Connection: close` was asked for, or nothing after this request can be trusted.
    var closes: Bool
    /// HTTP/1.0 clients must be told that the connection stays.
    let isOld: Bool
    let deadline: NIODeadline
    let deadlineMilliseconds: Int
  }

  private var slots = CircularBuffer<Slot>()
  /// Number of the first slot; slots are numbered from 0 over the connection's life.
  private var firstID: UInt64 = 0
  private var nextToStart: UInt64 = 0

  var isEmpty: Bool { slots.isEmpty }
  var count: Int { slots.count }
  /// Requests handed over whose answers have not left.
  var startedCount: Int { nextToStart > firstID ? Int(nextToStart - firstID) : 0 }

  mutating func append(_ slot: Slot) { slots.append(slot) }

  /// Takes in a request that is handed over at once.
  ///
  /// - Precondition: the queue is empty.
  mutating func appendRunning(_ slot: Slot) -> UInt64 {
    precondition(slots.isEmpty, "requests are handed over in their order")
    nextToStart = firstID + 1
    slots.append(slot)
    return firstID
  }

  /// Takes the next request that waits, if one does.
  mutating func start() -> (id: UInt64, request: WireRequest)? {
    nextToStart = max(nextToStart, firstID)
    while let index = index(of: nextToStart) {
      let id = nextToStart
      nextToStart += 1
      guard case .waiting(let request) = slots[index].state else { continue }
      slots[index].state = .running
      return (id, request)
    }
    return nil
  }

  /// Stores the answer of a running request; false when it is too late: answered before, or past its deadline.
  mutating func answer(_ id: UInt64, _ response: WireResponse) -> Bool {
    guard let index = index(of: id), case .running = slots[index].state else { return false }
    slots[index].state = .answered(response)
    return true
  }

  /// The first slot, if it is answered; it leaves the queue.
  mutating func takeAnswered() -> (slot: Slot, response: WireResponse)? {
    guard let slot = slots.first, case .answered(let response) = slot.state else { return nil }
    slots.removeFirst()
    firstID += 1
    return (slot, response)
  }

  /// Answers 504 for all that are past their deadline.
  mutating func expire(at now: NIODeadline) {
    for index in slots.indices where slots[index].deadline <= now {
      if case .answered = slots[index].state { continue }
      let fault = WireFault.deadlinePassed(milliseconds: slots[index].deadlineMilliseconds)
      slots[index].state = .answered(fault.response)
    }
  }

  /// The earliest deadline of those not answered.
  var nextDeadline: NIODeadline? {
    slots.lazy.compactMap { slot in
      if case .answered = slot.state { nil } else { slot.deadline }
    }.min()
  }

  /// The last answer says that the connection closes.
  mutating func closeAfterLast() {
    guard !slots.isEmpty else { return }
    slots[slots.index(before: slots.endIndex)].closes = true
  }

  private func index(of id: UInt64) -> CircularBuffer<Slot>.Index? {
    guard id >= firstID, id - firstID < UInt64(slots.count) else { return nil }
    return slots.index(slots.startIndex, offsetBy: Int(id - firstID))
  }
}
