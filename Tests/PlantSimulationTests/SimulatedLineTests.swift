import Domain
import Glibc
import Testing
import PlantSimulation

private func scenario(_ name: String) throws -> Scenario {
  try #require(Scenario.all.first { $0.name == name })
}

private func line(_ name: String = "demo", index: Int = 0, seed: UInt64 = 1) throws -> SimulatedLine {
  SimulatedLine(scenario: try scenario(name), index: index, seed: seed)
}

/// Class means and feature variances of one cell: the best rule for independent normal features, fitted to rows.
private struct NearestMean {
  private let means: [[Double]]
  private let variances: [Double]

  init(_ parts: [Part], classCount: Int) {
    let featureCount = parts.first?.features.count ?? 0
    var sums = [[Double]](repeating: Array(repeating: 0, count: featureCount), count: classCount)
    var counts = [Double](repeating: 0, count: classCount)
    for part in parts {
      counts[part.label] += 1
      for (feature, value) in part.features.enumerated() { sums[part.label][feature] += Double(value) }
    }
    let means = zip(sums, counts).map { sum, count in sum.map { $0 / max(count, 1) } }
    variances = (0..<featureCount).map { feature in
      parts.reduce(0) { $0 + square(Double($1.features[feature]) - means[$1.label][feature]) } / Double(parts.count)
    }
    self.means = means
  }

  func accuracy(_ parts: [Part]) -> Double {
    let right = parts.count { part in
      let distances = means.map { mean in
        zip(zip(part.features, mean), variances).reduce(0) { $0 + square(Double($1.0.0) - $1.0.1) / $1.1 }
      }
      return distances.indices.min { distances[$0] < distances[$1] } == part.label
    }
    return Double(right) / Double(parts.count)
  }
}

private func square(_ value: Double) -> Double { value * value }

@Test func `a plant is the same for the same seed and another for another seed, line or day`() throws {
  let first = try line()
  #expect(first.parts(day: 3) == (try line()).parts(day: 3))
  #expect(HistoryFile.text(first) == HistoryFile.text(try line()))
  #expect(first.parts(day: 3).map(\.features) != (try line(seed: 2)).parts(day: 3).map(\.features))
  #expect(first.parts(day: 3).map(\.features) != (try line(index: 1)).parts(day: 3).map(\.features))
  #expect(first.parts(day: 3).map(\.features) != first.parts(day: 4).map(\.features))
}

@Test func `a day does not depend on which days were made before it`() throws {
  let asked = try line()
  let later = asked.parts(day: 9)
  for day in -3..<9 { _ = asked.parts(day: day) }
  #expect(asked.parts(day: 9) == later)
}

@Test(arguments: ["demo", "quiet", "small"])
func `parts of a day are in order, complete and within the day`(name: String) throws {
  let line = try line(name, seed: 7)
  let scenario = line.scenario
  for day in [-1, 0, scenario.days - 1] {
    let parts = line.parts(day: day)
    let start = Scenario.moment(day: day)
    #expect(parts.map(\.time) == parts.map(\.time).sorted())
    #expect(parts.allSatisfy { start <= $0.time && $0.time < start.advanced(hours: 24) })
    #expect(Set(parts.map(\.cell)) == Set(scenario.cells))
    #expect(Set(parts.map(\.id)).count == parts.count)
    #expect(parts.allSatisfy { $0.features.count == scenario.featureCount && $0.features.allSatisfy(\.isFinite) })
    #expect(Set(parts.map(\.label)) == Set(scenario.classNames.indices))
  }
}

@Test func `volumes per group and day lie around the median the scenario names`() throws {
  let line = try line()
  let failing = try #require(line.scenario.failingCell)
  let counts = (0..<40).map { day in line.parts(day: day).count { $0.cell == failing } }.sorted()
  let median = Double(counts[20])
  #expect(abs(log(median / line.scenario.partsPerDay)) < 0.2)
  #expect(counts[0] < counts[39])
}

@Test func `the history is a table a line can be made from`() throws {
  let line = try line("small")
  let rows = HistoryFile.text(line).split(separator: "\n").map {
    $0.split(separator: ",", omittingEmptySubsequences: false)
  }
  #expect(rows[0] == ["seq", "product", "camera", "label", "f1", "f2", "f3", "f4", "f5", "f6"])
  let partCount = (-line.scenario.historyDays..<0).reduce(0) { $0 + line.parts(day: $1).count }
  #expect(rows.count == partCount + 1)
  #expect(rows.dropFirst().allSatisfy { $0.count == 10 })
  let first = try #require(line.parts(day: -line.scenario.historyDays).first)
  #expect(rows[1][3] == line.scenario.classNames[first.label])
  #expect(Float(String(rows[1][4])) == first.features[0])
}

@Test(arguments: [UInt64(1), 2, 3])
func `a failure leaves the classes apart but out of reach of who learned before it`(seed: UInt64) throws {
  let line = try line(seed: seed)
  let failure = try #require(line.scenario.failure)
  let failing = try #require(line.scenario.failingCell)
  let classCount = line.scenario.classNames.count
  func parts(_ days: Range<Int>) -> [Part] { days.flatMap { line.parts(day: $0) }.filter { $0.cell == failing } }
  let old = NearestMean(parts(-12..<0), classCount: classCount)
  #expect(old.accuracy(parts(0..<failure.day)) > 0.94)
  let during = old.accuracy(parts(failure.day..<failure.day + 20))
  #expect((0.5...0.72).contains(during), "accuracy during the failure is \(during)")
  let new = NearestMean(parts(failure.day..<failure.day + 6), classCount: classCount)
  #expect(new.accuracy(parts(failure.day + 6..<failure.day + 20)) > 0.92)
}

@Test(arguments: [UInt64(1), 2, 3])
func `a mild failure costs who learned before it six to ten points`(seed: UInt64) throws {
  let line = try line("mild", seed: seed)
  let failing = try #require(line.scenario.failingCell)
  let failure = try #require(line.scenario.failure)
  func parts(_ days: Range<Int>) -> [Part] { days.flatMap { line.parts(day: $0) }.filter { $0.cell == failing } }
  let old = NearestMean(parts(-12..<0), classCount: line.scenario.classNames.count)
  let drop = old.accuracy(parts(0..<failure.day)) - old.accuracy(parts(failure.day..<failure.day + 40))
  #expect((0.055...0.105).contains(drop), "the drop is \(drop)")
}

@Test func `how the truth comes back changes no part of a plant`() throws {
  for (name, like) in [("late", "demo"), ("rework", "demo"), ("audit-quiet", "quiet"), ("relabelled", "quiet")] {
    let (told, plain) = (try line(name), try line(like))
    for day in [0, 40] { #expect(told.parts(day: day) == plain.parts(day: day)) }
  }
  #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
}

@Test func `the failure touches its own cell only, from its day on`() throws {
  let failing = try line("demo")
  let quiet = try line("quiet")
  let cell = try #require(failing.scenario.failingCell)
  let failureDay = try #require(failing.scenario.failure).day
  for day in [failureDay - 1, failureDay] {
    let (broken, sound) = (failing.parts(day: day), quiet.parts(day: day))
    #expect(broken.filter { $0.cell != cell }.map(\.features) == sound.filter { $0.cell != cell }.map(\.features))
    #expect(broken.filter { $0.cell != cell }.map(\.time) == sound.filter { $0.cell != cell }.map(\.time))
    let pairs = zip(broken.filter { $0.cell == cell }, sound.filter { $0.cell == cell }).prefix(1)
    // The first part of the cell has the same draws in both plants.
    #expect(pairs.allSatisfy { $0.label == $1.label })
    #expect(pairs.allSatisfy { ($0.features == $1.features) == (day < failureDay) })
  }
}

@Test func `several lines are streamed as one plant in order of time, their ids told apart by the prefix`() throws {
  let scenario = try scenario("small").lasting(days: 2)
  let lines = (0..<2).map { SimulatedLine(scenario: scenario, index: $0, seed: 5) }
  let parts = Array(DayByDay(lines, idPrefix: "x-"))
  #expect(parts.map(\.time) == parts.map(\.time).sorted())
  #expect(parts.count == lines.reduce(0) { $0 + $1.parts(day: 0).count + $1.parts(day: 1).count })
  #expect(Set(parts.map(\.line)) == [0, 1])
  #expect(parts.allSatisfy { $0.id.hasPrefix("x-d") })
  #expect(Set(parts.filter { $0.line == 1 }.map(\.id)).count == parts.count { $0.line == 1 })
}
