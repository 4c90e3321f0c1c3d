import Domain

/// Three cameras over sorting belts for returned clothes: what each sees, how often, and what happens to it.
public struct CameraScenario: Sendable, Equatable {
  public let cameras: [Camera]
  public let classNames: [String]
  public let days: Int

  /// How a camera hangs: what it does to a picture.
  public struct Mounting: Sendable, Equatable {
    /// Turns by 90 degrees, clockwise.
    public let quarterTurns: Int
    /// Light and dark change places.
    public let isInverted: Bool

    public init(quarterTurns: Int = 0, isInverted: Bool = false) {
      self.quarterTurns = quarterTurns
      self.isInverted = isInverted
    }

    /// The square picture `[side, side]` as this camera sees it.
    public func seen(_ picture: ArraySlice<UInt8>, side: Int) -> [UInt8] {
      precondition(picture.count == side * side, "a picture is square")
      var result = [UInt8](repeating: 0, count: picture.count)
      for row in 0..<side {
        for column in 0..<side {
          let (fromRow, fromColumn) =
            switch quarterTurns & 3 {
            case 0: (row, column)
            case 1: (side - 1 - column, row)
            case 2: (side - 1 - row, side - 1 - column)
            default: (column, side - 1 - row)
            }
          let value = picture[picture.startIndex + fromRow * side + fromColumn]
          result[row * side + column] = isInverted ? 255 - value : value
        }
      }
      return result
    }
  }

  public struct Camera: Sendable, Equatable {
    public let name: String
    /// Parts with known truth from before the daemon.
    public let historyParts: Int
    public let partsPerDay: Int
    public let mounting: Mounting
    /// From this day on, counted from the first streamed one, it hangs otherwise.
    public let remount: (day: Int, mounting: Mounting)?

    public init(
      name: String, historyParts: Int, partsPerDay: Int, mounting: Mounting, remount: (day: Int, mounting: Mounting)?
    ) {
      self.name = name
      self.historyParts = historyParts
      self.partsPerDay = partsPerDay
      self.mounting = mounting
      self.remount = remount
    }

    func mounting(day: Int) -> Mounting {
      if let remount, day >= remount.day { remount.mounting } else { mounting }
    }

    public static func == (left: Camera, right: Camera) -> Bool {
      left.name == right.name && left.historyParts == right.historyParts && left.partsPerDay == right.partsPerDay
        && left.mounting == right.mounting && left.remount?.day == right.remount?.day
        && left.remount?.mounting == right.remount?.mounting
    }
  }

  public init(cameras: [Camera], classNames: [String], days: Int) {
    self.cameras = cameras
    self.classNames = classNames
    self.days = days
  }

  public static let attribute = "camera"

  /// Camera A makes 90 % of the history, B 8 %, C 2 %: B hangs across, C on its head and with its light behind the belt.
  /// On day 14 B is hung up again the other way round.
  public static let demo = CameraScenario(
    cameras: [
      Camera(name: "A", historyParts: 9000, partsPerDay: 100, mounting: Mounting(), remount: nil),
      Camera(
        name: "B", historyParts: 800, partsPerDay: 90, mounting: Mounting(quarterTurns: 1),
        remount: (day: 14, mounting: Mounting(quarterTurns: 3))),
      Camera(
        name: "C", historyParts: 200, partsPerDay: 90, mounting: Mounting(quarterTurns: 2, isInverted: true),
        remount: nil),
    ], classNames: ["t-shirt", "trouser", "pullover", "dress", "coat", "sneaker", "bag", "boot"], days: 35)
}
