/// How long the ledger keeps what, and how large it may grow.
public struct RetentionSettings: Sendable, Equatable {
  /// Days that an answered part and its outcomes are kept; 0 for ever.
  public var keepDays: Int
  /// Days that the features of every part are kept; 0 for as long as the part. Older ones only for `inputsPerGroup`.
  public var keepInputsDays: Int
  /// Of each group the features of so many labelled parts, the newest, are kept whatever their age: what retraining
  /// learns from. A rare group's therefore stay longest.
  public var inputsPerGroup: Int
  /// Bytes that the rows of the ledger may take; 0 for as many as the disk has.
  public var bytesMax: Int
  /// Bytes that are to stay free on the ledger's disk.
  public var diskFreeBytesMin: Int

  public init(
    keepDays: Int = 1095, keepInputsDays: Int = 90, inputsPerGroup: Int = 20_000, bytesMax: Int = 20 << 30,
    diskFreeBytesMin: Int = 512 << 20
  ) {
    self.keepDays = keepDays
    self.keepInputsDays = keepInputsDays
    self.inputsPerGroup = inputsPerGroup
    self.bytesMax = bytesMax
    self.diskFreeBytesMin = diskFreeBytesMin
  }
}

/// How hard room is sought, beyond what age gives; each level gives up more than the one before.
public enum RetentionPressure: Int, Sendable, Comparable, CaseIterable {
  /// Age alone decides.
  case none
  /// Features beyond each group's share, whatever their age.
  case inputs
  /// Also answered parts that the monitor has counted and training cannot use.
  case rows
  /// Also features down to a half, a quarter, ... of each group's share.
  case half
  case quarter
  case eighth

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What may be taken away now: the decision that the ledger carries out in small pieces.
public struct RetentionOrder: Sendable, Equatable {
  /// Features of parts received before are given up beyond each group's share; nil: none.
  public var inputsBefore: Timestamp?
  /// Parts received before are given up, unless their features are kept; nil: none.
  public var rowsBefore: Timestamp?
  /// As `rowsBefore`, for parts that the monitor has counted; nil: none.
  public var countedRowsBefore: Timestamp?
  /// Outcomes that came before and wait for their part are given up; nil: none.
  public var heldBefore: Timestamp?
  /// Labelled parts of each group whose features stay, the newest.
  public var inputsPerGroup: Int
  /// Groups in trouble: their features stay while only age asks for them.
  public var spared: Set<GroupCell>
  /// The last row of each line that the monitor has counted.
  public var counted: [LineID: Int64]

  /// No row behind this one has been counted for any line.
  public var lastCounted: Int64 { counted.values.max() ?? 0 }

  public struct GroupCell: Sendable, Hashable {
    public let line: LineID
    public let cell: Cell
    public init(line: LineID, cell: Cell) {
      self.line = line
      self.cell = cell
    }
  }

  public init(
    inputsBefore: Timestamp?, rowsBefore: Timestamp?, countedRowsBefore: Timestamp?, heldBefore: Timestamp? = nil,
    inputsPerGroup: Int, spared: Set<GroupCell> = [], counted: [LineID: Int64] = [:]
  ) {
    self.inputsBefore = inputsBefore
    self.rowsBefore = rowsBefore
    self.countedRowsBefore = countedRowsBefore
    self.heldBefore = heldBefore
    self.inputsPerGroup = inputsPerGroup
    self.spared = spared
    self.counted = counted
  }
}

/// What the ledger takes and what its disk has left, in bytes.
public struct LedgerRoom: Sendable, Equatable {
  /// Pages that hold rows.
  public let used: Int
  /// Pages of the file that are free for new rows.
  public let reusable: Int
  /// Free on the disk; nil where nobody can tell.
  public let diskFree: Int?

  public init(used: Int, reusable: Int, diskFree: Int?) {
    self.used = used
    self.reusable = reusable
    self.diskFree = diskFree
  }
}
