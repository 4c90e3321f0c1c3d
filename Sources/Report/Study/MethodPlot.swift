import Domain

/// One row a method, best worst group on top: the worst group of every seed, their mean, and the mean of all parts.
struct MethodPlot {
  let report: StudyReport

  private static let width = 800.0
  private static let rowHeight = 34.0
  private static let top = 34.0
  private static let valueRoom = 170.0

  init(_ report: StudyReport) { self.report = report }

  var drawing: Drawing {
    let results = report.results.sorted {
      ($0.worstGroupAccuracy?.mean ?? -1) > ($1.worstGroupAccuracy?.mean ?? -1)
    }
    let bottom = Self.top + Double(results.count) * Self.rowHeight
    var drawing = Drawing(
      width: Self.width, height: bottom + 26,
      description: "Worst-group and mean accuracy of \(results.map(\.method.rawValue).joined(separator: ", "))")
    let labelRoom = min(190, (results.map { Drawing.room(for: $0.method.rawValue) }.max() ?? 0) + 14)
    let scale = Scale.shares(values(results), places: labelRoom...(Self.width - Self.valueRoom - 14))
    drawing.text("worst group", at: (Self.width - Self.valueRoom + 50, 14), .middle, "soft")
    drawing.text("all parts", at: (Self.width - 34, 14), .middle, "soft")
    for tick in scale.ticks {
      drawing.line((scale(tick), Self.top - 8), (scale(tick), bottom), "grid")
      drawing.text(decimal(tick * 100, places: 0), at: (scale(tick), bottom + 14), .middle, "soft")
    }
    drawReference(in: &drawing, scale: scale, bottom: bottom)
    for (index, result) in results.enumerated() {
      draw(result, y: Self.top + (Double(index) + 0.5) * Self.rowHeight, in: &drawing, scale: scale)
    }
    return drawing
  }

  private func values(_ results: [StudyResult]) -> [Double] {
    results.flatMap { result in
      let worst = result.worstGroupAccuracy
      let spread = worst?.sd ?? 0
      return [result.meanAccuracy.mean] + (worst.map { [$0.mean - spread, $0.mean + spread] } ?? [])
        + result.perSeed.compactMap(\.worstGroupAccuracy)
    }
  }

  private func drawReference(in drawing: inout Drawing, scale: Scale, bottom: Double) {
    let baseline = report.differences.first?.baseline
    guard let mean = report.results.first(where: { $0.method == baseline })?.worstGroupAccuracy?.mean else { return }
    drawing.line((scale(mean), Self.top - 8), (scale(mean), bottom), "reference")
    drawing.text(baseline?.rawValue ?? "", at: (scale(mean), Self.top - 18), .middle, "soft")
  }

  private func draw(_ result: StudyResult, y: Double, in drawing: inout Drawing, scale: Scale) {
    let style = style(of: result.method)
    drawing.text(result.method.rawValue, at: (0, y))
    let all = scale(result.meanAccuracy.mean)
    drawing.line((all, y - 8), (all, y + 8), "bar plain")
    drawing.text("\(percent(result.meanAccuracy.mean))", at: (Self.width, y), .end, "soft")
    guard let worst = result.worstGroupAccuracy else {
      drawing.text("none ranked", at: (Self.width - 60, y), .end, "soft")
      return
    }
    if let sd = worst.sd { drawing.line((scale(worst.mean - sd), y), (scale(worst.mean + sd), y), "bar \(style)") }
    for seed in result.perSeed.compactMap(\.worstGroupAccuracy) {
      drawing.circle((scale(seed), y), radius: 3.5, "seed \(style)")
    }
    drawing.circle((scale(worst.mean), y), radius: 5.5, "dot \(style)")
    let spread = worst.sd.map { " ± \(percent($0))" } ?? ""
    drawing.text("\(percent(worst.mean))\(spread)", at: (Self.width - 60, y), .end, "strong")
  }

  private func style(of method: StudyMethod) -> String {
    switch report.differences.first(where: { $0.method == method })?.verdict {
    case .better: "first"
    case .worse: "second"
    case .leansBetter, .leansWorse, .open, nil: "plain"
    }
  }
}
