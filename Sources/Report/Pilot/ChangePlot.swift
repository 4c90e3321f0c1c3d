import Domain
import Statistics

/// One row a group: what it was before (ring) and after (dot), with the 95 % interval of the latter.
struct ChangePlot {
  struct Row {
    let label: String
    let before: Rate
    let after: Rate
  }

  private let rows: [Row]
  private let description: String

  private static let width = 800.0
  private static let rowHeight = 30.0
  private static let top = 12.0
  private static let valueRoom = 178.0
  /// More rows are not read; the table below has them all.
  static let rowsMax = 16

  /// Rows without numbers on both sides are left out; nil where none is left.
  init?(_ rows: [Row], description: String) {
    self.rows = Array(rows.filter { $0.before.share != nil && $0.after.share != nil }.prefix(Self.rowsMax))
    self.description = description
    guard !self.rows.isEmpty else { return nil }
  }

  var drawing: Drawing {
    let bottom = Self.top + Double(rows.count) * Self.rowHeight
    var drawing = Drawing(width: Self.width, height: bottom + 26, description: description)
    let labelRoom = min(320, (rows.map { Drawing.room(for: $0.label) }.max() ?? 0) + 12)
    let values = rows.flatMap { row in
      [row.before.share, row.after.share, row.after.interval?.lower, row.after.interval?.upper].compactMap(\.self)
    }
    let scale = Scale.shares(values, places: labelRoom...(Self.width - Self.valueRoom))
    for tick in scale.ticks {
      drawing.line((scale(tick), Self.top - 6), (scale(tick), bottom), "grid")
      drawing.text(decimal(tick * 100, places: 0), at: (scale(tick), bottom + 14), .middle, "soft")
    }
    for (index, row) in rows.enumerated() {
      let y = Self.top + (Double(index) + 0.5) * Self.rowHeight
      drawing.text(Drawing.fitted(row.label, to: labelRoom - 12), at: (0, y))
      draw(row, y: y, in: &drawing, scale: scale)
    }
    return drawing
  }

  private func draw(_ row: Row, y: Double, in drawing: inout Drawing, scale: Scale) {
    guard let old = row.before.share, let new = row.after.share else { return }
    let style = new >= old ? "first" : "second"
    if let interval = row.after.interval {
      drawing.line((scale(interval.lower), y), (scale(interval.upper), y), "interval \(style)")
    }
    drawing.line((scale(old), y), (scale(new), y), "bar \(style)")
    drawing.circle((scale(old), y), radius: 4.5, "ring plain")
    drawing.circle((scale(new), y), radius: 5, "dot \(style)")
    drawing.text("\(percent(old)) → \(percent(new))", at: (Self.width - 54, y), .end)
    drawing.text(points(new - old), at: (Self.width, y), .end, "strong")
  }
}
