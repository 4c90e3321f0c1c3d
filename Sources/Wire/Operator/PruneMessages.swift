/// `POST /v1/prune`: take away what the settings of retention give up.
public struct PruneRequest: Codable, Sendable, Equatable {
  /// Only tell.
  public var dryRun: Bool
  /// The operator says that the machine's clock is right, though it has leapt.
  public var trustClock: Bool

  public init(dryRun: Bool, trustClock: Bool) {
    self.dryRun = dryRun
    self.trustClock = trustClock
  }
}

/// About what goes, or has begun to go: no row is looked at for these numbers.
public struct PruneReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var dryRun: Bool
  /// RFC 3339; features received before may go, parts received before too. Left out where nothing goes by age.
  public var featuresBefore: String?
  public var partsBefore: String?
  /// Of each group the features of so many labelled parts stay.
  public var inputsPerGroup: Int
  /// Labelled parts beyond their group's share; those of them that are younger keep their features.
  public var labelledFeatures: Int
  /// Older parts, which lose their features if nobody has labelled them.
  public var unlabelledFeatures: Int
  /// Older parts, which go unless their features are kept.
  public var parts: Int
  public var remarks: [String]
  public var sentence: String

  public init(
    dryRun: Bool, featuresBefore: String?, partsBefore: String?, inputsPerGroup: Int, labelledFeatures: Int,
    unlabelledFeatures: Int, parts: Int, remarks: [String], sentence: String
  ) {
    self.dryRun = dryRun
    self.featuresBefore = featuresBefore
    self.partsBefore = partsBefore
    self.inputsPerGroup = inputsPerGroup
    self.labelledFeatures = labelledFeatures
    self.unlabelledFeatures = unlabelledFeatures
    self.parts = parts
    self.remarks = remarks
    self.sentence = sentence
  }
}
