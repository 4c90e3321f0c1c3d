import Domain

/// Labelled rows of one fold, with their groups and, where a teacher answered, its logits.
public struct TrainingRows: Sendable, Equatable {
  /// Raw features [rowCount, featureCount].
  public let inputs: [Float]
  /// What the features of one row are.
  public let input: InputShape
  public var featureCount: Int { input.count }
  /// [rowCount], 0 ..< classCount.
  public let labels: [Int]
  public let classCount: Int
  /// [rowCount], 0 ..< groupCount.
  public let groups: [Int]
  public let groupCount: Int
  /// [rowCount, classCount], from a teacher not fitted to these rows where that can be had.
  public let teacherLogits: [Float]?
  /// Rows per group.
  public let groupSizes: [Int]
  /// Rows whose group is not known for sure: the groups they may be of, shares summing to 1. They are trained on for
  /// those groups and counted, wherever rows are counted, under their own.
  public let softGroups: [Int: [GroupShare]]

  public var count: Int { labels.count }

  /// - Throws: `DistilError.invalidRows` when counts disagree, an index is out of range or a value is not finite.
  public init(
    inputs: [Float], input: InputShape, labels: [Int], classCount: Int, groups: [Int], groupCount: Int,
    teacherLogits: [Float]? = nil, softGroups: [Int: [GroupShare]] = [:]
  ) throws(DistilError) {
    guard input.isValid, classCount > 1, groupCount > 0 else {
      throw .invalidRows("they need features, two classes and a group")
    }
    guard labels.count.multipliedReportingOverflow(by: input.count) == (inputs.count, false) else {
      throw .invalidRows("\(labels.count) labels do not fit \(inputs.count) values of \(input.count) features")
    }
    guard groups.count == labels.count else {
      throw .invalidRows("there are \(labels.count) labels and \(groups.count) groups")
    }
    guard labels.allSatisfy((0..<classCount).contains) else {
      throw .invalidRows("a label is not one of 0...\(classCount - 1)")
    }
    guard groups.allSatisfy((0..<groupCount).contains) else {
      throw .invalidRows("a group is not one of 0...\(groupCount - 1)")
    }
    guard inputs.allSatisfy(\.isFinite) else { throw .invalidRows("a feature is not a finite number") }
    if let teacherLogits {
      guard teacherLogits.count == labels.count * classCount else {
        throw .invalidRows("\(labels.count) rows of \(classCount) classes do not fit \(teacherLogits.count) logits")
      }
      guard teacherLogits.allSatisfy(\.isFinite) else { throw .invalidRows("a teacher logit is not a finite number") }
    }
    for (row, shares) in softGroups {
      guard labels.indices.contains(row), !shares.isEmpty,
        shares.allSatisfy({ (0..<groupCount).contains($0.group) && (0...1).contains($0.share) }),
        abs(shares.reduce(0) { $0 + $1.share } - 1) < 1e-6
      else { throw .invalidRows("the groups that row \(row) may be of are no shares that sum to 1") }
    }
    self.inputs = inputs
    self.input = input
    self.labels = labels
    self.classCount = classCount
    self.groups = groups
    self.groupCount = groupCount
    self.teacherLogits = teacherLogits
    self.softGroups = softGroups
    var sizes = Array(repeating: 0, count: groupCount)
    for group in groups { sizes[group] += 1 }
    groupSizes = sizes
  }

  /// The same for rows that are plain lists of measurements.
  public init(
    inputs: [Float], featureCount: Int, labels: [Int], classCount: Int, groups: [Int], groupCount: Int,
    teacherLogits: [Float]? = nil
  ) throws(DistilError) {
    try self.init(
      inputs: inputs, input: .vector(count: featureCount), labels: labels, classCount: classCount, groups: groups,
      groupCount: groupCount, teacherLogits: teacherLogits)
  }

  private init(_ rows: TrainingRows, at indices: [Int]) {
    func pick<Element>(_ values: [Element], width: Int) -> [Element] {
      var picked: [Element] = []
      picked.reserveCapacity(indices.count * width)
      for index in indices { picked.append(contentsOf: values[(index * width)..<((index + 1) * width)]) }
      return picked
    }
    inputs = pick(rows.inputs, width: rows.featureCount)
    input = rows.input
    labels = pick(rows.labels, width: 1)
    classCount = rows.classCount
    groups = pick(rows.groups, width: 1)
    groupCount = rows.groupCount
    teacherLogits = rows.teacherLogits.map { pick($0, width: rows.classCount) }
    var soft: [Int: [GroupShare]] = [:]
    if !rows.softGroups.isEmpty {
      for (position, index) in indices.enumerated() { soft[position] = rows.softGroups[index] }
    }
    softGroups = soft
    var sizes = Array(repeating: 0, count: groupCount)
    for group in groups { sizes[group] += 1 }
    groupSizes = sizes
  }

  /// The rows at these indices, in this order.
  public func subset(_ indices: [Int]) -> TrainingRows {
    TrainingRows(self, at: indices)
  }

  /// These rows and then the others, without any teacher's logits.
  ///
  /// - Throws: `DistilError.invalidRows` for rows of other features, classes or groups.
  func appending(_ others: TrainingRows) throws(DistilError) -> TrainingRows {
    guard others.input == input, others.classCount == classCount, others.groupCount == groupCount else {
      throw .invalidRows("rows to be put together have other features, classes or groups")
    }
    var soft = softGroups
    for (row, shares) in others.softGroups { soft[count + row] = shares }
    return try TrainingRows(
      inputs: inputs + others.inputs, input: input, labels: labels + others.labels, classCount: classCount,
      groups: groups + others.groups, groupCount: groupCount, softGroups: soft)
  }

  /// The same rows with a teacher's logits [rowCount, classCount], or without any.
  public func with(teacherLogits: [Float]?) throws(DistilError) -> TrainingRows {
    try TrainingRows(
      inputs: inputs, input: input, labels: labels, classCount: classCount, groups: groups, groupCount: groupCount,
      teacherLogits: teacherLogits, softGroups: softGroups)
  }

  /// The same rows with other groups for those whose group is not known for sure.
  public func with(softGroups: [Int: [GroupShare]]) throws(DistilError) -> TrainingRows {
    try TrainingRows(
      inputs: inputs, input: input, labels: labels, classCount: classCount, groups: groups, groupCount: groupCount,
      teacherLogits: teacherLogits, softGroups: softGroups)
  }
}

/// Rows that were served but whose outcome never came: inputs and what the teacher says of them.
public struct UnlabelledRows: Sendable, Equatable {
  /// Raw features [rowCount, featureCount].
  public let inputs: [Float]
  public let featureCount: Int
  /// [rowCount, classCount].
  public let teacherLogits: [Float]
  public let classCount: Int
  /// [rowCount], 0 ..< groupCount of the labelled rows or any other numbering: groups are drawn equally often.
  public let groups: [Int]

  public var count: Int { groups.count }

  /// - Throws: `DistilError.invalidRows` when counts disagree or a value is not finite.
  public init(
    inputs: [Float], featureCount: Int, teacherLogits: [Float], classCount: Int, groups: [Int]
  ) throws(DistilError) {
    guard featureCount > 0, classCount > 1, !groups.isEmpty, groups.allSatisfy({ $0 >= 0 }) else {
      throw .invalidRows("unlabelled rows need features, two classes and a group each")
    }
    guard groups.count.multipliedReportingOverflow(by: featureCount) == (inputs.count, false),
      groups.count.multipliedReportingOverflow(by: classCount) == (teacherLogits.count, false)
    else { throw .invalidRows("unlabelled inputs, teacher logits and groups have different row counts") }
    guard inputs.allSatisfy(\.isFinite), teacherLogits.allSatisfy(\.isFinite) else {
      throw .invalidRows("an unlabelled row holds a value that is not a finite number")
    }
    self.inputs = inputs
    self.featureCount = featureCount
    self.teacherLogits = teacherLogits
    self.classCount = classCount
    self.groups = groups
  }
}
