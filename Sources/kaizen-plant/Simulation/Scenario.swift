import Domain

/// A plant to generate: sizes, dates, the one thing that goes wrong, and how the truth comes back.
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
  public private(set) var failure: Failure?
  public private(set) var outcomes: OutcomePlan

  /// A camera that starts to see one product turned: the classes can still be told apart, by another student.
  public struct Failure: Sendable, Equatable {
    public let product: String
    public let camera: String
    /// Counted from the first streamed day, which is day 0.
    public let day: Int
    /// Angle between what the feature pair that tells the classes apart showed and what it shows now, in degrees.
    public let turn: Double

    public init(product: String, camera: String, day: Int, turn: Double) {
      self.product = product
      self.camera = camera
      self.day = day
      self.turn = turn
    }
  }

  public init(
    name: String, products: [String], cameras: [String], classNames: [String], featureCount: Int,
    classDistance: Double, partsPerDay: Double, historyDays: Int, days: Int, failure: Failure?,
    outcomes: OutcomePlan = OutcomePlan(medianHours: 8, loss: 0)
  ) {
    self.name = name
    self.products = products
    self.cameras = cameras
    self.classNames = classNames
    self.featureCount = featureCount
    self.classDistance = classDistance
    self.partsPerDay = partsPerDay
    self.historyDays = historyDays
    self.days = days
    self.failure = failure
    self.outcomes = outcomes
  }

  public static let attributeNames = ["product", "camera"]

  /// All cells, in the order products x cameras.
  public var cells: [Cell] {
    products.flatMap { product in cameras.map { Cell([product, $0]) } }
  }

  public var failingCell: Cell? { failure.map { Cell([$0.product, $0.camera]) } }

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
    var copy = self
    copy.name = name
    copy.failure = failure
    copy.outcomes = outcomes ?? self.outcomes
    return copy
  }
}
