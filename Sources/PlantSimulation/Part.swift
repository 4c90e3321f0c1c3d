import Domain

/// One part on its way through the daemon, with the truth that only the plant knows.
public struct Part: Sendable, Equatable {
  /// Index into the lines that are streamed together.
  public let line: Int
  public let id: String
  public let cell: Cell
  /// Raw features, `[featureCount]`, in the line's order.
  public let features: [Float]
  /// Index into the line's class names.
  public let label: Int
  /// What its outcome will say; another class than `label` where somebody errs.
  public let reportedLabel: Int
  public let time: Timestamp

  /// - Parameter reportedLabel: nil: the truth.
  public init(
    line: Int, id: String, cell: Cell, features: [Float], label: Int, reportedLabel: Int? = nil, time: Timestamp
  ) {
    self.line = line
    self.id = id
    self.cell = cell
    self.features = features
    self.label = label
    self.reportedLabel = reportedLabel ?? label
    self.time = time
  }

  /// The same part under another id.
  public func named(_ id: String) -> Part {
    Part(
      line: line, id: id, cell: cell, features: features, label: label, reportedLabel: reportedLabel, time: time)
  }

  /// The same part for a line that numbers its classes otherwise.
  /// - Parameter numbers: the line's number of each of our classes.
  public func renumbered(_ numbers: [Int]) -> Part {
    Part(
      line: line, id: id, cell: cell, features: features, label: numbers[label],
      reportedLabel: numbers[reportedLabel], time: time)
  }
}
