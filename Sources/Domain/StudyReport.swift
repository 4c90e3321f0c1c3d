/// What `kaizenctl study` found out about the ways of training on one file of parts.
///
/// The first members are the schema that scripts read; what follows is what its text and its page need besides.
public struct StudyReport: Sendable, Equatable, Codable {
  public let schema: Int
  /// In the order the methods were asked for.
  public let results: [StudyResult]
  /// What the default recipe kept; null where it was not among the methods.
  public let chosen: Nullable<StudyChoice>
  /// Every method against the first of the baselines, or against the first method.
  public let differences: [StudyDifference]
  /// What the figures support and what not, most important first.
  public let sentences: [String]
  /// The file's name without its folder.
  public let file: String
  public let groups: [StudyGroup]
  public let student: StudyStudent
  /// Of the first seed, where each seed trains its own; nil where no method needs one.
  public let teacher: StudyTeacherReport?
  public let seeds: [UInt64]
  /// Of the first seed; methods that weigh nothing have none.
  public let weights: [StudyWeights]
  /// Results are bit-identical only on the same one.
  public let instructionSet: String
  /// By the wall clock, all seeds and methods.
  public let seconds: Double
  /// Anything a person should know that no number above says.
  public let remarks: [String]

  public static let schemaVersion = 1
  /// Between the training process and the command that started it.
  public static let resultFile = "study.json"

  public init(
    results: [StudyResult], chosen: StudyChoice?, differences: [StudyDifference], sentences: [String], file: String,
    groups: [StudyGroup], student: StudyStudent, teacher: StudyTeacherReport?, seeds: [UInt64],
    weights: [StudyWeights], instructionSet: String, seconds: Double, remarks: [String]
  ) {
    schema = Self.schemaVersion
    self.results = results
    self.chosen = Nullable(chosen)
    self.differences = differences
    self.sentences = sentences
    self.file = file
    self.groups = groups
    self.student = student
    self.teacher = teacher
    self.seeds = seeds
    self.weights = weights
    self.instructionSet = instructionSet
    self.seconds = seconds
    self.remarks = remarks
  }
}

/// A value that stands in JSON as itself or as `null`; a plain optional would be left out.
public struct Nullable<Value: Sendable & Equatable & Codable>: Sendable, Equatable, Codable {
  public let value: Value?

  public init(_ value: Value?) { self.value = value }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    value = container.decodeNil() ? nil : try container.decode(Value.self)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if let value { try container.encode(value) } else { try container.encodeNil() }
  }
}

/// A figure over seeds.
public struct StudyMeasure: Sendable, Equatable, Codable {
  public let mean: Double
  /// Of the sample (n - 1); nil for one seed, because 0 would be a lie.
  public let sd: Double?

  public init(mean: Double, sd: Double?) {
    self.mean = mean
    self.sd = sd
  }
}

/// One group of the file and how many of its labelled rows each fold has.
public struct StudyGroup: Sendable, Equatable, Codable {
  /// As people read it, `product=A7,outcome=dent`.
  public let name: String
  public let train: Int
  public let select: Int
  public let test: Int
  /// Whether it may be the worst group; groups with few test rows are shown and not ranked.
  public let isRanked: Bool
  /// On the select rows, of the first seed; nil without a teacher or rows.
  public let teacherAccuracy: Double?

  /// With fewer test rows one row is more than five points, and the worst group would be the unluckiest.
  public static let rankedRowsMinimum = 20

  public init(name: String, train: Int, select: Int, test: Int, teacherAccuracy: Double?) {
    self.name = name
    self.train = train
    self.select = select
    self.test = test
    isRanked = test >= Self.rankedRowsMinimum
    self.teacherAccuracy = teacherAccuracy
  }
}

public struct StudyStudent: Sendable, Equatable, Codable {
  public let description: String
  public let parameters: Int

  public init(description: String, parameters: Int) {
    self.description = description
    self.parameters = parameters
  }
}

public struct StudyTeacherReport: Sendable, Equatable, Codable {
  public let name: String
  public let verdict: TeacherVerdict
  public let sentence: String

  public init(name: String, verdict: TeacherVerdict, sentence: String) {
    self.name = name
    self.verdict = verdict
    self.sentence = sentence
  }
}

/// What one method gave over all seeds, on the test rows.
public struct StudyResult: Sendable, Equatable, Codable {
  public let method: StudyMethod
  /// Over all test rows, whatever their group.
  public let meanAccuracy: StudyMeasure
  /// Of each seed's worst ranked group; nil where no group is ranked.
  public let worstGroupAccuracy: StudyMeasure?
  /// The ranked group with the lowest mean over seeds; its mean may be above `worstGroupAccuracy`, where different
  /// seeds have different worst groups.
  public let worstGroup: String?
  public let worstGroupN: Int?
  /// Of one training, mean over seeds.
  public let seconds: Double
  public let perSeed: [StudySeedResult]
  /// In the order of the report's groups; those without test rows have no accuracy.
  public let groups: [StudyGroupResult]

  public init(
    method: StudyMethod, meanAccuracy: StudyMeasure, worstGroupAccuracy: StudyMeasure?, worstGroup: String?,
    worstGroupN: Int?, seconds: Double, perSeed: [StudySeedResult], groups: [StudyGroupResult]
  ) {
    self.method = method
    self.meanAccuracy = meanAccuracy
    self.worstGroupAccuracy = worstGroupAccuracy
    self.worstGroup = worstGroup
    self.worstGroupN = worstGroupN
    self.seconds = seconds
    self.perSeed = perSeed
    self.groups = groups
  }
}

/// One training.
public struct StudySeedResult: Sendable, Equatable, Codable {
  public let seed: UInt64
  public let meanAccuracy: Double
  public let worstGroupAccuracy: Double?
  public let worstGroup: String?
  public let seconds: Double
  /// Optimizer steps until the kept checkpoint.
  public let steps: Int
  /// What was kept and why, where the method chooses among arms or declines to distil.
  public let choice: String?

  public init(
    seed: UInt64, meanAccuracy: Double, worstGroupAccuracy: Double?, worstGroup: String?, seconds: Double, steps: Int,
    choice: String?
  ) {
    self.seed = seed
    self.meanAccuracy = meanAccuracy
    self.worstGroupAccuracy = worstGroupAccuracy
    self.worstGroup = worstGroup
    self.seconds = seconds
    self.steps = steps
    self.choice = choice
  }
}

/// One group under one method.
public struct StudyGroupResult: Sendable, Equatable, Codable {
  public let group: String
  /// nil without test rows.
  public let accuracy: StudyMeasure?
  /// 95 % interval of one student's accuracy on rows like these, at the mean over seeds (Clopper-Pearson).
  public let lower: Double?
  public let upper: Double?

  public init(group: String, accuracy: StudyMeasure?, lower: Double?, upper: Double?) {
    self.group = group
    self.accuracy = accuracy
    self.lower = lower
    self.upper = upper
  }
}

/// A method against the baseline, seed by seed: same rows, same teacher, same first parameters.
public struct StudyDifference: Sendable, Equatable, Codable {
  public let method: StudyMethod
  public let baseline: StudyMethod
  public let meanAccuracy: PairedMeasure
  public let worstGroupAccuracy: PairedMeasure?
  /// About the worst group; nil where no group is ranked.
  public let verdict: StudyVerdict?

  public init(
    method: StudyMethod, baseline: StudyMethod, meanAccuracy: PairedMeasure, worstGroupAccuracy: PairedMeasure?,
    verdict: StudyVerdict?
  ) {
    self.method = method
    self.baseline = baseline
    self.meanAccuracy = meanAccuracy
    self.worstGroupAccuracy = worstGroupAccuracy
    self.verdict = verdict
  }
}

/// What the seeds say of a method against the baseline.
public enum StudyVerdict: String, Sendable, Codable {
  case better, worse
  /// All signs agree, but there are too few seeds or their ranges overlap.
  case leansBetter = "leans-better"
  case leansWorse = "leans-worse"
  /// Not told apart.
  case open
}

/// Method minus baseline over pairs of one seed each.
public struct PairedMeasure: Sendable, Equatable, Codable {
  public let mean: Double
  /// Of the sample (n - 1); nil for one pair.
  public let sd: Double?
  /// Seeds in which the method was better, and worse; the others are ties.
  public let better: Int
  public let worse: Int
  public let pairs: Int

  public init(mean: Double, sd: Double?, better: Int, worse: Int, pairs: Int) {
    self.mean = mean
    self.sd = sd
    self.better = better
    self.worse = worse
    self.pairs = pairs
  }
}

/// What the default recipe kept, per seed.
public struct StudyChoice: Sendable, Equatable, Codable {
  public struct Kept: Sendable, Equatable, Codable {
    public let seed: UInt64
    /// The recipe's own name for a way of training; `erm` where plain training stays.
    public let arm: String
    /// No challenger was better: plain training stays.
    public let isIncumbent: Bool
    /// In the recipe's own words.
    public let why: String?

    public init(seed: UInt64, arm: String, isIncumbent: Bool, why: String?) {
      self.seed = seed
      self.arm = arm
      self.isIncumbent = isIncumbent
      self.why = why
    }
  }

  public let method: StudyMethod
  public let perSeed: [Kept]
  /// Whether what it kept did better than the incumbent, in a sentence.
  public let sentence: String

  public init(method: StudyMethod, perSeed: [Kept], sentence: String) {
    self.method = method
    self.perSeed = perSeed
    self.sentence = sentence
  }
}

/// How one training's group weights moved, thinned for a plot.
public struct StudyWeights: Sendable, Equatable, Codable {
  public struct Course: Sendable, Equatable, Codable {
    public let group: String
    /// One at each of `steps`; all groups of one step sum to 1.
    public let weights: [Double]
    /// Why the group had its weight, in a sentence.
    public let reason: String?

    public init(group: String, weights: [Double], reason: String?) {
      self.group = group
      self.weights = weights
      self.reason = reason
    }
  }

  public let method: StudyMethod
  public let seed: UInt64
  public let steps: [Int]
  public let groups: [Course]

  /// More points are not seen on a page.
  public static let pointsMaximum = 25

  public init(method: StudyMethod, seed: UInt64, steps: [Int], groups: [Course]) {
    self.method = method
    self.seed = seed
    self.steps = steps
    self.groups = groups
  }
}

extension StudyMethod {
  /// What it is, for people who do not know its name; GroupDistil is called a reconstruction wherever a person reads of
  /// it, because only the abstract of its paper could be read.
  public var explanation: String {
    switch self {
    case .erm: "labels alone, every row equally often: plain training"
    case .balanced: "labels alone, every group equally often"
    case .groupDRO: "labels alone, groups weighted by their losses (Group DRO, Sagawa et al. 2020)"
    case .kd: "plain distillation from the teacher, every row equally often"
    case .kdBalanced: "distillation from the teacher, every group equally often"
    case .groupDistilRaw: "GroupDistil (our reconstruction of arXiv 2311.00476) with weights moved by the loss itself"
    case .groupDistil: "GroupDistil (our reconstruction of arXiv 2311.00476) with scale-free, bounded weights"
    case .groupDistilHeldOut: "the same, its weights driven by losses on held-out rows"
    case .dfr: "distillation, then the last layer fitted again on balanced select rows, which are training rows for it"
    case .portfolio: "the default recipe: several of these, one kept by held-out rows"
    }
  }
}
