import Domain

/// What became of a part: the daemon's answer beside the truth and the frozen student's answer.
public struct StreamedPart: Sendable, Equatable {
  public let line: Int
  public let cell: Cell
  public let time: Timestamp
  public let label: Int
  public let servedClass: Int
  public let servedVersion: Int
  /// What the student that served at the start says, computed here from its bytes.
  public let frozenClass: Int
  /// The served student's probability for its class, 0...1; nil where the answer says none.
  public let confidence: Double?
  public let advice: Advice

  public init(
    line: Int, cell: Cell, time: Timestamp, label: Int, servedClass: Int, servedVersion: Int, frozenClass: Int,
    confidence: Double? = nil, advice: Advice = []
  ) {
    self.line = line
    self.cell = cell
    self.time = time
    self.label = label
    self.servedClass = servedClass
    self.servedVersion = servedVersion
    self.frozenClass = frozenClass
    self.confidence = confidence
    self.advice = advice
  }
}
