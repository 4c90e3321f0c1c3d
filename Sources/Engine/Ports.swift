import Domain

/// Why a store could not do what was asked: full disk, I/O error, malformed file. `sentence` says what to do next.
public struct StorageFailure: Error, Equatable, CustomStringConvertible {
  public let sentence: String
  /// True when the same call may succeed later without anyone repairing the file (full disk, busy).
  public let mayPass: Bool

  public init(_ sentence: String, mayPass: Bool) {
    self.sentence = sentence
    self.mayPass = mayPass
  }

  public var description: String { sentence }
}

// MARK: - The ledger: what was answered, and what was true

/// Predictions and outcomes. Called from the plant's one thread only; every write happens inside a `transaction`.
public protocol Ledger: AnyObject {
  /// Runs `body` in one transaction: committed when this returns, undone when it throws. Inside another transaction it
  /// is a savepoint: a throw undoes `body` alone.
  func transaction<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result

  /// As `transaction`, and returns once the disk holds what was written; not inside another transaction.
  func durableTransaction<Result>(_ body: () throws(StorageFailure) -> Result) throws(StorageFailure) -> Result

  /// Appends a prediction, or finds the one that already has this line and part.
  func append(_ prediction: Prediction) throws(StorageFailure) -> AppendResult

  /// As `append`, for a row that an earlier start of the machine has answered.
  func append(_ prediction: Prediction, bootID: String) throws(StorageFailure) -> AppendResult

  /// Says how far the line's channels of outcomes are trusted, the most trusted first, for what is stored from now on;
  /// what its settings do not name ranks behind, in the order it is met.
  func declare(_ channels: [OutcomeChannel], line: LineID) throws(StorageFailure)

  /// Stores what became known of a part: in force is what the most trusted of the channels says that spoke of it.
  /// - Precondition: `outcome.label` is an index of the line's classes.
  func record(_ outcome: Outcome) throws(StorageFailure) -> OutcomeStatus

  /// Predictions of `line` after the row `after`, in the order they were stored, each with the outcome it has now;
  /// stops before the first whose time lies in `watermark..<future`. A row at or past `future` comes from a wrong clock
  /// and is given at once, so that it holds nobody up.
  func matured(line: LineID, after: Int64, watermark: Timestamp, future: Timestamp, limit: Int, inputs: InputsWanted)
    throws(StorageFailure) -> [MaturedPrediction]

  /// At most `limit` predictions of `line` after the row `after`, spread over all of them.
  ///
  /// - Parameter withInputs: whether their features are read, which cost a row's bytes each.
  func recent(line: LineID, after: Int64, limit: Int, withInputs: Bool) throws(StorageFailure) -> RecentPredictions
  /// Channels that have spoken of the line's parts.
  func channelNames(line: LineID) throws(StorageFailure) -> [String]
  /// Of each channel and cell, the parts it was the first to speak of, by how long that took; kept beside the rows.
  func delays(line: LineID) throws(StorageFailure) -> [String: [ChannelDelays]]

  /// The monitor's memory of a line as `saveEvidence` stored it; nil for a line that has none.
  func evidence(line: LineID) throws(StorageFailure) -> [UInt8]?
  func saveEvidence(_ bytes: [UInt8], line: LineID) throws(StorageFailure)

  /// Labelled rows of `cell` with `since <= time <= until`, counted by true class.
  func labelledCounts(line: LineID, cell: Cell, since: Timestamp, until: Timestamp)
    throws(StorageFailure) -> [Int: Int]

  /// Labelled rows of the cells with `since <= time <= until`, oldest first; the newest `limit` where there are more.
  func labelledRows(line: LineID, cells: [Cell], since: Timestamp, until: Timestamp, limit: Int)
    throws(StorageFailure) -> [LabelledRow]

  /// Writes down what the numbers in a line's rows stand for, for people who read the ledger without kaizend.
  func describe(_ definition: LineDefinition) throws(StorageFailure)

  /// The greatest part id of the line, by its bytes; nil for a line without rows.
  func greatestPart(line: LineID) throws(StorageFailure) -> String?
  /// The least part id of the line that is greater than `part`, by its bytes.
  func nextPart(after part: String, line: LineID) throws(StorageFailure) -> String?

  /// The latest time any prediction of the line carries.
  func latestTime(line: LineID) throws(StorageFailure) -> Timestamp?

  /// What was told about the line's last `limit` parts, oldest first.
  func latestAdvice(line: LineID, limit: Int) throws(StorageFailure) -> [Advice]

  /// How many parts have outcomes, since when, and from whom: kept beside the rows, not counted at each call.
  func coverage(line: LineID) throws(StorageFailure) -> LedgerCoverage

  /// Kept beside the rows, not counted at each call.
  func totals(line: LineID?) throws(StorageFailure) -> LedgerTotals

  /// Bytes that rows take, that the file could take again, and that the disk has left.
  func room() throws(StorageFailure) -> LedgerRoom
  /// The clock that retention last judged ages by.
  func retentionClock() throws(StorageFailure) -> Timestamp
  func setRetentionClock(_ time: Timestamp) throws(StorageFailure)
  /// Takes away what the order gives up, looking at `limit` rows at most; goes on where it stopped.
  func trim(_ order: RetentionOrder, limit: Int) throws(StorageFailure) -> Trimmed
  /// Lets `trim` look at every row again.
  func restartRetention() throws(StorageFailure)
  /// About what an order would take away.
  func outlook(_ order: RetentionOrder) throws(StorageFailure) -> RetentionOutlook
  /// False: parts are stored without their features, for the disk is nearly full.
  var keepsInputs: Bool { get set }

  /// Begins housekeeping beside the writer, who does not wait for it: afterwards a commit seldom has to do it.
  ///
  /// - Parameter whenLong: called on any thread when the writer should call `checkpoint` now that little is left to do.
  func checkpointAside(whenLong: @escaping @Sendable () -> Void) throws(StorageFailure)
  /// The same housekeeping on the caller's thread.
  func checkpoint() throws(StorageFailure)

  /// Bytes of the database and its write-ahead log on disk.
  var byteCount: Int { get }
}

/// Of which parts the features are read, which cost a row's bytes each.
public enum InputsWanted: Sendable {
  case none, ofLabelled, all
}

public enum AppendResult: Sendable, Equatable {
  case stored
  /// A row with this line and part was there before; nothing was stored.
  case repeated(Prediction)
}

public struct MaturedPrediction: Sendable, Equatable {
  public let row: Int64
  public let cell: Cell
  public let version: ModelVersion
  public let predictedClass: Int
  /// nil: no outcome has come.
  public let label: Int?
  public let time: Timestamp
  /// Softmax probability of the predicted class, 0...1.
  public let confidence: Float
  /// Whose outcome is in force; nil where none has come.
  public let channel: String?
  /// That the channel looks at such a part; nil where nobody knows.
  public let samplingProbability: Double?
  /// nil where nobody asked for them, or they are not kept any more.
  public let inputs: [Float]?
  /// What channels say whose outcome is not in force.
  public var others: [Said] = []

  public struct Said: Sendable, Equatable {
    public let channel: String
    public let label: Int
    public let samplingProbability: Double?

    public init(channel: String, label: Int, samplingProbability: Double?) {
      self.channel = channel
      self.label = label
      self.samplingProbability = samplingProbability
    }
  }

  /// What this channel says of the part; nil where it says nothing.
  public func said(by name: String) -> Said? {
    if let label, channel == name {
      return Said(channel: name, label: label, samplingProbability: samplingProbability)
    }
    return others.isEmpty ? nil : others.first { $0.channel == name }
  }

  public init(
    row: Int64, cell: Cell, version: ModelVersion, predictedClass: Int, label: Int?, time: Timestamp,
    confidence: Float = 1, channel: String? = nil, samplingProbability: Double? = nil, inputs: [Float]? = nil
  ) {
    self.row = row
    self.cell = cell
    self.version = version
    self.predictedClass = predictedClass
    self.label = label
    self.time = time
    self.confidence = confidence
    self.channel = channel
    self.samplingProbability = samplingProbability
    self.inputs = inputs
  }
}

/// One labelled part for training or a gate.
public struct LabelledRow: Sendable, Equatable {
  public let part: String
  public let cell: Cell
  public let version: ModelVersion
  public let inputs: [Float]
  public let label: Int
  public let time: Timestamp

  public init(part: String, cell: Cell, version: ModelVersion, inputs: [Float], label: Int, time: Timestamp) {
    self.part = part
    self.cell = cell
    self.version = version
    self.inputs = inputs
    self.label = label
    self.time = time
  }
}

public struct LedgerTotals: Sendable, Equatable {
  public let predictions: Int
  public let outcomes: Int
  /// What retention has taken away, or the want of room kept from being stored.
  public let dropped: Dropped

  public struct Dropped: Sendable, Equatable {
    public let predictions: Int
    public let outcomes: Int
    /// Features of parts.
    public let inputs: Int

    public init(predictions: Int = 0, outcomes: Int = 0, inputs: Int = 0) {
      self.predictions = predictions
      self.outcomes = outcomes
      self.inputs = inputs
    }
  }

  public init(predictions: Int, outcomes: Int, dropped: Dropped = Dropped()) {
    self.predictions = predictions
    self.outcomes = outcomes
    self.dropped = dropped
  }
}

/// What one piece of retention has taken away.
public struct Trimmed: Sendable, Equatable {
  public var inputs = 0
  public var predictions = 0
  public var outcomes = 0
  /// Nothing is left to take away under this order.
  public var isDone = false

  public init() {}
}

/// About what an order would take away.
public struct RetentionOutlook: Sendable, Equatable {
  /// Features beyond each group's share; those of them that are too young stay.
  public var labelledInputs: Int
  /// Parts whose features go if nobody has labelled them.
  public var unlabelledInputs: Int
  /// Parts that go unless their features are kept.
  public var predictions: Int

  public init(labelledInputs: Int, unlabelledInputs: Int, predictions: Int) {
    self.labelledInputs = labelledInputs
    self.unlabelledInputs = unlabelledInputs
    self.predictions = predictions
  }
}
