import Domain
import PlantSimulation
import Wire

/// Streamed parts counted by day, cell, true class and the student that answered.
struct LoopLog {
  let frozenVersion: Int
  let counts: [AnswerCount]
  private let row: LineRow
  private let sortedCells: [Cell]
  private let firstDay: Int64
  private let lastDay: Int64

  init(_ answers: [StreamedPart], row: LineRow, frozenVersion: Int) {
    self.row = row
    self.frozenVersion = frozenVersion
    sortedCells = Set(answers.map(\.cell)).sorted()
    firstDay = answers.map(\.time.day).min() ?? 0
    lastDay = answers.map(\.time.day).max() ?? 0
    let indexes = Dictionary(uniqueKeysWithValues: zip(sortedCells, sortedCells.indices))
    struct Key: Hashable {
      let day: Int64
      let cell: Int
      let label: Int
      let version: Int
    }
    var tallies: [Key: AnswerCount] = [:]
    for part in answers {
      let key = Key(
        day: part.time.day - firstDay, cell: indexes[part.cell] ?? 0, label: part.label, version: part.servedVersion)
      var count =
        tallies[key]
        ?? AnswerCount(
          day: Int(key.day), cell: key.cell, label: key.label, version: key.version, parts: 0, right: 0, frozenRight: 0,
          changed: 0)
      count.parts += 1
      count.right += part.servedClass == part.label ? 1 : 0
      count.frozenRight += part.frozenClass == part.label ? 1 : 0
      count.changed += part.servedClass == part.frozenClass ? 0 : 1
      tallies[key] = count
    }
    counts = tallies.values.sorted {
      ($0.day, $0.cell, $0.label, $0.version) < ($1.day, $1.cell, $1.label, $1.version)
    }
  }

  /// The outcomes still on their way are sent all at once from here on: what comes of them is no part of the story.
  var end: Timestamp { Timestamp(microseconds: (lastDay + 1) * Timestamp.microsecondsPerDay) }

  /// Days since the start of the first part's day.
  func day(_ time: Timestamp) -> Double {
    time.hours(since: Timestamp(microseconds: firstDay * Timestamp.microsecondsPerDay)) / 24
  }

  /// - Throws: `InvalidName` for attributes that make no group.
  func cells() throws -> [RecordedCell] {
    let schema = try GroupSchema(attributes: row.attributes, includesOutcome: false)
    return sortedCells.map { RecordedCell(values: $0.values, name: schema.text($0)) }
  }
}
