/// Parts of a line that have something in common: a conjunction of conditions, none for every part.
///
/// The groups of the partition are the slices that fix every attribute; slices that fix fewer are the nodes above them
/// (`monitoring.md` 6.6), and ranges of measurements come from slices that somebody found and adopted.
public struct PartSlice: Hashable, Sendable, Codable {
  /// One for each attribute of the line, in its order; nil where any value does.
  public let values: [String?]
  /// In order of the measurements, each at most once.
  public let ranges: [FeatureRange]
  /// Index into the line's class names: parts that truly are of this class.
  public let outcome: Int?

  public init(values: [String?], ranges: [FeatureRange] = [], outcome: Int? = nil) {
    self.values = values
    self.ranges = ranges.sorted { $0.feature < $1.feature }
    self.outcome = outcome
  }

  public init(_ group: GroupKey) {
    self.init(values: group.cell.values, outcome: group.outcome)
  }

  /// The cell whose parts these are; nil where the slice holds parts of several cells, or a piece of one.
  public var cell: Cell? {
    let fixed = values.compactMap(\.self)
    return fixed.count == values.count && ranges.isEmpty ? Cell(fixed) : nil
  }

  /// How many conditions it has.
  public var depth: Int { values.count { $0 != nil } + ranges.count + (outcome == nil ? 0 : 1) }

  public var hasRanges: Bool { !ranges.isEmpty }

  /// Whether all parts of the cell fulfil the conditions on attributes.
  public func covers(_ cell: Cell) -> Bool {
    values.count == cell.values.count && zip(values, cell.values).allSatisfy { $0 == nil || $0 == $1 }
  }

  /// Whether the conditions on measurements hold; parts without their measurements fulfil none.
  public func admits(_ inputs: [Float]) -> Bool {
    ranges.allSatisfy { inputs.indices.contains($0.feature) && $0.contains(inputs[$0.feature]) }
  }

  /// Whether every part of the other is one of this.
  public func contains(_ other: PartSlice) -> Bool {
    values.count == other.values.count && zip(values, other.values).allSatisfy { $0 == nil || $0 == $1 }
      && (outcome == nil || outcome == other.outcome)
      && ranges.allSatisfy { range in
        other.ranges.contains { $0.feature == range.feature && range.contains($0) }
      }
  }
}

extension PartSlice: Comparable {
  /// Wider slices first, then by what they fix.
  public static func < (left: PartSlice, right: PartSlice) -> Bool {
    if left.depth != right.depth { return left.depth < right.depth }
    for (mine, other) in zip(left.values, right.values) where mine != other {
      // What is fixed stands before what is not: products before cameras.
      guard let mine else { return false }
      guard let other else { return true }
      return mine < other
    }
    if left.outcome != right.outcome { return (left.outcome ?? -1) < (right.outcome ?? -1) }
    return left.ranges.lexicographicallyPrecedes(right.ranges)
  }
}

/// Values of one measurement, `lower <= value < upper`; nil: unbounded on that side.
public struct FeatureRange: Hashable, Comparable, Sendable, Codable {
  /// Index into the line's measurements.
  public let feature: Int
  public let lower: Float?
  public let upper: Float?

  public init(feature: Int, lower: Float?, upper: Float?) {
    self.feature = feature
    self.lower = lower
    self.upper = upper
  }

  /// NaN lies in no range.
  public func contains(_ value: Float) -> Bool { value >= (lower ?? -.infinity) && value < (upper ?? .infinity) }

  func contains(_ other: FeatureRange) -> Bool {
    (lower ?? -.infinity) <= (other.lower ?? -.infinity) && (upper ?? .infinity) >= (other.upper ?? .infinity)
  }

  public static func < (left: FeatureRange, right: FeatureRange) -> Bool {
    (left.feature, left.lower ?? -.infinity, left.upper ?? .infinity)
      < (right.feature, right.lower ?? -.infinity, right.upper ?? .infinity)
  }
}

extension LineDefinition {
  /// `product=A7,camera=2`, `product=A7,temp>=60.5,temp<70`, `outcome=bad`; `all` for every part.
  public func text(_ slice: PartSlice) -> String {
    var conditions = zip(schema.attributes, slice.values).compactMap { name, value in
      value.map { "\(name)=\(GroupSchema.escape($0))" }
    }
    for range in slice.ranges {
      let name = GroupSchema.escape(featureName(range.feature), bounds: true)
      if let lower = range.lower { conditions.append("\(name)>=\(lower)") }
      if let upper = range.upper { conditions.append("\(name)<\(upper)") }
    }
    if let outcome = slice.outcome {
      conditions.append("\(GroupSchema.outcomeName)=\(GroupSchema.escape(classNames[outcome]))")
    }
    return conditions.isEmpty ? Self.everyPart : conditions.joined(separator: ",")
  }

  public static let everyPart = "all"

  /// Reads `text(_:)` back; conditions may stand in any order.
  ///
  /// - Throws: `InvalidName` naming the condition that is none of this line.
  public func slice(parsing text: String) throws(InvalidName) -> PartSlice {
    var draft = SliceDraft(attributeCount: schema.attributes.count)
    if text != Self.everyPart {
      for part in text.split(separator: ",", omittingEmptySubsequences: false) { try add(part, of: text, to: &draft) }
    }
    return PartSlice(
      values: draft.values,
      ranges: draft.bounds.map { FeatureRange(feature: $0.key, lower: $0.value.lower, upper: $0.value.upper) },
      outcome: draft.outcome)
  }

  private func add(_ part: Substring, of text: String, to draft: inout SliceDraft) throws(InvalidName) {
    if let bound = part.range(ofBound: ">=") ?? part.range(ofBound: "<") {
      try add(bound, of: text, to: &draft)
      return
    }
    guard let equals = part.firstIndex(of: "=") else {
      throw InvalidName("\"\(part)\" is no condition in \"\(text)\"; write attribute=value, or all for every part")
    }
    let name = String(part[..<equals])
    let value = GroupSchema.unescape(part[part.index(after: equals)...])
    if name == GroupSchema.outcomeName {
      guard let outcome = classNames.firstIndex(of: value) else {
        throw InvalidName("\"\(value)\" is not a class of this line (they are \(classNames.joined(separator: ", ")))")
      }
      guard draft.outcome == nil else { throw InvalidName("outcome stands twice in \"\(text)\"") }
      draft.outcome = outcome
      return
    }
    guard let index = schema.attributes.firstIndex(of: name) else {
      throw InvalidName(
        "\"\(name)\" is not an attribute of this line (they are \(schema.attributes.joined(separator: ", ")))")
    }
    guard draft.values[index] == nil else { throw InvalidName("\"\(name)\" stands twice in \"\(text)\"") }
    draft.values[index] = value
  }

  private func add(_ bound: SliceDraft.Bound, of text: String, to draft: inout SliceDraft) throws(InvalidName) {
    let name = GroupSchema.unescape(bound.name)
    guard let feature = (0..<featureCount).first(where: { featureName($0) == name }) else {
      throw InvalidName("\"\(name)\" is not a measurement of this line")
    }
    guard let number = Float(bound.number), number.isFinite else {
      throw InvalidName("\"\(bound.number)\" is not a number in \"\(text)\"")
    }
    var range = draft.bounds[feature] ?? (nil, nil)
    guard (bound.isLower ? range.lower : range.upper) == nil else {
      throw InvalidName("\"\(name)\" has the same bound twice in \"\(text)\"")
    }
    if bound.isLower { range.lower = number } else { range.upper = number }
    draft.bounds[feature] = range
  }

  /// The group of the partition that a slice is; nil for nodes above and slices beside it.
  public func group(of slice: PartSlice) -> GroupKey? {
    guard let cell = slice.cell, (slice.outcome != nil) == schema.includesOutcome else { return nil }
    return GroupKey(cell: cell, outcome: slice.outcome)
  }
}

/// A slice while it is read.
private struct SliceDraft {
  struct Bound {
    let name: Substring
    let number: Substring
    let isLower: Bool
  }

  var values: [String?]
  var bounds: [Int: (lower: Float?, upper: Float?)] = [:]
  var outcome: Int?

  init(attributeCount: Int) { values = Array(repeating: nil, count: attributeCount) }
}

extension Substring {
  fileprivate func range(ofBound sign: String) -> SliceDraft.Bound? {
    var index = startIndex
    while index < endIndex {
      if self[index...].hasPrefix(sign) {
        return SliceDraft.Bound(
          name: self[..<index], number: self[self.index(index, offsetBy: sign.count)...], isLower: sign == ">=")
      }
      // A value may hold what looks like a bound.
      if self[index] == "=" { return nil }
      index = self.index(after: index)
    }
    return nil
  }
}
