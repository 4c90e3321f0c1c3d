import Domain
import NeuralNet
import PlantSimulation
import Testing

private func line(_ name: String, seed: UInt64 = 1) throws -> SimulatedLine {
  SimulatedLine(scenario: try #require(Scenario.named(name)), index: 0, seed: seed)
}

/// FNV-1a, 64 bits.
private func checksum(_ text: String) -> UInt64 {
  text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
}

/// How often the nearest of these class means is right; features are independent with equal spread around them.
private func accuracy(_ means: [[Double]], _ spreads: [Double], _ parts: (features: [Float], labels: [Int])) -> Double {
  let width = spreads.count
  let right = parts.labels.indices.count { row in
    let distances = means.map { mean in
      (0..<width).reduce(0.0) { sum, feature in
        let distance = (Double(parts.features[row * width + feature]) - mean[feature]) / spreads[feature]
        return sum + distance * distance
      }
    }
    return distances.indices.min { distances[$0] < distances[$1] } == parts.labels[row]
  }
  return Double(right) / Double(parts.labels.count)
}

private func fitted(_ parts: (features: [Float], labels: [Int]), classCount: Int) -> (
  means: [[Double]], spreads: [Double]
) {
  let width = parts.features.count / parts.labels.count
  var means = Array(repeating: Array(repeating: 0.0, count: width), count: classCount)
  var counts = Array(repeating: 0.0, count: classCount)
  for (row, label) in parts.labels.enumerated() {
    counts[label] += 1
    for feature in 0..<width { means[label][feature] += Double(parts.features[row * width + feature]) }
  }
  for label in means.indices { means[label] = means[label].map { $0 / counts[label] } }
  var squares = Array(repeating: 0.0, count: width)
  for (row, label) in parts.labels.enumerated() {
    for feature in 0..<width {
      let distance = Double(parts.features[row * width + feature]) - means[label][feature]
      squares[feature] += distance * distance
    }
  }
  return (means, squares.map { ($0 / Double(parts.labels.count)).squareRoot() })
}

@Suite struct LoopStoriesTests {
  @Test(
    arguments: [
      ("demo", 1, 0x00F5_A335_16B2_2A65), ("demo", 5, 0x50F9_9525_DB71_924B), ("small", 1, 0x18A9_0F07_A508_BDE6),
      ("small", 5, 0xA5CB_A5F5_6998_DCB1),
    ] as [(String, UInt64, UInt64)])
  func `older plants are to the digit what they always were`(name: String, seed: UInt64, expected: UInt64) throws {
    #expect(checksum(HistoryFile.text(try line(name, seed: seed))) == expected)
  }

  @Test func `every plant has a name of its own and fails where and when it says`() throws {
    #expect(Set(Scenario.all.map(\.name)).count == Scenario.all.count)
    #expect(Scenario.loopNames.count == 8 && Scenario.loopNames.allSatisfy { Scenario.named($0) != nil })
    let quiet = try line("no-failure")
    for name in Scenario.loopNames {
      let plant = try line(name)
      let day = plant.scenario.days - 1
      let failing = Set(plant.scenario.failures.map(\.cell))
      for cell in plant.scenario.cells where !failing.contains(cell) {
        let (own, sound) = (plant.parts(day: day), quiet.parts(day: day))
        #expect(own.filter { $0.cell == cell }.map(\.features).count == sound.filter { $0.cell == cell }.count)
        #expect(own.allSatisfy { failing.contains($0.cell) || $0.reportedLabel == $0.label })
      }
      for failure in plant.scenario.failures where failure.changesParts {
        #expect(plant.world(cell: failure.cell, day: failure.day - 1) == .asBefore)
        #expect(plant.world(cell: failure.cell, day: failure.day) != .asBefore)
      }
    }
  }

  @Test func `a drift grows day by day to the end of its ramp and no further`() throws {
    let failure = try #require(Scenario.named("drifting-sensor")?.failure)
    let turns = (failure.day - 1..<failure.day + failure.rampDays + 5).map { failure.world(day: $0).turn }
    #expect(turns.first == 0 && turns.last == failure.turn)
    #expect(zip(turns, turns.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(turns.count { $0 == failure.turn } == 6)
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `noise spoils outcomes of one group and no part`(seed: UInt64) throws {
    let (noisy, quiet) = (try line("label-noise", seed: seed), try line("no-failure", seed: seed))
    let failure = try #require(noisy.scenario.failure)
    #expect(!failure.changesParts && failure.isHopeless)
    var (wrong, count) = (0, 0)
    for day in failure.day..<failure.day + 20 {
      for part in noisy.parts(day: day) where part.cell == failure.cell {
        count += 1
        wrong += part.reportedLabel == part.label ? 0 : 1
      }
    }
    #expect(abs(Double(wrong) / Double(count) - 0.15) < 0.03)
    #expect(noisy.parts(day: failure.day - 1).allSatisfy { $0.reportedLabel == $0.label })
    let cell = try #require(noisy.scenario.cells.first { $0 != failure.cell })
    #expect(
      noisy.parts(day: 30).filter { $0.cell == cell }.map(\.features)
        == quiet.parts(day: 30).filter { $0.cell == cell }.map(\.features))
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `classes that crowd together are hardly told apart better by who has learned them anew`(seed: UInt64) throws {
    let plant = try line("inseparable-group", seed: seed)
    let failure = try #require(plant.scenario.failure)
    let crowded = plant.world(cell: failure.cell, day: failure.day)
    let old = fitted(plant.freshParts(of: failure.cell, in: .asBefore, count: 4000, sample: 1), classCount: 3)
    let new = fitted(plant.freshParts(of: failure.cell, in: crowded, count: 4000, sample: 1), classCount: 3)
    let parts = plant.freshParts(of: failure.cell, in: crowded, count: 4000, sample: 0)
    let (before, after) = (accuracy(old.means, old.spreads, parts), accuracy(new.means, new.spreads, parts))
    #expect((0.55...0.8).contains(before), "\(before)")
    #expect(abs(after - before) < 0.03, "\(before), \(after)")
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func `a visible failure moves parts where nothing else does, an invisible one keeps their place`(seed: UInt64) throws
  {
    func distance(_ name: String) throws -> Double {
      let plant = try line(name, seed: seed)
      let failure = try #require(plant.scenario.failure)
      let before = plant.freshParts(of: failure.cell, in: .asBefore, count: 3000, sample: 0)
      let after = plant.freshParts(
        of: failure.cell, in: plant.world(cell: failure.cell, day: failure.day), count: 3000, sample: 0)
      let spreads = fitted(before, classCount: 3).spreads
      let width = spreads.count
      // Means over the classes, each as heavy: a turn of the circle leaves its centre in place.
      let (old, new) = (fitted(before, classCount: 3).means, fitted(after, classCount: 3).means)
      return (0..<width).reduce(0.0) { sum, feature in
        let gap = (0..<3).reduce(0.0) { $0 + new[$1][feature] - old[$1][feature] } / 3 / spreads[feature]
        return sum + gap * gap
      }.squareRoot()
    }
    #expect(try distance("clear-failure") < 0.2)
    #expect(abs(try distance("teacher-stale") - 3) < 0.2)
    #expect(try distance("teacher-stale") == distance("teacher-knows"))
  }

  @Test func `fresh parts are the same for the same sample and never those that are streamed`() throws {
    let plant = try line("clear-failure")
    let cell = plant.scenario.cells[0]
    let first = plant.freshParts(of: cell, in: .asBefore, count: 200, sample: 0)
    #expect(first.features == plant.freshParts(of: cell, in: .asBefore, count: 200, sample: 0).features)
    #expect(first.features != plant.freshParts(of: cell, in: .asBefore, count: 200, sample: 1).features)
    let streamed = Set((-3..<10).flatMap { plant.parts(day: $0) }.map { $0.features[0] })
    #expect(first.labels.indices.count { streamed.contains(first.features[$0 * 12]) } < 3)
  }
}
