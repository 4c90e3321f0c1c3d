import Wire

/// What `kaizen-bench retention` measured, as `--json` prints it (keys in snake_case).
public struct RetentionReport: Codable, Sendable, Equatable {
  public var schema = 1
  public var scenario = "retention"
  public let seed: UInt64
  public let seconds: Double
  public let rounds: Int
  /// Rows of the ledger that the daemons start with.
  public let rows: Int
  public var serving: [RetentionServing] = []
  public var steady: RetentionSteady?
  public var goals: [ServeGoal] = []
  /// What does not say what it should, and why: whole sentences.
  public var remarks: [String] = []

  public init(seed: UInt64, seconds: Double, rounds: Int, rows: Int) {
    self.seed = seed
    self.seconds = seconds
    self.rounds = rounds
    self.rows = rows
  }

  public func json() throws -> String { String(decoding: try OperatorCoding.bytes(self), as: UTF8.self) }
}

/// Which way into the ledger a part takes.
public enum RetentionIDs: String, Codable, Sendable, CaseIterable {
  /// Ids that rise: parts are answered from the journal.
  case counter
  /// Ids in no order: each part waits for the ledger, and so for the pieces that retention takes.
  case random
}

/// How parts are sent.
public enum RetentionLoad: String, Codable, Sendable, CaseIterable {
  /// One connection, each part at its time, as in a plant; a stall is waited for by every part that comes meanwhile.
  case paced
  /// One connection, a part as soon as the last was answered.
  case one
  /// Eight of these.
  case eight

  static let pacedPerSecond = 200.0

  var connections: Int { self == .eight ? 8 : 1 }

  var name: String {
    switch self {
    case .paced: "\(Int(Self.pacedPerSecond))/s"
    case .one: "1 conn."
    case .eight: "8 conn."
    }
  }
}

/// A daemon that keeps everything beside one that has a backlog to take away.
public struct RetentionServing: Codable, Sendable, Equatable {
  public let ids: RetentionIDs
  public let load: RetentionLoad
  /// A figure a round.
  public var keeping: [RetentionRound] = []
  public var trimming: [RetentionRound] = []

  public init(ids: RetentionIDs, load: RetentionLoad) {
    self.ids = ids
    self.load = load
  }

  /// Whether nothing was left to take away in some round: what it cost was not measured then.
  public var isIdle: Bool { trimming.contains { $0.featuresPerSecond + $0.partsPerSecond == 0 } }

  /// Milliseconds that retention adds to a time in microseconds: the median of what is taken within each round.
  public func addedMilliseconds(_ figure: (RetentionRound) -> Double) -> Double {
    median(zip(trimming, keeping).map { (figure($0) - figure($1)) / 1000 })
  }
}

public struct RetentionRound: Codable, Sendable, Equatable {
  public let trips: ServeRound
  /// What retention took away meanwhile: features, and whole parts.
  public let featuresPerSecond: Double
  public let partsPerSecond: Double
  public let residentKilobytes: Int

  public init(trips: ServeRound, featuresPerSecond: Double, partsPerSecond: Double, residentKilobytes: Int) {
    self.trips = trips
    self.featuresPerSecond = featuresPerSecond
    self.partsPerSecond = partsPerSecond
    self.residentKilobytes = residentKilobytes
  }
}

/// A ledger that takes away as much as comes, beside one that only grows.
public struct RetentionSteady: Codable, Sendable, Equatable {
  /// Rows that are kept.
  public let windowRows: Int
  /// A figure each time a whole window has been replaced.
  public var keepingRowsPerSecond: [Double] = []
  public var trimmingRowsPerSecond: [Double] = []
  /// Of the file, without its log; of that, free for rows to come.
  public var bytes: [Int] = []
  public var freeBytes: [Int] = []
  /// Rows in it.
  public var rows: [Int] = []

  public init(windowRows: Int) { self.windowRows = windowRows }

  /// The file's size after all windows, divided by that after the first.
  public var growth: Double? {
    guard let first = bytes.first, let last = bytes.last, bytes.count > 1, first > 0 else { return nil }
    return Double(last) / Double(first)
  }
}

/// The goals of retention, from what was measured.
enum RetentionGoals {
  /// Milliseconds.
  static let addedMax = 2.0
  static let growthMax = 1.05

  static func goals(_ report: RetentionReport) -> [ServeGoal] {
    let added = RetentionIDs.allCases.flatMap { ids in
      RetentionLoad.allCases.map { load in
        ServeGoal(
          "ms retention adds to p99, \(ids.rawValue) ids, \(load.name)", atMost: addedMax,
          // A round in which nothing was left to take away measures nothing.
          measured: report.serving.first { $0.ids == ids && $0.load == load && !$0.isIdle }?
            .addedMilliseconds(\.trips.p99))
      }
    }
    return added + [
      ServeGoal("file when all has been replaced again / once", atMost: growthMax, measured: report.steady?.growth)
    ]
  }
}
