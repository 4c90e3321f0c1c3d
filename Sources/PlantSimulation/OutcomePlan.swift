import Domain
import Glibc
import NeuralNet

/// When the truth about a part comes back, whether it ever does, and by which channel.
public struct OutcomePlan: Sendable, Equatable {
  /// Median hours from part to outcome where the answer was right.
  public let medianHours: Double
  /// Median hours where it was wrong: rework is often seen sooner than a confirmation.
  public let errorMedianHours: Double
  /// Standard deviation of the logarithm of the delay.
  public let spread: Double
  /// Share of parts whose outcome never comes, 0...1.
  public let loss: Double
  /// Share of the others that anybody looks at, by whether the answer was right.
  public let labelled: LabelledShares
  /// Nothing comes on a Saturday or Sunday: it comes on Monday, at the same time of day.
  public let restsAtWeekends: Bool
  /// What outcomes name as their source, and how it is declared for the line; nil: they name none.
  public let channel: OutcomeChannel?
  /// Parts from a moment on are labelled by other shares.
  public let change: Change?

  /// Rework looks at what was sorted out, an audit at parts drawn by lot.
  public struct LabelledShares: Sendable, Equatable {
    public let right: Double
    public let wrong: Double

    public init(right: Double, wrong: Double) {
      self.right = right
      self.wrong = wrong
    }

    public static let all = LabelledShares(right: 1, wrong: 1)
  }

  public struct Change: Sendable, Equatable {
    public let time: Timestamp
    public let labelled: LabelledShares

    public init(time: Timestamp, labelled: LabelledShares) {
      self.time = time
      self.labelled = labelled
    }
  }

  public init(
    medianHours: Double, errorMedianHours: Double? = nil, spread: Double = 1, loss: Double,
    labelled: LabelledShares = .all, restsAtWeekends: Bool = false, channel: OutcomeChannel? = nil,
    change: Change? = nil
  ) {
    self.medianHours = medianHours
    self.errorMedianHours = errorMedianHours ?? medianHours
    self.spread = spread
    self.loss = loss
    self.labelled = labelled
    self.restsAtWeekends = restsAtWeekends
    self.channel = channel
    self.change = change
  }

  /// The moment the outcome is observed; nil when it is lost.
  ///
  /// Takes the same draws whatever the answer was, so that two streams with one seed lose the same parts: those of a
  /// smaller share are among those of a larger one.
  public func observation(
    of time: Timestamp, answeredRight: Bool, with generator: inout Generator
  ) -> Timestamp? {
    let isLost = generator.uniform() < 1 - (1 - loss) * labelledShare(at: time, answeredRight: answeredRight)
    let factor = exp(spread * generator.normal())
    guard !isLost else { return nil }
    let hours = (answeredRight ? medianHours : errorMedianHours) * factor
    let moment = time.advanced(hours: min(hours, Self.hoursMaximum))
    return restsAtWeekends ? Self.onWorkingDay(moment) : moment
  }

  private func labelledShare(at time: Timestamp, answeredRight: Bool) -> Double {
    let shares = change.flatMap { $0.time <= time ? $0.labelled : nil } ?? labelled
    return answeredRight ? shares.right : shares.wrong
  }

  private static func onWorkingDay(_ moment: Timestamp) -> Timestamp {
    // 1970-01-01 was a Thursday; Monday is 0.
    switch (moment.day + 3) % 7 {
    case 5: moment.advanced(hours: 48)
    case 6: moment.advanced(hours: 24)
    default: moment
    }
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
  /// Name of its channel; empty when it names none.
  public let source: String

  public init(line: Int, part: String, label: Int, observedAt: Timestamp, source: String = "") {
    self.line = line
    self.source = source
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
