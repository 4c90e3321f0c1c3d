import Domain

/// A student's bounds as they are asked for each part: a line of numbers to compare with, and a threshold.
public struct AdviceRule: Sendable, Equatable {
  /// Confidence below which a part goes to manual check; 0 sends none.
  public let threshold: Float
  /// One per feature, one for all, or none where the student's range is not known.
  private let lowest: [Float]
  private let highest: [Float]

  public init(threshold: Float?, range: TrainedRange?) {
    self.threshold = threshold ?? 0
    lowest = range?.lowest ?? []
    highest = range?.highest ?? []
  }

  /// What the answer says: the student's `confidence`, 0...1.
  public func advice(confidence: Float) -> Advice { confidence < threshold ? .lowConfidence : [] }

  /// What a part's numbers [featureCount] say before they are answered.
  ///
  /// One pass where every number is inside, two where one is not; allocates nothing.
  /// - Precondition: the rule is of a student with that many features.
  public func advice(inputs: Span<Float>) -> Advice {
    var advice: Advice = []
    let insideCount = countInside(inputs)
    guard insideCount < inputs.count else { return advice }
    let finiteCount = countFinite(inputs)
    if finiteCount < inputs.count { advice.insert(.notANumber) }
    // What is no number is outside too, and says no more by it.
    if insideCount < finiteCount { advice.insert(.outOfRange) }
    return advice
  }

  /// NaN compares as outside. Written without a branch, for the compiler to take several numbers at once.
  private func countInside(_ inputs: Span<Float>) -> Int {
    switch lowest.count {
    case 0: return countFinite(inputs)
    case 1:
      let (low, high) = (lowest[0], highest[0])
      var count: Int32 = 0
      for index in inputs.indices {
        let value = inputs[index]
        count &+= (value >= low ? 1 : 0) & (value <= high ? 1 : 0)
      }
      return Int(count)
    default:
      precondition(lowest.count == inputs.count, "a trained range has an end for each feature")
      let (low, high) = (lowest.span, highest.span)
      var count: Int32 = 0
      for index in inputs.indices {
        let value = inputs[index]
        count &+= (value >= low[index] ? 1 : 0) & (value <= high[index] ? 1 : 0)
      }
      return Int(count)
    }
  }

  private func countFinite(_ inputs: Span<Float>) -> Int {
    var count: Int32 = 0
    for index in inputs.indices { count &+= inputs[index].magnitude <= .greatestFiniteMagnitude ? 1 : 0 }
    return Int(count)
  }
}
