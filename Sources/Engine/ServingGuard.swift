import Domain
import NeuralNet
import Synchronization

/// What answers of a student have shown since it was put on trial, on any thread.
final class ServingGuard: Sendable {
  struct Counts: Sendable, Equatable {
    var answers = 0
    /// No finite answer came: the student before answered in its place.
    var unusable = 0
    /// Longer than an answer may take.
    var slow = 0
    /// Answers by class.
    var classes: [Int]
  }

  private let slowest: Duration
  private let counts: Mutex<Counts>

  init(classCount: Int, latencyMsMax: Double) {
    slowest = .microseconds(Int64(latencyMsMax * 1000))
    counts = Mutex(Counts(classes: Array(repeating: 0, count: classCount)))
  }

  var sofar: Counts { counts.withLock { $0 } }

  /// - Parameter predicted: the class; nil where there was no finite answer.
  func note(_ predicted: Int?, in time: Duration) {
    counts.withLock { counts in
      counts.answers += 1
      if time > slowest { counts.slow += 1 }
      if let predicted { counts.classes[predicted] += 1 } else { counts.unusable += 1 }
    }
  }
}

/// A student on trial answers under a guard: where it fails, the student before answers, so that the line goes on.
struct Guarded: Sendable {
  let observer: ServingGuard
  let routes: [Cell: ServedStudent]
  let champion: ServedStudent

  func before(_ cell: Cell) -> ServedStudent { routes[cell] ?? champion }
}

/// Who gets a share of the parts.
struct Canary: Sendable {
  let student: ServedStudent
  let percent: Int
}
