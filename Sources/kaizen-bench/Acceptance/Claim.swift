import Policy

/// What a check found of one quantity, and what it has to be.
public struct Claim: Sendable, Equatable {
  /// What was measured; empty where the check says it already.
  public let label: String
  public let figure: Figure
  /// Nil for a figure that is told beside others and decides nothing.
  public let bound: Bound?

  public init(_ label: String, _ figure: Figure, _ bound: Bound? = nil) {
    self.label = label
    self.figure = figure
    self.bound = bound
  }

  public var isMet: Bool { bound.map { $0.holds(figure.decisive) } ?? true }

  /// `worst group 65.2 +- 4.8 (5)`.
  public var measured: String { label.isEmpty ? figure.text : "\(label) \(figure.text)" }

  /// Both, as one line of the table.
  var line: String {
    bound.map { "\(measured) | required \($0.text(places: figure.places))" } ?? measured
  }

  /// `worst group at least 60`; nil where nothing is required.
  public var required: String? {
    bound.map { bound in
      let text = bound.text(places: figure.places)
      return label.isEmpty ? text : "\(label) \(text)"
    }
  }

  /// Why it is missed, as a sentence; nil where it is not.
  public var objection: String? {
    guard let bound, !isMet else { return nil }
    let name = label.isEmpty ? "the figure" : label
    guard figure.decisive.isFinite else { return "\(name) could not be measured" }
    let value = decimal(figure.decisive, places: figure.places)
    return "\(name): \(figure.statistic.name) is \(value), required is \(bound.text(places: figure.places))"
  }
}

/// One number per seed or simulated plant, and which number speaks for all of them.
public struct Figure: Sendable, Equatable {
  public let values: [Double]
  public let statistic: Statistic
  /// Decimals shown.
  public let places: Int

  public enum Statistic: Sendable, Equatable {
    case mean, median, least, largest
    /// Of values that are 0 or 1.
    case share

    public var name: String {
      switch self {
      case .mean: "the mean"
      case .median: "the median"
      case .least: "the smallest"
      case .largest: "the largest"
      case .share: "the share"
      }
    }
  }

  public init(_ values: [Double], _ statistic: Statistic = .mean, places: Int = 1) {
    self.values = values
    self.statistic = statistic
    self.places = places
  }

  /// NaN without values, which meets no bound.
  public var mean: Double { values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count) }

  /// Standard deviation of the values, with n - 1; nil for fewer than two.
  public var deviation: Double? {
    guard values.count > 1 else { return nil }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }

  /// The value below which `share` of all values are, the nearest one; NaN without values.
  public func quantile(_ share: Double) -> Double {
    guard !values.isEmpty else { return .nan }
    return values.sorted()[Int((Double(values.count - 1) * share).rounded())]
  }

  /// The number that is held against a bound.
  public var decisive: Double {
    switch statistic {
    case .mean, .share: mean
    case .median: quantile(0.5)
    case .least: values.min() ?? .nan
    case .largest: values.max() ?? .nan
    }
  }

  public var text: String {
    let value = decimal(decisive, places: places)
    guard values.count > 1 else { return value }
    switch statistic {
    case .mean: return "\(value) +- \(decimal(deviation ?? 0, places: places)) (\(values.count))"
    case .share: return "\(value) (\(values.count))"
    case .median: return "median \(value), p90 \(decimal(quantile(0.9), places: places)) (\(values.count))"
    case .least: return "smallest \(value) (\(values.count))"
    case .largest: return "largest \(value) (\(values.count))"
    }
  }
}

/// What a figure has to be.
public enum Bound: Sendable, Equatable {
  case atLeast(Double)
  case atMost(Double)
  case above(Double)
  case within(ClosedRange<Double>)
  case exactly(Double)

  public func holds(_ value: Double) -> Bool {
    switch self {
    case .atLeast(let least): value >= least
    case .atMost(let most): value <= most
    case .above(let least): value > least
    case .within(let range): range.contains(value)
    case .exactly(let exact): value == exact
    }
  }

  public func text(places: Int) -> String {
    func number(_ value: Double) -> String {
      value == value.rounded() ? decimal(value, places: 0) : decimal(value, places: places)
    }
    switch self {
    case .atLeast(let least): return "at least \(number(least))"
    case .atMost(let most): return "at most \(number(most))"
    case .above(let least): return "above \(number(least))"
    case .within(let range): return "\(number(range.lowerBound)) to \(number(range.upperBound))"
    case .exactly(let exact): return "exactly \(number(exact))"
    }
  }
}
