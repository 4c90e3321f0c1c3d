import CBench
import Foundation
import Glibc
import Synchronization

/// Where a program or a client runs and whether it goes before ordinary programs.
struct Placement: Sendable, Equatable {
  /// nil: wherever the kernel likes.
  var core: Int?
  var isRealTime = false

  static let anywhere = Placement(core: nil)

  var coreInC: Int32 { core.map { Int32($0) } ?? -1 }

  /// Runs `body` on a thread of this placement, which the processes it starts inherit with all their threads.
  /// - Returns: what `body` returned, and whether it ran at real-time priority.
  func running<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> (Result, Bool) {
    let answer = Answer<Result>()
    let placement = self
    let thread = Thread {
      answer.give {
        let isRealTime = placement.isRealTime && kb_place_thread(placement.coreInC, 1) == 0
        if !isRealTime {
          let refusal = kb_place_thread(placement.coreInC, 0)
          guard refusal == 0 else {
            throw BenchFailure("core \(placement.coreInC) cannot be used: \(String(cString: strerror(refusal)))")
          }
        }
        return (try body(), isRealTime)
      }
    }
    thread.start()
    return try answer.wait()
  }
}

/// One result on its way from another thread.
private final class Answer<Value: Sendable>: Sendable {
  private let result = Mutex<Result<(Value, Bool), any Error>?>(nil)
  private let isThere = DispatchSemaphore(value: 0)

  func give(_ body: () throws -> (Value, Bool)) {
    let made = Result { try body() }
    result.withLock { $0 = made }
    isThere.signal()
  }

  func wait() throws -> (Value, Bool) {
    isThere.wait()
    guard let made = result.withLock({ $0 }) else { throw BenchFailure("a thread ended without a result") }
    return try made.get()
  }
}
