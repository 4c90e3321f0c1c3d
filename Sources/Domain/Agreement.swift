/// What the daemon asks of one nightly process: how often a line's students said what the teacher says, on a sample of a
/// day's parts. Written as `spec.json` into a folder, answered by `report.json` (an `AgreementReport`) beside it.
public struct AgreementSpec: Sendable, Equatable, Codable {
  public let definition: LineDefinition
  public let teacher: TeacherSource
  /// Days since 1970 in the line's time: for the report alone.
  public let day: Int64
  /// Rows of the ledger with `after < row <= through` are that day's.
  public let after: Int64
  public let through: Int64

  public static let specFile = "spec.json"
  public static let reportFile = "report.json"

  /// One in a hundred of a day's parts, but enough to say something and not more than a teacher answers in a minute.
  public static let partsShare = 0.01
  public static let partsMinimum = 200
  public static let partsMaximum = 2000

  public static func sampleSize(of parts: Int) -> Int {
    min(max(Int(Double(parts) * partsShare), partsMinimum), partsMaximum)
  }

  public init(definition: LineDefinition, teacher: TeacherSource, day: Int64, after: Int64, through: Int64) {
    self.definition = definition
    self.teacher = teacher
    self.day = day
    self.after = after
    self.through = through
  }
}

/// How often student and teacher agreed on a sample of a day.
public struct AgreementReport: Sendable, Equatable, Codable {
  public struct CellCount: Sendable, Equatable, Codable {
    public let cell: Cell
    /// The student that answered.
    public let version: ModelVersion
    public let parts: Int
    public let agreed: Int

    public init(cell: Cell, version: ModelVersion, parts: Int, agreed: Int) {
      self.cell = cell
      self.version = version
      self.parts = parts
      self.agreed = agreed
    }
  }

  public let day: Int64
  /// Parts of the day, with or without features.
  public let dayParts: Int
  /// In order of cells and versions.
  public let cells: [CellCount]
  /// Why the teacher could not be asked; nil where it was.
  public let absent: String?

  public init(day: Int64, dayParts: Int, cells: [CellCount], absent: String?) {
    self.day = day
    self.dayParts = dayParts
    self.cells = cells
    self.absent = absent
  }
}
