import CBench
import Foundation
import Glibc
import Synchronization

/// Where a program or a client runs.
struct Placement: Sendable, Equatable {
  /// nil: wherever the kernel likes.
  var core: Int?
  /// Before ordinary programs, where the system allows it. For the client in C alone: a server, or any thread that
  /// others are made from, could keep a core from everybody else for good.
  var isRealTime = false

  static let anywhere = Placement(core: nil)

  var coreInC: Int32 { core.map { Int32($0) } ?? -1 }

  static var mayBeRealTime: Bool { kb_may_be_real_time() != 0 }

  /// Runs `body` on a thread that stays on the core, as the processes it starts do with all their threads.
  func running<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) throws -> Result {
    let answer = Answer<Result>()
    let core = coreInC
    let thread = Thread {
      answer.give {
        let refusal = kb_place_thread(core)
        guard refusal == 0 else {
          throw BenchFailure("core \(core) cannot be used: \(String(cString: strerror(refusal)))")
        }
        return try body()
      }
    }
    thread.start()
    return try answer.wait()
  }
}

/// One result on its way from another thread.
private final class Answer<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)
  private let isThere = DispatchSemaphore(value: 0)

  func give(_ body: () throws -> Value) {
    let made = Result { try body() }
    result.withLock { $0 = made }
    isThere.signal()
  }

  func wait() throws -> Value {
    isThere.wait()
    guard let made = result.withLock({ $0 }) else { throw BenchFailure("a thread ended without a result") }
    return try made.get()
  }
}
