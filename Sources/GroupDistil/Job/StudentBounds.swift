import Domain
import NeuralNet

extension ConfidenceLadder {
  /// Counts a student's errors on held-out rows above thresholds that other rows fixed.
  ///
  /// - Parameter select: rows whose confidences, but not their labels, say where the thresholds lie; taken from the
  ///   held-out rows themselves, the thresholds would depend on what is counted.
  public init(_ student: Student, select: TrainingRows, heldOut: TrainingRows) {
    let sure = answers(student, select).map(\.confidence).sorted(by: >)
    let judged = answers(student, heldOut)
    var thresholds: [(share: Double, threshold: Float)] = []
    for percent in stride(from: Self.shareMinimum, to: 1, by: Self.shareStep) where !sure.isEmpty {
      let threshold = sure[max(0, Int(percent * Double(sure.count)) - 1)]
      let share = Double(sure.count { $0 >= threshold }) / Double(sure.count)
      // Students that are often entirely sure give the same threshold for many shares.
      if thresholds.last?.threshold == threshold { thresholds.removeLast() }
      thresholds.append((share, threshold))
    }
    if thresholds.last?.share == 1 { thresholds.removeLast() }
    thresholds.append((1, 0))
    self.init(
      rungs: thresholds.map { share, threshold in
        let accepted = judged.filter { $0.confidence >= threshold }
        return Rung(
          share: share, threshold: threshold, accepted: accepted.count, wrong: accepted.count { !$0.isRight })
      }, total: judged.count)
  }

  /// No threshold that accepts fewer parts is measured.
  static let shareMinimum = 0.5
  /// Twenty rungs between half of the parts and all.
  static let shareStep = 0.025
}

private func answers(_ student: Student, _ rows: TrainingRows) -> [(confidence: Float, isRight: Bool)] {
  let logits = student.logits(rows.inputs, rowCount: rows.count)
  return (0..<rows.count).map { row in
    let top = topClass(logits.span.extracting(row * rows.classCount..<(row + 1) * rows.classCount))
    return (top.confidence, top.index == rows.labels[row])
  }
}

extension TrainedRange {
  /// Share of honest parts that may be called out of range (`GroupDistil` decisions, 10).
  static let outsideShareMaximum = 0.01
  /// A number this little outside, in widths of its range, is never called so: sensors are noisy.
  static let marginMinimum = 0.1
  /// One row is an accident; a feature that leaves the range alone in more of them moves with time.
  static let ignoredRowsMinimum = 2

  /// The range of the training rows, and the margin that leaves at most `outsideShareMaximum` of honest parts outside.
  ///
  /// A row's score is how far its worst number lies outside, in widths of that feature's range. The margin is the
  /// conformal quantile of the held-out rows' scores: a later part like them has a larger score with at most that
  /// probability (Vovk et al. 2005; Angelopoulos & Bates 2021, arXiv 2107.07511, 1). With fewer than 99 rows it is the
  /// largest score, and the probability at most 1 / (rows + 1).
  public init(train: TrainingRows, heldOut: TrainingRows) {
    let isShared = train.input.sharesUnit || train.featuresShareUnit
    let ends = isShared ? Self.commonEnds(train) : Self.ends(train)
    let widths = zip(ends.lowest, ends.highest).map { Self.width($0, $1) }
    let width = train.featureCount
    var scores = [Double](repeating: 0, count: heldOut.count)
    var ignored: [Int] = []
    var own = scores
    for feature in 0..<width {
      let end = isShared ? 0 : feature
      let (low, high) = (Double(ends.lowest[end]), Double(ends.highest[end]))
      var farCount = 0
      for row in 0..<heldOut.count {
        let value = Double(heldOut.inputs[row * width + feature])
        own[row] = max(low - value, value - high, 0) / widths[end]
        if own[row] > Self.marginMinimum { farCount += 1 }
      }
      let isIgnored =
        !isShared && farCount >= Self.ignoredRowsMinimum
        && Double(farCount) > Self.outsideShareMaximum * Double(heldOut.count)
      if isIgnored {
        ignored.append(feature)
      } else {
        for row in 0..<heldOut.count { scores[row] = max(scores[row], own[row]) }
      }
    }
    let margin = max(Self.marginMinimum, Self.conformalQuantile(scores))
    var lowest = zip(ends.lowest, widths).map { Self.finite(Double($0) - margin * $1) }
    var highest = zip(ends.highest, widths).map { Self.finite(Double($0) + margin * $1) }
    for feature in ignored {
      lowest[feature] = -.greatestFiniteMagnitude
      highest[feature] = .greatestFiniteMagnitude
    }
    self.init(
      lowest: lowest, highest: highest, margin: margin, heldOut: heldOut.count,
      outside: scores.count { $0 > margin }, ignored: ignored)
  }

  /// The ceil((n + 1)(1 - share))-th smallest, the largest where there are not that many; 0 for none.
  private static func conformalQuantile(_ scores: [Double]) -> Double {
    guard !scores.isEmpty else { return 0 }
    let rank = Int((Double(scores.count + 1) * (1 - outsideShareMaximum)).rounded(.up))
    return scores.sorted()[min(rank, scores.count) - 1]
  }

  private static func ends(_ rows: TrainingRows) -> (lowest: [Float], highest: [Float]) {
    var lowest = Array(rows.inputs.prefix(rows.featureCount))
    var highest = lowest
    for row in 1..<max(1, rows.count) {
      for feature in 0..<rows.featureCount {
        let value = rows.inputs[row * rows.featureCount + feature]
        lowest[feature] = min(lowest[feature], value)
        highest[feature] = max(highest[feature], value)
      }
    }
    return (lowest, highest)
  }

  private static func commonEnds(_ rows: TrainingRows) -> (lowest: [Float], highest: [Float]) {
    let ends = ends(rows)
    return ([ends.lowest.min() ?? 0], [ends.highest.max() ?? 0])
  }

  /// What distances are measured in. A constant feature has no width of its own: its size stands in, and 1 for zero.
  private static func width(_ lowest: Float, _ highest: Float) -> Double {
    let width = Double(highest) - Double(lowest)
    if width > 0 { return width }
    return lowest == 0 ? 1 : Double(abs(lowest))
  }

  private static func finite(_ value: Double) -> Float {
    let largest = Double(Float.greatestFiniteMagnitude)
    return Float(min(max(value, -largest), largest))
  }
}
