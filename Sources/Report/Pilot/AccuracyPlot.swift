import Domain
import Statistics

/// A mark on the time axis of a plot.
struct TimeMark: Equatable {
  enum Shape {
    /// An alarm: an empty circle.
    case alarm
    /// A new student in service: a triangle that points up; `down` where it was taken back.
    case up, down
    /// A run that changed nothing: a cross.
    case cross
    /// A run whose student is on trial: a square.
    case square
  }

  /// Days since 1970, with its fraction.
  let day: Double
  let shape: Shape
  /// `#7`, short.
  let label: String
}

/// The accuracy of one set of parts over time: a point for each period and student with its 95 % interval, the target,
/// and what was done.
struct AccuracyPlot {
  private let points: [PilotPoint]
  private let byStudent: Bool
  /// Days of a point of `points`, and of one in the plot.
  private let sourceDays: Double
  private let periodDays: Double
  private let days: ClosedRange<Double>
  private let target: Double?
  private let marks: [TimeMark]
  private let description: String
  private let words: any PilotWords

  private static let width = 800.0
  private static let left = 40.0
  private static let right = 786.0
  private static let top = 22.0
  private static let bottom = 150.0
  /// Below the dates, and below the marks; plots without marks end at the dates.
  private static let markLane = 188.0
  private static let height = 212.0
  private static let heightWithoutMarks = 174.0
  /// Labels of marks nearer than this cover each other.
  private static let labelWidth = 38.0
  /// Points wanted in a plot: periods are taken together until there are no more.
  private static let pointsMax = 60
  /// Points farther apart than so many bins are not joined.
  private static let gapBins = 2.5
  /// The least share a scale reaches down from 1, so that a point's noise does not fill a plot.
  private static let spanMin = 0.1

  /// - Parameters:
  ///   - days: of the axis, common to all plots of a page.
  ///   - marks: drawn where they lie on the axis.
  ///   - byStudent: a course for each student; else what all of them did together.
  init(
    _ points: [PilotPoint], periodDays: Int, days: ClosedRange<Double>, target: Double?, marks: [TimeMark],
    byStudent: Bool, description: String, words: any PilotWords
  ) {
    self.points = points
    self.byStudent = byStudent
    sourceDays = Double(periodDays)
    self.periodDays = Double(Self.binDays(span: days.upperBound - days.lowerBound, periodDays: periodDays))
    self.days = days
    self.target = target
    self.marks = marks.filter { days.contains($0.day) }
    self.description = description
    self.words = words
  }

  /// Days of one point: a day for three weeks, weeks for a year, and more beyond.
  static func binDays(span: Double, periodDays: Int) -> Int {
    if span <= 22 { return periodDays }
    var bin = max(periodDays, 7)
    while span / Double(bin) > Double(pointsMax) { bin *= 2 }
    return bin
  }

  /// Rates by student, each of one bin of days.
  private struct Bin {
    /// Where its judged parts lie on average: a student that came within the bin stands after its coming.
    let middle: Double
    let version: Int
    let rate: Rate
  }

  private var bins: [Bin] {
    struct Key: Hashable {
      let bin: Int64
      let version: Int
    }
    var sums: [Key: (rate: Rate, days: Double)] = [:]
    for point in points where point.judged > 0 {
      let bin = Int64(((Double(point.day) - days.lowerBound) / periodDays).rounded(.down))
      let key = Key(bin: bin, version: byStudent ? point.version : 0)
      let start = Double(point.day)
      let middle = (max(start, days.lowerBound) + min(start + sourceDays, days.upperBound)) / 2
      sums[key, default: (Rate(), 0)].rate.add(point)
      sums[key, default: (Rate(), 0)].days += middle * Double(point.judged)
    }
    return sums.map { key, sum in
      Bin(middle: sum.days / Double(sum.rate.total), version: key.version, rate: sum.rate)
    }
    .sorted { ($0.middle, $0.version) < ($1.middle, $1.version) }
  }

  var drawing: Drawing {
    var drawing = Drawing(
      width: Self.width, height: marks.isEmpty ? Self.heightWithoutMarks : Self.height, description: description)
    let bins = bins
    let x = Scale(values: days, places: Self.left...Self.right)
    let y = scale(bins)
    for tick in y.ticks {
      drawing.line((Self.left, y(tick)), (Self.right, y(tick)), "grid")
      drawing.text(decimal(tick * 100, places: 0), at: (Self.left - 8, y(tick)), .end, "soft")
    }
    drawDates(x, in: &drawing)
    if let target {
      drawing.line((Self.left, y(target)), (Self.right, y(target)), "reference")
      // Below the line, where there is least to cover, unless the dates are there.
      let place = y(target) + (y(target) < Self.bottom - 16 ? 9 : -9)
      drawing.text(words.targetLabel(target), at: (Self.right, place), .end, "soft")
    }
    drawMarks(x, in: &drawing)
    let versions = Set(bins.map(\.version)).sorted()
    for version in versions {
      draw(
        bins.filter { $0.version == version }, version, style: Self.style(versions, version), x: x, y: y, in: &drawing)
    }
    if bins.isEmpty {
      drawing.text(words.noLabels, at: ((Self.left + Self.right) / 2, (Self.top + Self.bottom) / 2), .middle, "soft")
    }
    return drawing
  }

  /// The last student in the first colour: it is the one that serves.
  private static func style(_ versions: [Int], _ version: Int) -> String {
    let styles = ["first", "third", "fourth"]
    let place = versions.count - 1 - (versions.firstIndex(of: version) ?? 0)
    return place < styles.count ? styles[place] : "plain"
  }

  private func scale(_ bins: [Bin]) -> Scale {
    // Bins of few labels have intervals that reach far down, and would press all others together.
    let telling = bins.filter(\.rate.isTelling)
    let lows = (telling.isEmpty ? bins : telling).compactMap { $0.rate.interval?.lower } + [target].compactMap { $0 }
    let low = min(lows.min() ?? 0, 1 - Self.spanMin)
    return Scale(values: max(0, (low * 20).rounded(.down) / 20)...1, places: Self.top...Self.bottom, isReversed: true)
  }

  private func draw(
    _ bins: [Bin], _ version: Int, style: String, x: Scale, y: Scale, in drawing: inout Drawing
  ) {
    for bin in bins {
      guard let interval = bin.rate.interval else { continue }
      drawing.line((x(bin.middle), y(interval.lower)), (x(bin.middle), y(interval.upper)), "interval \(style)")
    }
    for stretch in stretches(bins) where stretch.count > 1 {
      drawing.course(stretch.compactMap { bin in bin.rate.share.map { (x(bin.middle), y($0)) } }, style)
    }
    for bin in bins {
      guard let share = bin.rate.share else { continue }
      drawing.circle((x(bin.middle), y(share)), radius: bin.rate.isTelling ? 3.5 : 2, "dot \(style)")
    }
    if byStudent, let first = bins.first {
      drawing.text("v\(version)", at: (x(first.middle), Self.top - 11), .middle, "soft")
    }
  }

  /// Bins of one student without a longer time between them: of a group that was not made, nothing is known.
  private func stretches(_ bins: [Bin]) -> [[Bin]] {
    bins.reduce(into: [[Bin]]()) { stretches, bin in
      if let last = stretches.last?.last, bin.middle - last.middle <= Self.gapBins * periodDays {
        stretches[stretches.count - 1].append(bin)
      } else {
        stretches.append([bin])
      }
    }
  }

  private func drawDates(_ x: Scale, in drawing: inout Drawing) {
    drawing.line((Self.left, Self.bottom), (Self.right, Self.bottom), "grid")
    let span = days.upperBound - days.lowerBound
    // Eight dates of ten letters are as many as fit.
    let step = [1.0, 2, 7, 14, 28, 56, 91, 182, 364, 728].first { span / $0 <= 8 } ?? span / 8
    for day in stride(from: days.lowerBound.rounded(.up), through: days.upperBound, by: step) {
      drawing.line((x(day), Self.bottom), (x(day), Self.bottom + 4), "grid")
      let place = min(max(x(day), Self.left + 16), Self.right - 20)
      drawing.text(words.axisDate(PlainDate(day: Int64(day))), at: (place, Self.bottom + 14), .middle, "soft")
    }
  }

  private func drawMarks(_ x: Scale, in drawing: inout Drawing) {
    var freeFrom = [Self.left, Self.left]
    for mark in marks.sorted(by: { $0.day < $1.day }) {
      let place = min(max(x(mark.day), Self.left + 6), Self.right - 30)
      // Two rows, so that marks of neighbouring days stay apart.
      let row = freeFrom[0] <= place ? 0 : freeFrom[1] <= place ? 1 : (freeFrom[0] <= freeFrom[1] ? 0 : 1)
      freeFrom[row] = place + Self.labelWidth
      let y = Self.markLane + Double(row) * 16
      if mark.shape == .up || mark.shape == .down || mark.shape == .square {
        drawing.line((x(mark.day), Self.top), (x(mark.day), Self.bottom), "reference")
      }
      drawing.mark(mark.shape, (place, y))
      drawing.text(mark.label, at: (place + 9, y), .start, "soft")
    }
  }
}

extension Drawing {
  /// A mark of the time axis, the same in a plot and in its legend.
  mutating func mark(_ shape: TimeMark.Shape, _ at: (x: Double, y: Double)) {
    let (x, y) = at
    switch shape {
    case .alarm: circle(at, radius: 4.5, "ring second")
    case .up: polygon([(x - 5.5, y + 5), (x + 5.5, y + 5), (x, y - 5)], "dot first")
    case .down: polygon([(x - 5.5, y - 5), (x + 5.5, y - 5), (x, y + 5)], "dot second")
    case .cross:
      line((x - 4, y - 4), (x + 4, y + 4), "bar plain")
      line((x - 4, y + 4), (x + 4, y - 4), "bar plain")
    case .square:
      polygon([(x - 4.5, y - 4.5), (x + 4.5, y - 4.5), (x + 4.5, y + 4.5), (x - 4.5, y + 4.5)], "ring first")
    }
  }
}
