import Domain

/// The course of one training's group weights, as multiples of an equal share.
struct WeightPlot {
  private let steps: [Int]
  private let groups: [StudyWeights.Course]
  private let description: String
  private let stepsWord: String
  private let short: ShortNames

  private static let width = 800.0
  private static let height = 210.0
  private static let left = 34.0
  private static let labelRoom = 250.0
  private static let top = 12.0
  private static let bottom = 176.0
  /// Labels nearer than this cover each other.
  private static let labelHeight = 16.0
  private static let styles = ["first", "second", "third", "fourth"]

  /// - Parameters:
  ///   - groups: with a weight for each of `steps`.
  ///   - stepsWord: at the end of the axis.
  init(
    steps: [Int], groups: [StudyWeights.Course], description: String, stepsWord: String, short: ShortNames
  ) {
    self.steps = steps
    self.groups = groups
    self.description = description
    self.stepsWord = stepsWord
    self.short = short
  }

  init(_ course: StudyWeights, short: ShortNames) {
    self.init(
      steps: course.steps, groups: course.groups,
      description: "Group weights over the steps of \(course.method.rawValue)", stepsWord: "steps", short: short)
  }

  var drawing: Drawing {
    var drawing = Drawing(width: Self.width, height: Self.height, description: description)
    let share = Double(groups.count)
    let highest = max(1.5, groups.flatMap(\.weights).map { $0 * share }.max() ?? 1)
    let x = Scale(
      values: 0...Double(max(steps.last ?? 1, 1)), places: Self.left...(Self.width - Self.labelRoom))
    let y = Scale(values: 0...highest * 1.05, places: Self.top...Self.bottom, isReversed: true)
    for tick in y.ticks {
      drawing.line((Self.left, y(tick)), (Self.width - Self.labelRoom, y(tick)), tick == 1 ? "reference" : "grid")
      drawing.text(
        decimal(tick, places: tick == tick.rounded() ? 0 : 1), at: (Self.left - 8, y(tick)), .end, "soft")
    }
    for tick in x.ticks {
      drawing.text(decimal(tick, places: 0), at: (x(tick), Self.bottom + 14), .middle, "soft")
    }
    drawing.text(stepsWord, at: (Self.width - Self.labelRoom + 24, Self.bottom + 14), .start, "soft")
    let order = groups.sorted { ($1.weights.last ?? 0, $0.group) < ($0.weights.last ?? 0, $1.group) }
    let shown = order.prefix(Self.styles.count)
    for group in order.dropFirst(shown.count) {
      drawing.course(points(group, share: share, x: x, y: y), "plain")
    }
    for (style, group) in zip(Self.styles, shown).reversed() {
      drawing.course(points(group, share: share, x: x, y: y), style)
    }
    label(Array(shown), share: share, y: y, in: &drawing)
    return drawing
  }

  private func points(_ group: StudyWeights.Course, share: Double, x: Scale, y: Scale) -> [(x: Double, y: Double)] {
    zip(steps, group.weights).map { (x(Double($0)), y($1 * share)) }
  }

  /// Names at the ends of their lines, pushed apart downwards where they would cover each other.
  private func label(_ groups: [StudyWeights.Course], share: Double, y: Scale, in drawing: inout Drawing) {
    let start = Self.width - Self.labelRoom
    var next = Self.top
    for (style, group) in zip(Self.styles, groups) {
      let end = y((group.weights.last ?? 0) * share)
      let place = max(end, next)
      next = place + Self.labelHeight
      drawing.line((start + 3, end), (start + 12, place), "bar \(style)")
      let value = "×\(decimal((group.weights.last ?? 0) * share, places: 1)) "
      let room = Self.labelRoom - 16 - Drawing.room(for: value)
      drawing.text(value + Drawing.fitted(short(group.group), to: room), at: (start + 16, place))
    }
  }
}
