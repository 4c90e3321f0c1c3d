import Domain
import NeuralNet

extension Standardizer {
  /// Fits to training rows: one scale where the features share a unit, else one a feature.
  ///
  /// Pictures and signals are known to; of a plain list it is inferred (`featuresShareUnit`).
  public init(fitting rows: TrainingRows) {
    let isShared = rows.input.sharesUnit || rows.featuresShareUnit
    self.init(fitting: rows.inputs, featureCount: rows.featureCount, scaling: isShared ? .shared : .perFeature)
  }
}

extension TrainingRows {
  /// Fewer features than this are measurements, however alike their ranges.
  static let sharedUnitFeaturesMinimum = 64

  /// Whether a list of features looks like pixels or samples: many of them, and the middle one of their ranges covers
  /// at least half of the range that all of them together have.
  var featuresShareUnit: Bool {
    guard count > 1, featureCount >= Self.sharedUnitFeaturesMinimum else { return false }
    var lowest = Array(inputs.prefix(featureCount))
    var highest = lowest
    for row in 1..<count {
      for feature in 0..<featureCount {
        let value = inputs[row * featureCount + feature]
        lowest[feature] = min(lowest[feature], value)
        highest[feature] = max(highest[feature], value)
      }
    }
    guard let low = lowest.min(), let high = highest.max(), high > low else { return false }
    let middle = zip(lowest, highest).map { $1 - $0 }.sorted()[featureCount / 2]
    return middle >= 0.5 * (high - low)
  }
}
