import Domain

/// A plant to generate: sizes, dates, what goes wrong, and how the truth comes back.
public struct Scenario: Sendable, Equatable {
  public private(set) var name: String
  public private(set) var products: [String]
  public private(set) var cameras: [String]
  public private(set) var classNames: [String]
  public private(set) var featureCount: Int
  /// Distance between the means of two classes in standard deviations of a feature: 4.4 lets a perfect student reach 97 %.
  public private(set) var classDistance: Double
  /// Median over groups of the parts a group makes on a day.
  public private(set) var partsPerDay: Double
  /// Days of parts with known truth from before the daemon: the file a line is made from.
  public private(set) var historyDays: Int
  public private(set) var days: Int
  /// In order of their days; no cell twice.
  public private(set) var failures: [Failure]
  public private(set) var outcomes: OutcomePlan
  /// Whether the line's teacher is one that has seen what the failures make of the parts.
  public private(set) var teacherKnowsFailures: Bool

  public init(
    name: String, products: [String], cameras: [String], classNames: [String], featureCount: Int,
    classDistance: Double, partsPerDay: Double, historyDays: Int, days: Int, failures: [Failure],
    outcomes: OutcomePlan = OutcomePlan(medianHours: 8, loss: 0), teacherKnowsFailures: Bool = false
  ) {
    precondition(Set(failures.map(\.cell)).count == failures.count, "a group fails once")
    self.name = name
    self.products = products
    self.cameras = cameras
    self.classNames = classNames
    self.featureCount = featureCount
    self.classDistance = classDistance
    self.partsPerDay = partsPerDay
    self.historyDays = historyDays
    self.days = days
    self.failures = failures.sorted { $0.day < $1.day }
    self.outcomes = outcomes
    self.teacherKnowsFailures = teacherKnowsFailures
  }

  public static let attributeNames = ["product", "camera"]

  /// All cells, in the order products x cameras.
  public var cells: [Cell] {
    products.flatMap { product in cameras.map { Cell([product, $0]) } }
  }

  /// The first thing that goes wrong; nil where nothing does.
  public var failure: Failure? { failures.first }
  public var failingCell: Cell? { failure?.cell }

  /// First streamed day: a Monday in the past, so that no daemon takes an event time for one in the future.
  public static let start = Timestamp(seconds: 1_736_121_600)

  public static func moment(day: Int) -> Timestamp {
    Timestamp(microseconds: start.microseconds + Int64(day) * Timestamp.microsecondsPerDay)
  }

  public var failureTime: Timestamp? { failure.map { Self.moment(day: $0.day) } }

  /// The same plant with another length.
  public func lasting(days: Int) -> Scenario {
    var copy = self
    copy.days = days
    return copy
  }

  /// The same plant under another name, with another story.
  public func named(_ name: String, failure: Failure?, outcomes: OutcomePlan? = nil) -> Scenario {
    named(name, failures: failure.map { [$0] } ?? [], outcomes: outcomes)
  }

  public func named(
    _ name: String, failures: [Failure], outcomes: OutcomePlan? = nil, teacherKnowsFailures: Bool = false
  ) -> Scenario {
    var copy = self
    copy.name = name
    copy.failures = failures.sorted { $0.day < $1.day }
    copy.outcomes = outcomes ?? self.outcomes
    copy.teacherKnowsFailures = teacherKnowsFailures
    return copy
  }
}
