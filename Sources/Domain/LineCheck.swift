/// What a file of parts would make of a line, found out before anything is trained.
public struct LineCheck: Sendable, Equatable, Codable {
  /// Labelled rows of each group in each fold.
  public let groups: [NamedFolds]
  /// The same for each class.
  public let classes: [NamedFolds]
  public let unlabelledRows: Int
  /// `vector`, `window` or `image`.
  public let input: String
  /// The dimensions of one part.
  public let shape: [Int]
  public let student: StudentFigures
  public let latency: LatencyFigures
  /// Who will answer besides the labels, as a sentence without its full stop.
  public let teacher: String
  /// How long the training would take, by its first seconds; nil where it was not tried.
  public let trainingSeconds: Double?
  /// What an operator should know or mend, most important first.
  public let warnings: [String]

  public static let file = "check.json"

  public init(
    groups: [NamedFolds], classes: [NamedFolds], unlabelledRows: Int, input: InputShape, student: StudentFigures,
    latency: LatencyFigures, teacher: String, trainingSeconds: Double?, warnings: [String]
  ) {
    self.groups = groups
    self.classes = classes
    self.unlabelledRows = unlabelledRows
    self.input = input.kind
    shape = input.sizes
    self.student = student
    self.latency = latency
    self.teacher = teacher
    self.trainingSeconds = trainingSeconds
    self.warnings = warnings
  }

  public var inputShape: InputShape? { InputShape(kind: input, sizes: shape) }
  public var labelledRows: Int { groups.reduce(0) { $0 + $1.total } }
}

/// Rows by what they are used for.
public struct NamedFolds: Sendable, Equatable, Codable {
  public let name: String
  public let train: Int
  public let select: Int
  public let heldOut: Int
  public var total: Int { train + select + heldOut }

  public init(name: String, train: Int, select: Int, heldOut: Int) {
    self.name = name
    self.train = train
    self.select = select
    self.heldOut = heldOut
  }
}

/// What a student is made of and what one part costs it.
public struct StudentFigures: Sendable, Equatable, Codable {
  /// Hidden layers in words, such as `conv16k3,max2,32`; empty for none.
  public let layers: String
  public let parameters: Int
  /// Millions of floating-point operations for one part, a multiplication and its addition counted as two.
  public let megaflops: Double

  public init(layers: String, parameters: Int, megaflops: Double) {
    self.layers = layers
    self.parameters = parameters
    self.megaflops = megaflops
  }
}

/// How long a student takes for one part on the machine that was asked: the forward pass alone.
public struct LatencyFigures: Sendable, Equatable, Codable {
  /// From the student's arithmetic and the speed of another student here; says nothing of this one's memory accesses.
  public let predictedMicroseconds: Double
  /// Thousands of millions of operations a second that the other student reached.
  public let referenceGigaflopsPerSecond: Double
  /// Measured, over `passes` passes of one part each.
  public let medianMicroseconds: Double
  public let p99Microseconds: Double
  public let passes: Int

  public init(
    predictedMicroseconds: Double, referenceGigaflopsPerSecond: Double, medianMicroseconds: Double,
    p99Microseconds: Double, passes: Int
  ) {
    self.predictedMicroseconds = predictedMicroseconds
    self.referenceGigaflopsPerSecond = referenceGigaflopsPerSecond
    self.medianMicroseconds = medianMicroseconds
    self.p99Microseconds = p99Microseconds
    self.passes = passes
  }
}
