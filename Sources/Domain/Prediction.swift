/// One part as it was answered: the row of the ledger.
public struct Prediction: Sendable, Equatable {
  public let line: LineID
  /// The part's reference (serial number), unique within the line.
  public let part: String
  public let cell: Cell
  public let version: ModelVersion
  /// Raw features as they were sent, `[featureCount]`; NaN and infinite where a sensor sent that. Empty in a row whose
  /// features are not kept (any more).
  public let inputs: [Float]
  /// `[classCount]`.
  public let logits: [Float]
  public let predictedClass: Int
  /// Softmax probability of the predicted class, 0...1.
  public let confidence: Float
  /// The line's time: the clock's, or the event's where the line says so.
  public let time: Timestamp
  public let receipt: Receipt
  /// What the line controller was told to do with the part; rows of version 0.1 have none.
  public let advice: Advice
  /// The request's deadline had passed when the row was written, and its sender got no answer.
  public var late: Bool

  public init(
    line: LineID, part: String, cell: Cell, version: ModelVersion, inputs: [Float], logits: [Float],
    predictedClass: Int, confidence: Float, time: Timestamp, receipt: Receipt, advice: Advice = [], late: Bool = false
  ) {
    self.line = line
    self.part = part
    self.cell = cell
    self.version = version
    self.inputs = inputs
    self.logits = logits
    self.predictedClass = predictedClass
    self.confidence = confidence
    self.time = time
    self.receipt = receipt
    self.advice = advice
    self.late = late
  }
}

/// Whether the machine's wall clock was kept right by somebody (NTP, PTP) when it was read.
public enum ClockSync: UInt8, Sendable, CaseIterable {
  case unsynchronized = 0
  case synchronized = 1
  /// Nobody could tell, or asked: rows of versions before this one.
  case unknown = 2
}

/// How a row reached this machine: enough to repair its time after a wrong clock, and to say who sent it.
public struct Receipt: Sendable, Equatable {
  public let wallClock: Timestamp
  public let clock: ClockSync
  /// CLOCK_BOOTTIME in microseconds, which no clock change moves.
  public let monotonicMicroseconds: Int64
  /// Kernel-checked user id of the peer (SO_PEERCRED).
  public let peerUID: UInt32

  public init(wallClock: Timestamp, clock: ClockSync = .unknown, monotonicMicroseconds: Int64, peerUID: UInt32) {
    self.wallClock = wallClock
    self.clock = clock
    self.monotonicMicroseconds = monotonicMicroseconds
    self.peerUID = peerUID
  }
}

/// The truth about a part, whenever it comes.
public struct Outcome: Sendable, Equatable {
  public let line: LineID
  public let part: String
  /// Index into the line's class names.
  public let label: Int
  /// When it was observed, in the line's time.
  public let observedAt: Timestamp
  /// When it came here, in the line's time.
  public let arrivedAt: Timestamp
  /// The channel: audit, rework, customer, test bench, ... ; empty when not said.
  public let source: String
  /// That the channel looks at a part like this one, from 0.0001 to 1; nil where nobody knows.
  public let samplingProbability: Double?
  /// True when the sender says that it replaces what the same channel said before.
  public let amends: Bool
  public let receipt: Receipt

  public init(
    line: LineID, part: String, label: Int, observedAt: Timestamp, arrivedAt: Timestamp, source: String,
    samplingProbability: Double? = nil, amends: Bool, receipt: Receipt
  ) {
    self.line = line
    self.part = part
    self.label = label
    self.observedAt = observedAt
    self.arrivedAt = arrivedAt
    self.source = source
    self.samplingProbability = samplingProbability
    self.amends = amends
    self.receipt = receipt
  }
}

/// What became of one outcome.
public enum OutcomeStatus: String, Sendable, Codable, CaseIterable {
  /// Stored, its prediction is there, and no channel says otherwise of what is in force.
  case joined
  /// The channel said the same label before; nothing changed.
  case duplicate
  /// Replaced a label: the channel's own earlier one, which is kept as history, or that of a channel less trusted, which
  /// is kept beside it.
  case amended
  /// Stored; its prediction has not come yet.
  case heldUnknownID = "held_unknown_id"
  /// The truth is what it was: the channel itself said another label and this one does not say that it amends (nothing
  /// stored), or a more trusted channel says another (stored beside it).
  case conflict
  /// The label is not one of the line's classes; nothing stored.
  case unknownLabel = "unknown_label"
}
