import Domain
import Glibc
import NeuralNet

/// When the truth about a part comes back, and whether it ever does.
public struct OutcomePlan: Sendable, Equatable {
  /// Median hours from part to outcome where the answer was right.
  public let medianHours: Double
  /// Median hours where it was wrong: rework is often seen sooner than a confirmation.
  public let errorMedianHours: Double
  /// Standard deviation of the logarithm of the delay.
  public let spread: Double
  /// Share of parts whose outcome never comes, 0...1.
  public let loss: Double

  public init(medianHours: Double, errorMedianHours: Double? = nil, spread: Double = 1, loss: Double) {
    self.medianHours = medianHours
    self.errorMedianHours = errorMedianHours ?? medianHours
    self.spread = spread
    self.loss = loss
  }

  /// The moment the outcome is observed; nil when it is lost.
  ///
  /// Takes the same draws whatever the answer was, so that two streams with one seed lose the same parts.
  public func observation(
    of time: Timestamp, answeredRight: Bool, with generator: inout Generator
  ) -> Timestamp? {
    let isLost = generator.uniform() < loss
    let factor = exp(spread * generator.normal())
    guard !isLost else { return nil }
    let hours = (answeredRight ? medianHours : errorMedianHours) * factor
    return time.advanced(hours: min(hours, Self.hoursMaximum))
  }

  /// Ten years: beyond it an outcome is as good as lost, and the sum with a time cannot overflow.
  public static let hoursMaximum: Double = 87_660
}

/// An outcome on its way.
public struct PendingOutcome: Sendable, Equatable {
  public let line: Int
  public let part: String
  public let label: Int
  public let observedAt: Timestamp

  public init(line: Int, part: String, label: Int, observedAt: Timestamp) {
    self.line = line
    self.part = part
    self.label = label
    self.observedAt = observedAt
  }
}

/// Outcomes waiting for their moment, the earliest first and in the order they were put in where moments are equal.
public struct OutcomeQueue: Sendable {
  private var heap: [(order: Int, outcome: PendingOutcome)] = []
  private var nextOrder = 0

  public init() {}

  public var count: Int { heap.count }
  public var earliest: Timestamp? { heap.first?.outcome.observedAt }

  public mutating func insert(_ outcome: PendingOutcome) {
    heap.append((nextOrder, outcome))
    nextOrder += 1
    var child = heap.count - 1
    while child > 0, precedes(child, (child - 1) / 2) {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// Takes out all outcomes observed at `moment` or before; all there are when it is nil.
  public mutating func take(until moment: Timestamp?) -> [PendingOutcome] {
    var taken: [PendingOutcome] = []
    while let first = heap.first?.outcome, moment.map({ first.observedAt <= $0 }) ?? true {
      taken.append(first)
      removeFirst()
    }
    return taken
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, smallest) {
        smallest = child
      }
      guard smallest != parent else { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    let (first, second) = (heap[left], heap[right])
    return first.outcome.observedAt == second.outcome.observedAt
      ? first.order < second.order : first.outcome.observedAt < second.outcome.observedAt
  }
}
