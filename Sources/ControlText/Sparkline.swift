import Domain
import Wire

/// Accuracies of many groups over their last days, drawn in one line each on one scale, so that they can be compared.
struct Sparkline {
  /// Days of one character.
  let daysPerMark: Int
  /// The last day of the last character.
  let end: Int64
  /// Accuracy of the lowest mark; the highest stands for 1.
  let bottom: Double

  /// Characters of a line.
  static let width = 10
  /// Steps of three days show the thirty days that are kept.
  private static let longStep = 3
  /// A scale that began higher would show noise as if it were a fall.
  private static let highestBottom = 0.9
  /// Marks of fewer labels do not set the scale: one wrong answer of one would flatten all others.
  private static let firmLabels = 10
  private static let blocks: [Character] = Array("▁▂▃▄▅▆▇█")
  private static let digits: [Character] = Array("0123456789")

  /// Nil where no group has a labelled day.
  init?(_ groups: [[DayRow]]) {
    let days = groups.joined().filter { $0.total > 0 }.compactMap { number(of: $0.day) }
    guard let first = days.min(), let last = days.max() else { return nil }
    end = last
    daysPerMark = last - first < Int64(Self.width) ? 1 : Self.longStep
    let step = daysPerMark
    let firm = groups.flatMap { Self.counts($0, end: last, step: step) }.filter { $0.total >= Self.firmLabels }
    let lowest = firm.map { Double($0.correct) / Double($0.total) }.min() ?? 1
    bottom = min(Self.highestBottom, (lowest * 10).rounded(.down) / 10)
  }

  /// `▇▇█ ▆▅▃▁▁▂`; a space for days without labels.
  func text(_ days: [DayRow], _ style: TextStyle) -> String {
    let marks = style.blocks ? Self.blocks : Self.digits
    let drawn = Self.counts(days, end: end, step: daysPerMark).map { counts -> Character in
      guard counts.total > 0 else { return " " }
      let height = (Double(counts.correct) / Double(counts.total) - bottom) / (1 - bottom) * Double(marks.count - 1)
      return marks[min(marks.count - 1, max(0, Int(height.rounded())))]
    }
    return String(drawn)
  }

  /// What the marks mean.
  func legend(_ style: TextStyle) -> String {
    let marks = style.blocks ? Self.blocks : Self.digits
    let step = daysPerMark == 1 ? "day" : "\(daysPerMark) days"
    return "days: accuracy per \(step) to \(dayText(end)), \(marks[0]) = \(Int((bottom * 100).rounded())) % to "
      + "\(marks[marks.count - 1]) = 100 %; gap: no labels"
  }

  private static func counts(_ days: [DayRow], end: Int64, step: Int) -> [(correct: Int, total: Int)] {
    var counts = [(correct: Int, total: Int)](repeating: (0, 0), count: width)
    for row in days {
      guard let day = number(of: row.day), day <= end else { continue }
      let mark = width - 1 - Int(end - day) / step
      guard mark >= 0 else { continue }
      counts[mark].correct += row.correct
      counts[mark].total += row.total
    }
    return counts
  }
}

/// Days since 1970 of `2026-11-03`; nil for another text.
func number(of day: String) -> Int64? { Timestamp(day)?.day }

/// `2026-11-03`.
func dayText(_ day: Int64) -> String {
  String(Timestamp(microseconds: day * Timestamp.microsecondsPerDay).description.prefix { $0 != "T" })
}
