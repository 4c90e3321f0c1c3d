import Wire

/// What `kaizen-bench ledger` measured, as `--json` prints it (keys in snake_case).
public struct LedgerReport: Codable, Sendable, Equatable {
  public var schema = 1
  public var scenario = "ledger"
  public let seed: UInt64
  public let seconds: Double
  public let rounds: Int
  public var sizes: [LedgerSize] = []
  /// Parts named by random UUIDs: the slow case.
  public var random: LedgerSize?
  public var goals: [ServeGoal] = []
  /// What was not measured and why: whole sentences.
  public var absent: [String] = []

  public init(seed: UInt64, seconds: Double, rounds: Int) {
    self.seed = seed
    self.seconds = seconds
    self.rounds = rounds
  }

  public func json() throws -> String { String(decoding: try OperatorCoding.bytes(self), as: UTF8.self) }
}

/// A ledger with so many rows.
public struct LedgerSize: Codable, Sendable, Equatable {
  /// There before anything was measured.
  public let rows: Int
  public let bytes: Int
  /// What the C loop took to write them, in transactions of 10,000.
  public let fillSeconds: Double
  /// Opening it and asking what the plant asks at its start, in milliseconds; the first may find the file in no cache.
  public var startMilliseconds: [Double] = []
  public var writes: [LedgerWrites] = []
  public var others: [LedgerOther] = []
  /// What `status` asks of it, in milliseconds, after the writes.
  public var statusMilliseconds: [Double] = []

  public var bytesPerRow: Double { rows > 0 ? Double(bytes) / Double(rows) : 0 }
}

/// When a commit returns.
public enum LedgerSync: String, Codable, Sendable, CaseIterable {
  /// When the kernel has it: a killed process loses nothing (synchronous = NORMAL).
  case normal
  /// When the disk has it (synchronous = FULL).
  case full
}

/// Transactions of one size, ours and the C loop's in turn.
public struct LedgerWrites: Codable, Sendable, Equatable {
  public let sync: LedgerSync
  public let batch: Int
  public var own: [LedgerRound] = []
  public var floor: [LedgerRound] = []

  public init(sync: LedgerSync, batch: Int) {
    self.sync = sync
    self.batch = batch
  }

  /// The C loop's rate divided by ours, the median of what is taken within each round.
  public var ratio: Double { median(zip(floor, own).map { $0.rowsPerSecond / $1.rowsPerSecond }) }
}

/// Rows a second, and microseconds of a transaction.
public struct LedgerRound: Codable, Sendable, Equatable {
  public let rows: Int
  public let rowsPerSecond: Double
  public let p50: Double
  public let p99: Double
  public let p999: Double

  init(_ stretch: LedgerStretch) {
    rows = stretch.rows
    rowsPerSecond = stretch.seconds > 0 ? Double(stretch.rows) / stretch.seconds : 0
    p50 = stretch.histogram.microseconds(at: 0.5)
    p99 = stretch.histogram.microseconds(at: 0.99)
    p999 = stretch.histogram.microseconds(at: 0.999)
  }
}

/// Something else that is written, without a C loop beside it.
public struct LedgerOther: Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable, CaseIterable {
    case journal
    /// Of parts that follow each other, as a shift's truth comes.
    case outcomesInOrder = "outcomes_in_order"
    /// Of parts anywhere in the ledger: the slow case.
    case outcomesAnywhere = "outcomes_anywhere"
  }

  public let kind: Kind
  /// Rows of a write.
  public let batch: Int
  public let round: LedgerRound
}
