import Wire

/// The accuracy of one group on each of its last days, with the interval of them all and the target.
struct AccuracyChart {
  private let days: [Int64: DayRow]
  private let first: Int64
  private let end: Int64
  private let lower: Double?
  private let upper: Double?
  private let target: Double?
  private let bottom: Double
  private let top: Double

  /// Days across; two columns each.
  private static let dayCount = 30
  /// Lines between the lowest and the highest value.
  private static let stepCount = 10
  /// Fewer labels than this tell little of a day, and are drawn smaller.
  private static let labelsOfFirmDay = 10

  /// Nil where no day has a label.
  init?(_ group: GroupRow) {
    var days: [Int64: DayRow] = [:]
    for row in group.days ?? [] where row.total > 0 {
      if let day = number(of: row.day) { days[day] = row }
    }
    guard let end = days.keys.max() else { return nil }
    self.end = end
    first = end - Int64(Self.dayCount) + 1
    self.days = days.filter { [first] in $0.key >= first }
    lower = group.lower
    upper = group.upper
    target = group.target
    let shares = self.days.values.map { Double($0.correct) / Double($0.total) }
    let lowest = (shares + [lower, target].compactMap(\.self)).min() ?? 0
    let highest = (shares + [upper, target].compactMap(\.self)).max() ?? 1
    // Whole steps of one or more points, so that the numbers beside the lines are round.
    let points = (((min(1, highest) - lowest) * 100) / Double(Self.stepCount - 1)).rounded(.up)
    let step = max(1, points) / 100
    // The target lies on a line of its own, so that points above it are seen above it.
    let origin = target ?? 1
    top = origin + ((highest - origin) / step - 1e-9).rounded(.up) * step
    bottom = top - step * Double(Self.stepCount)
  }

  func lines(_ style: TextStyle) -> [String] {
    let marks = Marks(blocks: style.blocks)
    var lines: [String] = []
    for row in 0...Self.stepCount {
      let value = top - (top - bottom) * Double(row) / Double(Self.stepCount)
      // Nothing is above 1: the highest line then holds what is nearest to it.
      let label = value < -1e-9 ? "" : decimal(min(1, value) * 100, places: 0) + " %"
      let axis = String(repeating: " ", count: max(0, 6 - label.count)) + label + " "
      lines.append((axis + marks.axis + drawn(row, marks)).trimmedAtEnd)
    }
    lines.append(String(repeating: " ", count: 7) + marks.corner)
    let begin = dayText(first)
    let last = dayText(end)
    let gap = String(repeating: " ", count: Self.dayCount * 2 - begin.count - last.count)
    lines.append(String(repeating: " ", count: 8) + begin + gap + last)
    return lines + wrapped(legend(marks), width: style.width - 8).map { String(repeating: " ", count: 8) + $0 }
  }

  private func drawn(_ row: Int, _ marks: Marks) -> String {
    let bandTop = upper.map { line(of: $0) }
    let bandEnd = lower.map { line(of: $0) }
    let inBand = bandTop.map { row >= $0 } == true && bandEnd.map { row <= $0 } == true
    let isTarget = target.map { line(of: $0) == row } ?? false
    let ground: Character = isTarget ? marks.target : inBand ? marks.band : " "
    return (first...end).map { day -> String in
      guard let counts = days[day], line(of: Double(counts.correct) / Double(counts.total)) == row else {
        return "\(ground)\(ground)"
      }
      return "\(counts.total >= Self.labelsOfFirmDay ? marks.firm : marks.loose)\(ground)"
    }.joined()
  }

  private func line(of value: Double) -> Int {
    min(Self.stepCount, max(0, Int(((top - value) / (top - bottom) * Double(Self.stepCount)).rounded())))
  }

  private func legend(_ marks: Marks) -> String {
    var parts = ["\(marks.firm) a day's accuracy"]
    if days.values.contains(where: { $0.total < Self.labelsOfFirmDay }) {
      parts.append("\(marks.loose) with fewer than \(Self.labelsOfFirmDay) labels")
    }
    if lower != nil, upper != nil { parts.append("\(marks.band) 95 % interval of all of them") }
    if let target { parts.append("\(marks.target) target \(percent(target))") }
    return parts.joined(separator: ", ")
  }

  private struct Marks {
    let firm: Character
    let loose: Character
    let band: Character
    let target: Character
    let axis: String
    let corner: String

    init(blocks: Bool) {
      firm = blocks ? "●" : "O"
      loose = blocks ? "○" : "o"
      band = blocks ? "░" : ":"
      target = blocks ? "─" : "-"
      axis = blocks ? "│" : "|"
      corner = (blocks ? "└" : "+") + String(repeating: blocks ? "─" : "-", count: AccuracyChart.dayCount * 2)
    }
  }
}

extension String {
  fileprivate var trimmedAtEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
