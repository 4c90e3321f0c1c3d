import Domain

/// A plant to generate: sizes, dates and the one thing that goes wrong.
public struct Scenario: Sendable, Equatable {
  public let name: String
  public let products: [String]
  public let cameras: [String]
  public let classNames: [String]
  public let featureCount: Int
  /// Distance between the means of two classes in standard deviations of a feature: 4.4 lets a perfect student reach 97 %.
  public let classDistance: Double
  /// Median over groups of the parts a group makes on a day.
  public let partsPerDay: Double
  /// Days of parts with known truth from before the daemon: the file a line is made from.
  public let historyDays: Int
  public let days: Int
  public let failure: Failure?

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
    classDistance: Double, partsPerDay: Double, historyDays: Int, days: Int, failure: Failure?
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
    Scenario(
      name: name, products: products, cameras: cameras, classNames: classNames, featureCount: featureCount,
      classDistance: classDistance, partsPerDay: partsPerDay, historyDays: historyDays, days: days, failure: failure)
  }

  /// The scenarios that go by a name on the command line.
  public static let all: [Scenario] = [
    Scenario(
      name: "demo", products: ["A7", "B2", "C5"], cameras: ["1", "2"], classNames: ["good", "scratch", "dent"],
      featureCount: 12, classDistance: 4.4, partsPerDay: 90, historyDays: 12, days: 70,
      failure: Failure(product: "B2", camera: "2", day: 28, turn: 54)),
    Scenario(
      name: "quiet", products: ["A7", "B2", "C5"], cameras: ["1", "2"], classNames: ["good", "scratch", "dent"],
      featureCount: 12, classDistance: 4.4, partsPerDay: 90, historyDays: 12, days: 70, failure: nil),
    Scenario(
      name: "small", products: ["A7"], cameras: ["1", "2"], classNames: ["good", "bad"], featureCount: 6,
      classDistance: 4.0, partsPerDay: 40, historyDays: 12, days: 14,
      failure: Failure(product: "A7", camera: "2", day: 5, turn: 80)),
  ]
}
