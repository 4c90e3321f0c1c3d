import Domain

/// By which clock the ages of rows are judged, and why not by the machine's.
public struct RetentionClock: Sendable, Equatable {
  /// nil: nothing is old enough, whatever it says.
  public let now: Timestamp?
  /// What to keep for the next time.
  public let stored: Timestamp
  public let remark: String?
}

/// Decides what is given up, from settings and from what is there. Pure: the same for the same values.
public enum RetentionRule {
  /// A machine's clock may be this far ahead of the last time it was read (a long shutdown) before somebody has to say
  /// that it is right.
  public static let jumpDaysMax = 40.0
  /// A wrong clock must not take rows away: one that has lost its time, or has leapt ahead with nobody keeping it right,
  /// makes nothing old.
  ///
  /// - Parameters:
  ///   - stored: the clock as it was judged last.
  ///   - isTrusted: an operator has said that the clock is right.
  public static func clock(
    stored: Timestamp, wall: Timestamp, sync: ClockSync, isTrusted: Bool = false
  ) -> RetentionClock {
    guard wall >= .earliestBelieved else {
      return RetentionClock(
        now: nil, stored: stored,
        remark: "the machine's clock says \(dateText(wall.day)), so nothing is deleted by age until it is set")
    }
    let days = wall.hours(since: stored) / 24
    guard stored >= .earliestBelieved, days > jumpDaysMax, sync != .synchronized, !isTrusted else {
      return RetentionClock(now: wall, stored: wall, remark: nil)
    }
    return RetentionClock(
      now: stored, stored: stored,
      remark: "the machine's clock is \(Int(days)) days ahead of the last time it was read, and nobody keeps it right: "
        + "nothing more is deleted by age until it is synchronised, or 'kaizenctl prune --trust-clock' says it is right"
    )
  }

  /// The next level: higher while there is too much and this level has given all it can, none once there is room again.
  public static func pressure(
    _ present: RetentionPressure, room: LedgerRoom, settings: RetentionSettings, isExhausted: Bool
  ) -> RetentionPressure {
    guard isTight(room, settings, share: 1) else {
      return isTight(room, settings, share: calmShare) ? present : .none
    }
    if present == .none { return .inputs }
    guard isExhausted else { return present }
    return RetentionPressure(rawValue: present.rawValue + 1) ?? present
  }

  /// An outcome waits for its part at least so long: maturity_hours is no more.
  private static let heldDaysMin = 31

  /// Below this share of the bound there is room again: not at the bound itself, or the level would change with each row.
  private static let calmShare = 0.95

  private static func isTight(_ room: LedgerRoom, _ settings: RetentionSettings, share: Double) -> Bool {
    if settings.bytesMax > 0, Double(room.used) > Double(settings.bytesMax) * share { return true }
    guard let free = room.diskFree else { return false }
    return Double(free + room.reusable) * share < Double(settings.diskFreeBytesMin)
  }

  /// Whether new parts are stored without their features: the disk is nearly full, and answers matter more.
  public static func dropsNewInputs(_ room: LedgerRoom, _ settings: RetentionSettings) -> Bool {
    guard let free = room.diskFree else { return false }
    return free + room.reusable < settings.diskFreeBytesMin / 2
  }

  public static func order(
    _ settings: RetentionSettings, clock: Timestamp?, pressure: RetentionPressure,
    lagging: Set<RetentionOrder.GroupCell>, counted: [LineID: Int64]
  ) -> RetentionOrder {
    func before(_ days: Int) -> Timestamp? {
      days > 0 ? clock.map { $0.advanced(hours: -24 * Double(days)) } : nil
    }
    let inputsDays = settings.keepInputsDays > 0 ? settings.keepInputsDays : settings.keepDays
    let ever = Timestamp(microseconds: .max)
    let share: Int =
      switch pressure {
      case .none, .inputs, .rows: 1
      case .half: 2
      case .quarter: 4
      case .eighth: 8
      }
    return RetentionOrder(
      inputsBefore: pressure >= .inputs ? ever : before(inputsDays),
      rowsBefore: before(settings.keepDays), countedRowsBefore: pressure >= .rows ? ever : nil,
      heldBefore: pressure >= .rows ? before(heldDaysMin) : before(settings.keepDays),
      inputsPerGroup: settings.inputsPerGroup / share, spared: pressure < .half ? lagging : [], counted: counted)
  }

  /// One sentence for status; nil while nothing presses.
  public static func sentence(_ pressure: RetentionPressure, _ room: LedgerRoom, _ settings: RetentionSettings)
    -> String?
  {
    guard pressure != .none else { return nil }
    let given: String =
      switch pressure {
      case .none, .inputs: "features beyond each group's newest \(settings.inputsPerGroup) labelled parts"
      case .rows: "answered parts that are counted and not needed for training"
      case .half: "features beyond half of each group's share"
      case .quarter: "features beyond a quarter of each group's share"
      case .eighth: "features beyond an eighth of each group's share"
      }
    if settings.bytesMax > 0, room.used > settings.bytesMax {
      return "the ledger is larger than [ledger] bytes_max allows (\(megabytes(room.used)) of "
        + "\(megabytes(settings.bytesMax))), so the oldest go first: \(given)"
    }
    let free = room.diskFree.map { megabytes($0 + room.reusable) } ?? "little"
    return "the ledger's disk is nearly full (\(free) left, [ledger] disk_free_bytes_min is "
      + "\(megabytes(settings.diskFreeBytesMin))), so the oldest go first: \(given)"
  }

  private static func megabytes(_ bytes: Int) -> String { "\(decimal(Double(bytes) / 1e6, places: 0)) MB" }
}
