import NeuralNet

/// Partners for rows of small groups: another row of the same group and class, and how much of it to mix in (Zhang et
/// al. 2018, within a class, so that labels stay what they are).
struct InClassMixup {
  private let members: [Int: [Int]]
  private let classCount: Int

  /// - Parameter below: groups with fewer rows are mixed.
  init(_ rows: TrainingRows, below: Int) {
    var members: [Int: [Int]] = [:]
    for row in 0..<rows.count where rows.groupSizes[rows.groups[row]] < below {
      members[rows.groups[row] * rows.classCount + rows.labels[row], default: []].append(row)
    }
    self.members = members.filter { $0.value.count > 1 }
    classCount = rows.classCount
  }

  /// Nil for rows that stay as they are. The share is Beta(2, 2): the middle one of three uniform numbers.
  func partner(of row: Int, in rows: TrainingRows, random: inout Generator) -> (row: Int, share: Float)? {
    guard let pool = members[rows.groups[row] * classCount + rows.labels[row]] else { return nil }
    let partner = pool[random.index(below: pool.count)]
    let (first, second, third) = (random.uniform(), random.uniform(), random.uniform())
    let middle = max(min(first, second), min(max(first, second), third))
    return (partner, Float(middle))
  }
}
