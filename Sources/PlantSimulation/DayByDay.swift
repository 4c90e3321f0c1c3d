/// The parts of one or more generated lines in order of time, made a day at a time.
public struct DayByDay: Sequence, IteratorProtocol {
  private let lines: [SimulatedLine]
  private let idPrefix: String
  private var nextDay = 0
  private var today: ArraySlice<Part> = []

  /// - Precondition: one line at least, all of the same scenario length.
  public init(_ lines: [SimulatedLine], idPrefix: String) {
    precondition(!lines.isEmpty, "a plant has one line at least")
    self.lines = lines
    self.idPrefix = idPrefix
  }

  public mutating func next() -> Part? {
    while today.isEmpty {
      guard nextDay < lines[0].scenario.days else { return nil }
      let parts = lines.flatMap { $0.parts(day: nextDay) }
      today = parts.sorted { $0.time == $1.time ? $0.line < $1.line : $0.time < $1.time }[...]
      nextDay += 1
    }
    return today.popFirst().map { $0.named(idPrefix + $0.id) }
  }
}
