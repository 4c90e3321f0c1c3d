import Domain
import NeuralNet

extension ConfidenceLadder {
  /// Counts a student's errors on held-out rows above thresholds that were fixed beforehand.
  public init(_ student: Student, heldOut: TrainingRows) {
    let logits = student.logits(heldOut.inputs, rowCount: heldOut.count)
    let judged = (0..<heldOut.count).map { row -> (confidence: Float, isRight: Bool) in
      let classes = row * heldOut.classCount..<(row + 1) * heldOut.classCount
      let top = topClass(logits.span.extracting(classes))
      return (top.confidence, top.index == heldOut.labels[row])
    }
    self.init(
      rungs: Self.thresholds.map { threshold in
        let accepted = judged.filter { $0.confidence >= threshold }
        return Rung(threshold: threshold, accepted: accepted.count, wrong: accepted.count { !$0.isRight })
      }, total: judged.count)
  }

  /// From 0.999999 down to 0.29, the doubt growing by the square root of 2 each time, and 0, which takes every part:
  /// as fine near 1, where sure students have all their parts, as below.
  public static let thresholds: [Float] = {
    var doubt: Float = 1 / Float(1 << 20)
    var thresholds: [Float] = []
    while doubt < 0.75 {
      thresholds.append(1 - doubt)
      doubt *= Float(2).squareRoot()
    }
    return thresholds + [0]
  }()
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
  /// - Parameter known: of the student this one was trained on from, whose rows taught it too; a number inside it is
  ///   inside.
  public init(train: TrainingRows, heldOut: TrainingRows, widening known: TrainedRange? = nil) {
    let isShared = train.input.sharesUnit || train.featuresShareUnit
    let ends = isShared ? Self.commonEnds(train) : Self.ends(train)
    let widths = zip(ends.lowest, ends.highest).map { Self.width($0, $1) }
    let width = train.featureCount
    var scores = [Double](repeating: 0, count: heldOut.count)
    var ignored: [Int] = []
    var distances = scores
    for feature in 0..<width {
      let end = isShared ? 0 : feature
      let (low, high) = (Double(ends.lowest[end]), Double(ends.highest[end]))
      var farCount = 0
      for row in 0..<heldOut.count {
        let value = Double(heldOut.inputs[row * width + feature])
        let isKnown = known.map { $0.contains(value, feature: feature) } ?? false
        distances[row] = isKnown ? 0 : max(low - value, value - high, 0) / widths[end]
        if distances[row] > Self.marginMinimum { farCount += 1 }
      }
      let isIgnored =
        !isShared && farCount >= Self.ignoredRowsMinimum
        && Double(farCount) > Self.outsideShareMaximum * Double(heldOut.count)
      if isIgnored {
        ignored.append(feature)
      } else {
        for row in 0..<heldOut.count { scores[row] = max(scores[row], distances[row]) }
      }
    }
    let margin = max(Self.marginMinimum, Self.conformalQuantile(scores))
    var lowest = zip(ends.lowest, widths).map { Self.finite(Double($0) - margin * $1) }
    var highest = zip(ends.highest, widths).map { Self.finite(Double($0) + margin * $1) }
    for feature in ignored {
      lowest[feature] = -.greatestFiniteMagnitude
      highest[feature] = .greatestFiniteMagnitude
    }
    let own = TrainedRange(
      lowest: lowest, highest: highest, margin: margin, heldOut: heldOut.count,
      outside: scores.count { $0 > margin }, ignored: ignored)
    self = known.map { own.union($0) } ?? own
  }

  private func contains(_ value: Double, feature: Int) -> Bool {
    let end = lowest.count == 1 ? 0 : feature
    return Double(lowest[end]) <= value && value <= Double(highest[end])
  }

  /// What is inside of either, with the figures of this one.
  private func union(_ other: TrainedRange) -> TrainedRange {
    func ends(_ own: [Float], _ others: [Float], _ outer: (Float, Float) -> Float) -> [Float] {
      let count = max(own.count, others.count)
      return (0..<count).map { outer(own[own.count == 1 ? 0 : $0], others[others.count == 1 ? 0 : $0]) }
    }
    return TrainedRange(
      lowest: ends(lowest, other.lowest, min), highest: ends(highest, other.highest, max), margin: margin,
      heldOut: heldOut, outside: outside, ignored: Set(ignored).union(other.ignored).sorted())
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
