import Domain

/// What goes wrong in one group from a day on.
public struct Failure: Sendable, Equatable {
  public let product: String
  public let camera: String
  /// Counted from the first streamed day, which is day 0.
  public let day: Int
  /// Angle between what the feature pair that tells the classes apart showed and what it shows in the end, in degrees:
  /// the classes can still be told apart, by another student.
  public let turn: Double
  /// Days until the parts are changed in full; 0: at once.
  public let rampDays: Int
  /// Length, in standard deviations of a feature, of a shift that tells changed parts from others, at a right angle to
  /// all that tells classes and products apart; 0: nothing in a part's features says that it is a changed one.
  public let shift: Double
  /// Share of the distance between the classes that is lost, 0...1: at 1 all stand in one place.
  public let crowding: Double
  /// Share of the outcomes that name another class than the part has, 0...1; the parts stay as they are.
  public let mislabelled: Double

  public init(
    product: String, camera: String, day: Int, turn: Double = 0, rampDays: Int = 0, shift: Double = 0,
    crowding: Double = 0, mislabelled: Double = 0
  ) {
    precondition((0...1).contains(crowding) && (0...1).contains(mislabelled) && rampDays >= 0, "shares and days")
    self.product = product
    self.camera = camera
    self.day = day
    self.turn = turn
    self.rampDays = rampDays
    self.shift = shift
    self.crowding = crowding
    self.mislabelled = mislabelled
  }

  public var cell: Cell { Cell([product, camera]) }

  /// Whether the parts themselves change; else what is said of them alone.
  public var changesParts: Bool { turn != 0 || shift != 0 || crowding != 0 }

  /// Whether no student can serve the group any better than the old one.
  public var isHopeless: Bool { crowding > 0 || mislabelled > 0 }

  /// What the parts of a day are like.
  public func world(day: Int) -> PartWorld {
    guard day >= self.day, changesParts else { return .asBefore }
    let share = rampDays == 0 ? 1 : min(1, Double(day - self.day + 1) / Double(rampDays))
    return PartWorld(turn: turn * share, shift: shift * share, crowding: crowding * share)
  }
}

/// All that decides, besides group and chance, what parts look like: two days with the same are alike.
public struct PartWorld: Hashable, Sendable {
  /// As in `Failure`.
  public let turn: Double
  public let shift: Double
  public let crowding: Double

  public static let asBefore = PartWorld(turn: 0, shift: 0, crowding: 0)
}
