/// What a line is: fixed when it is added, because every stored row is read by it.
public struct LineDefinition: Sendable, Equatable, Codable {
  public let id: LineID
  public let schema: GroupSchema
  /// What one part is.
  public let input: InputShape
  /// Names of measurements in input order, `input.count` of them; empty for windows and pictures, whose values have a
  /// place instead of a name.
  public let featureNames: [String]
  /// Class names in label order; their count is the student's output width.
  public let classNames: [String]

  /// - Parameters:
  ///   - input: nil for a list of measurements, one a feature name.
  ///   - featureNames: not kept for windows and pictures: a thousand names would travel with every message.
  public init(
    id: LineID, schema: GroupSchema, input: InputShape? = nil, featureNames: [String], classNames: [String]
  ) {
    self.id = id
    self.schema = schema
    let input = input ?? .vector(count: featureNames.count)
    self.input = input
    self.featureNames = input.sharesUnit ? [] : featureNames
    self.classNames = classNames
  }

  private enum Key: String, CodingKey {
    case id, schema, input, featureNames, classNames
  }

  /// Lines of version 0.1 had measurements only and did not say so.
  /// - Throws: also for an input no line can have: its sizes could not even be multiplied.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let input = try values.decodeIfPresent(InputShape.self, forKey: .input)
    if let input, !input.isValid {
      throw InvalidName("a part of a line has 1 to \(InputShape.countMaximum) numbers, got \(input)")
    }
    self.init(
      id: try values.decode(LineID.self, forKey: .id), schema: try values.decode(GroupSchema.self, forKey: .schema),
      input: input,
      featureNames: try values.decode([String].self, forKey: .featureNames),
      classNames: try values.decode([String].self, forKey: .classNames))
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    try values.encode(schema, forKey: .schema)
    try values.encode(input, forKey: .input)
    try values.encode(featureNames, forKey: .featureNames)
    try values.encode(classNames, forKey: .classNames)
  }

  /// Numbers of one part: the student's input width.
  public var featureCount: Int { input.count }

  /// The name of a measurement, or the place of a sample or pixel, for people to read.
  public func featureName(_ index: Int) -> String {
    featureNames.indices.contains(index) ? featureNames[index] : input.place(of: index)
  }

  public func text(_ group: GroupKey) -> String { schema.text(group, classNames: classNames) }
  public func text(_ cell: Cell) -> String { schema.text(cell) }
}
