import Domain

/// Brings features to mean 0 and spread 1, as measured on the rows it was fitted to.
public struct Standardizer: Sendable, Equatable {
  /// Per feature, finite.
  public let mean: [Float]
  /// 1 / standard deviation per feature, finite; 1 for a constant feature.
  public let inverseScale: [Float]

  /// Farther from the mean, in standard deviations, than any honest reading; keeps a broken sensor's value finite.
  public static let limit: Float = 1000
  /// Whose spread a feature is divided by.
  public enum Scaling: Sendable, Equatable {
    /// Its own: for measurements in different units.
    case perFeature
    /// The root mean square of all: for features of one kind, such as pixels or samples, where dividing a nearly
    /// constant feature by its own spread would blow up noise.
    case shared
  }

  /// A spread below this share of the mean's size is rounding, not information.
  static let smallestRelativeSpread = 1e-6

  public var featureCount: Int { mean.count }

  /// Leaves finite features within `limit` as they are.
  public init(identity featureCount: Int) {
    mean = Array(repeating: 0, count: featureCount)
    inverseScale = Array(repeating: 1, count: featureCount)
  }

  /// Nil unless both have one finite entry per feature.
  public init?(mean: [Float], inverseScale: [Float]) {
    guard mean.count == inverseScale.count, mean.allSatisfy(\.isFinite), inverseScale.allSatisfy(\.isFinite) else {
      return nil
    }
    self.mean = mean
    self.inverseScale = inverseScale
  }

  /// Fits to `rows` of such inputs: one scale where all values share a unit, else one a feature.
  public init(fitting rows: [Float], input: InputShape) {
    self.init(fitting: rows, featureCount: input.count, scaling: input.sharesUnit ? .shared : .perFeature)
  }

  /// Fits to `rows` [rowCount, featureCount]; values that are not finite are left out, no rows give the identity.
  public init(fitting rows: [Float], featureCount: Int, scaling: Scaling = .perFeature) {
    precondition(featureCount > 0 && rows.count % featureCount == 0, "rows hold featureCount values each")
    let rowCount = rows.count / featureCount
    var mean: [Float] = []
    var inverseScale: [Float] = []
    var variances = 0.0
    for feature in 0..<featureCount {
      let values = (0..<rowCount).lazy.map { rows[$0 * featureCount + feature] }.filter(\.isFinite)
      var count = 0.0
      var centre = 0.0
      var squares = 0.0  // Welford's sums: no cancellation for large means.
      for value in values {
        count += 1
        let delta = Double(value) - centre
        centre += delta / count
        squares += delta * (Double(value) - centre)
      }
      let variance = count > 1 ? squares / count : 0
      variances += variance
      let spread = variance.squareRoot()
      let inverse = Float(1 / spread)
      let constant = spread <= Self.smallestRelativeSpread * Swift.abs(centre) || !inverse.isFinite
      mean.append(Float(centre))
      inverseScale.append(constant ? 1 : inverse)
    }
    if scaling == .shared {
      let common = Float(1 / (variances / Double(featureCount)).squareRoot())
      inverseScale = Array(repeating: common.isFinite ? common : 1, count: featureCount)
    }
    self.mean = mean
    self.inverseScale = inverseScale
  }
}

extension Standardizer {
  /// One part's features [featureCount] with the mean of the training rows in the place of every NaN and infinity: what
  /// says nothing must not decide.
  public func fillingIn(_ inputs: [Float]) -> [Float] {
    precondition(inputs.count == featureCount, "a part has a value for every feature")
    return zip(inputs, mean).map { $0.isFinite ? $0 : $1 }
  }
}
