/// How boosted trees are grown.
public struct TreeParameters: Sendable, Equatable {
  /// Rounds at most; a round adds one tree an output.
  public var roundCount = 200
  /// Part of a tree's answer that is added to the scores.
  public var learningRate = 0.1
  public var leafCountMaximum = 31
  /// Splits between root and leaf at most.
  public var depthMaximum = 5
  /// One row may be a leaf: a group of 15 rows cannot be told from others by leaves of 5 (Decisions.md 6).
  public var leafRowsMinimum = 1
  /// Rows' worth of pull of every leaf towards 0.
  public var penalty = 0.1
  /// Cuts a feature's values into so many bins of about equal rows.
  public var binCount = 1024
  /// A tree looks at this share of the features, drawn anew for each: trees that all ask the same one know little.
  public var columnShare = 0.25
  /// ...but at so many, where there are.
  public var columnsMinimum = 16
  /// ...and no more: wide rows would take minutes.
  public var columnsMaximum = 128
  /// Stop after so many rounds without a smaller loss of the select rows.
  public var patience = 30
  public var weighting = RowWeighting.uniform
  public enum RowWeighting: Sendable, Equatable {
    /// Every row counts the same.
    case uniform
    /// Every group counts the same, those too small for a weight of their own together.
    case balanced
    /// A row counts as much as its group here says, against the mean; rows of weight 0 have no say.
    case perGroup([Double])
  }

  public init() {}

  /// A bin's number has 16 bits, and a tree's histograms stay below a few hundred MB.
  public static let binCountMaximum = 4096
  /// A thousand rounds at the usual rate are long past the best one.
  public static let roundCountLimit = 10_000
  /// More leaves are no weak learner, and their histograms need memory.
  public static let leafCountLimit = 1024
  /// Sums of a node's rows are kept in 32 bits; beyond this many rows there would be too few left for each.
  public static let rowCountLimit = 1 << 21
  /// As wide as a line may be.
  public static let featureCountLimit = 1 << 16
  public static let classCountLimit = 1 << 12

  /// Features a tree looks at, of so many.
  func columnCount(of featureCount: Int) -> Int {
    min(featureCount, columnsMaximum, max(columnsMinimum, Int((columnShare * Double(featureCount)).rounded(.up))))
  }

  func validate() throws(DistilError) {
    guard (1...Self.roundCountLimit).contains(roundCount), patience > 0 else {
      throw .invalidParameters("trees are grown in 1 to \(Self.roundCountLimit) rounds, and patience is positive")
    }
    guard learningRate > 0, learningRate <= 1, penalty >= 0, penalty.isFinite else {
      throw .invalidParameters("the learning rate of trees is above 0 and at most 1, their penalty not negative")
    }
    guard (2...Self.leafCountLimit).contains(leafCountMaximum), leafRowsMinimum > 0, depthMaximum > 0 else {
      throw .invalidParameters("a tree has 2 to \(Self.leafCountLimit) leaves of at least one row, and a split")
    }
    guard (2...Self.binCountMaximum).contains(binCount) else {
      throw .invalidParameters("a feature has 2 to \(Self.binCountMaximum) bins, got \(binCount)")
    }
    guard columnShare > 0, columnShare <= 1, columnsMinimum > 0, columnsMaximum >= columnsMinimum else {
      throw .invalidParameters("a tree looks at a share of the features above 0, and at one of them at least")
    }
  }
}
