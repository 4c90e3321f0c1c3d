import PlantSimulation

/// A record's answers by day and group.
struct LoopDays {
  /// Parts by day and cell.
  private(set) var parts: [[Int]]
  /// The share each version had, by day and cell.
  private(set) var shares: [[[Int: Double]]]
  private let record: PlantRecord

  init(_ record: PlantRecord, dayCount: Int) {
    self.record = record
    parts = Array(repeating: Array(repeating: 0, count: record.cells.count), count: dayCount)
    shares = Array(repeating: Array(repeating: [:], count: record.cells.count), count: dayCount)
    for answer in record.answers where answer.day < dayCount { parts[answer.day][answer.cell] += answer.parts }
    for answer in record.answers where answer.day < dayCount {
      shares[answer.day][answer.cell][answer.version, default: 0] +=
        Double(answer.parts) / Double(max(1, parts[answer.day][answer.cell]))
    }
  }

  /// What the daemon served.
  /// - Parameter students: the truth's number of each version.
  func course(students: [Int: Int]) throws -> LoopCourse {
    var course = LoopCourse(.ours, student: 0, days: shares.count, cells: record.cells.count)
    for (day, cells) in shares.enumerated() {
      for (cell, versions) in cells.enumerated() {
        course.serving[day][cell] = try versions.sorted { $0.key < $1.key }.map { version, share in
          guard let student = students[version] else { throw BenchFailure("the record lacks version \(version)") }
          return LoopCourse.Share(student: student, share: share)
        }
      }
    }
    course.labels = record.runs.reduce(0) { $0 + ($1.labels ?? 0) }
    course.processorSeconds = record.trainerSeconds
    course.trainings = record.runs.count
    return course
  }

  /// Every student that came to serve a group, judged by the truth of the days it served.
  func newcomers(students: [Int: Int], truth: inout LoopTruth) -> [LoopResult.Judged] {
    var judged: [LoopResult.Judged] = []
    for cell in record.cells.indices {
      for newcomer in Newcomer.all(shares.map { $0[cell] }) {
        guard let old = students[newcomer.old], let new = students[newcomer.new] else { continue }
        var days: [NewcomerDay] = []
        for day in newcomer.day..<shares.count {
          let share = shares[day][cell][newcomer.new] ?? 0
          guard share > 0 else { continue }
          let loss = truth.accuracy(old, cell: cell, day: day) - truth.accuracy(new, cell: cell, day: day)
          days.append(NewcomerDay(share: share, loss: loss))
        }
        let run = record.students.first { $0.version == newcomer.new }?.run
        judged.append(
          LoopResult.Judged(
            cell: record.cells[cell].name, newcomer: newcomer, run: run,
            worstLoss: days.map(\.loss).max() ?? 0, isHarmful: Newcomer.isHarmful(days)))
      }
    }
    return judged
  }

  /// Answers to parts of other cells than `failing` that differ from the first student's, by students that were made for
  /// some groups alone: none, if a scoped promotion leaves the others alone.
  func changes(outside failing: Set<Int>, record: PlantRecord) -> Int {
    let wholeRuns = Set(record.runs.filter { $0.cells.count == record.cells.count }.map(\.run))
    let wholeVersions = Set(record.students.filter { wholeRuns.contains($0.run) }.map(\.version))
    return record.answers.reduce(0) { sum, answer in
      failing.contains(answer.cell) || wholeVersions.contains(answer.version) ? sum : sum + answer.changed
    }
  }
}
