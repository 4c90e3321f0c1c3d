import Domain

/// Which columns of a parts file mean what.
public struct PartsRequest: Sendable, Equatable {
  public enum Features: Sendable, Equatable {
    /// These columns, in this order.
    case named([String])
    /// Every other column of numbers but these; a `*` at the end of a name stands for any ending.
    case allExcept([String])
  }

  /// Column of the true class, as text or whole numbers.
  public var label: String
  /// Group columns in order, kept as the text in the file.
  public var groups: [String]
  public var features: Features
  /// What a row's feature columns are together, row-major; nil: a list of measurements.
  public var input: InputShape?
  /// Data rows to read, counted from 1; nil for all.
  public var rows: ClosedRange<Int>?
  /// Columns PREFIX0... or PREFIX_0... hold a teacher's logits in label order.
  public var teacherLogitsPrefix: String?
  /// Class names in label order; nil: the distinct labels, sorted (as numbers where all are whole numbers).
  public var classNames: [String]?

  public init(
    label: String, groups: [String], features: Features = .allExcept([]), input: InputShape? = nil,
    rows: ClosedRange<Int>? = nil,
    teacherLogitsPrefix: String? = nil, classNames: [String]? = nil
  ) {
    self.label = label
    self.groups = groups
    self.features = features
    self.input = input
    self.rows = rows
    self.teacherLogitsPrefix = teacherLogitsPrefix
    self.classNames = classNames
  }

  /// A file's own division of its rows, honoured where the column is there.
  public static let splitColumn = "split"
  /// Parts' serial numbers: never a feature unless named, and no part stands in two folds.
  public static let partColumn = "part"
  /// The row's order in the plant: never a feature unless named.
  public static let sequenceColumn = "seq"
  /// Columns starting with this are attributes: never features unless named.
  public static let groupPrefix = "g_"
}

/// What the `split` column says of a row.
public enum PartsSplit: String, Sendable, CaseIterable {
  case train
  case validation = "val"
  case test
  /// No label: for distillation from the teacher alone.
  case unlabelled
}
