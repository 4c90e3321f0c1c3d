import DataFiles
import Domain
import GroupDistil
import NeuralNet
import Statistics

/// What makes a line less than it looks, found by counting alone.
extension FirstLine {
  /// Wider than this a 95 % interval cannot tell a good group from a lagging one.
  private static let intervalWidthMaximum = 0.2
  /// A group of this accuracy is meant when an interval's width is foretold.
  private static let usualAccuracy = 0.9
  /// A request waits this long for its student alone.
  private static let slowMicroseconds = 1000.0
  /// Names in one sentence; the tables have all.
  private static let namesMaximum = 5

  func warnings(_ latency: LatencyFigures) -> [String] {
    [
      smallGroups, uncertainGroups, rareClasses, classesMissingInGroups, constantFeatures, repeatedRows,
      unknownAttributes, slow(latency),
    ].compactMap { $0 } + job.remarks
  }

  private func trainRows(_ indexes: [Int], count: Int, in fold: Fold = .train) -> [Int] {
    var counts = [Int](repeating: 0, count: count)
    for (index, used) in zip(indexes, job.folds.folds) where used == fold { counts[index] += 1 }
    return counts
  }

  private static func named(_ names: [String]) -> String {
    let rest = names.count - namesMaximum
    return names.prefix(namesMaximum).joined(separator: "; ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private var smallGroups: String? {
    let counts = trainRows(job.rows.groups, count: job.groupNames.count)
    let small = zip(job.groupNames, counts).filter { $1 < DistilParameters.minimumGroupRows }
    guard !small.isEmpty else { return nil }
    return "fewer than \(DistilParameters.minimumGroupRows) rows to train on, so these groups share one weight: "
      + Self.named(small.map { "\($0) (\($1))" })
  }

  private var uncertainGroups: String? {
    let counts = trainRows(job.rows.groups, count: job.groupNames.count, in: .heldOut)
    let wide = zip(job.groupNames, counts).compactMap { name, count -> String? in
      let correct = Int((Double(count) * Self.usualAccuracy).rounded())
      guard let interval = clopperPearson(correct: correct, total: count) else { return "\(name) (none held out)" }
      return interval.width > Self.intervalWidthMaximum ? "\(name) (\(count) held out)" : nil
    }
    guard !wide.isEmpty else { return nil }
    return "the accuracy of these groups will be known to within 20 points at best, until outcomes come in: "
      + Self.named(wide)
  }

  private var rareClasses: String? {
    let counts = trainRows(job.rows.labels, count: definition.classNames.count)
    let rare = zip(definition.classNames, counts).filter { $1 < DistilParameters.minimumGroupRows }
    guard !rare.isEmpty else { return nil }
    return "fewer than \(DistilParameters.minimumGroupRows) rows of these classes to train on: "
      + Self.named(rare.map { "\($0) (\($1))" })
  }

  /// Where groups hold the class, the small ones have been named already.
  private var classesMissingInGroups: String? {
    guard !definition.schema.includesOutcome else { return nil }
    let classCount = definition.classNames.count
    let pairs = zip(job.rows.groups, job.rows.labels).map { $0 * classCount + $1 }
    let counts = trainRows(pairs, count: job.groupNames.count * classCount)
    let missing = counts.indices.filter { counts[$0] == 0 }.map {
      "\(definition.classNames[$0 % classCount]) in \(job.groupNames[$0 / classCount])"
    }
    guard !missing.isEmpty else { return nil }
    return "classes no group member shows, which the student cannot learn there: \(Self.named(missing))"
  }

  /// Pictures have borders; a measurement that never moves is a sensor that does not measure.
  private var constantFeatures: String? {
    let rows = job.rows
    let width = rows.featureCount
    var isConstant = [Bool](repeating: true, count: width)
    for row in 1..<max(1, rows.count) {
      for feature in 0..<width where rows.inputs[row * width + feature] != rows.inputs[feature] {
        isConstant[feature] = false
      }
    }
    let names = isConstant.indices.filter { isConstant[$0] }.map(definition.featureName)
    guard !names.isEmpty, !definition.input.sharesUnit || names.count == width else { return nil }
    return "these features are the same in every row and say nothing: \(Self.named(names))"
  }

  private var repeatedRows: String? {
    let rows = job.rows
    let width = rows.featureCount
    var seen = Set<[Float]>()
    for row in job.folds.rows(of: .train) { seen.insert(Array(rows.inputs[row * width..<(row + 1) * width])) }
    let repeated = job.folds.rows(of: .heldOut).count {
      seen.contains(Array(rows.inputs[$0 * width..<($0 + 1) * width]))
    }
    guard repeated > 0 else { return nil }
    return "\(repeated) held-out rows have the very numbers of a training row, which flatters every accuracy; a column"
      + " \"part\" with serial numbers keeps the rows of a part together"
  }

  private var unknownAttributes: String? {
    let missing: Set<String> = [GroupSchema.missingValue, "unknown", "nan", "NaN", "null", "None", "-"]
    let cells = table.cells.filter { !missing.isDisjoint(with: $0.values) }
    guard !cells.isEmpty else { return nil }
    return "the attribute is missing here, and parts without it make a group of their own: "
      + Self.named(cells.map { definition.text($0) })
  }

  private func slow(_ latency: LatencyFigures) -> String? {
    guard latency.medianMicroseconds > Self.slowMicroseconds else { return nil }
    return "one part takes this student more than a millisecond, and all requests wait for one another; fewer channels,"
      + " a larger stride or smaller pictures make it faster"
  }
}
