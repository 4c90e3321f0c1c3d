import Domain

/// An answered part right after it came: what can be said of a student before any outcome.
public struct FreshPrediction: Sendable, Equatable {
  /// Rows of all lines together, in the order they were stored.
  public let row: Int64
  public let cell: Cell
  public let version: ModelVersion
  public let predictedClass: Int
  /// 0...1.
  public let confidence: Float
  public let time: Timestamp
  /// Raw features; empty where they were not asked for or are not kept.
  public let inputs: [Float]

  public init(
    row: Int64, cell: Cell, version: ModelVersion, predictedClass: Int, confidence: Float, time: Timestamp,
    inputs: [Float] = []
  ) {
    self.row = row
    self.cell = cell
    self.version = version
    self.predictedClass = predictedClass
    self.confidence = confidence
    self.time = time
    self.inputs = inputs
  }
}

/// A sample of the rows that came after some row.
public struct RecentPredictions: Sendable, Equatable {
  /// In the order they were stored.
  public let rows: [FreshPrediction]
  /// The last row there is, in the sample or not; where to go on. The row asked about where none came after it.
  public let last: Int64

  public init(rows: [FreshPrediction], last: Int64) {
    self.rows = rows
    self.last = last
  }
}

/// A matured part with its outcome, as far as its student's confidence is compared with it.
public struct MaturedScore: Sendable, Equatable {
  public let cell: Cell
  public let version: ModelVersion
  public let isCorrect: Bool
  public let confidence: Float

  public init(cell: Cell, version: ModelVersion, isCorrect: Bool, confidence: Float) {
    self.cell = cell
    self.version = version
    self.isCorrect = isCorrect
    self.confidence = confidence
  }
}
