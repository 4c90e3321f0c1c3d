import Domain
import GroupDistil
import NeuralNet
import Testing

private func rows(_ inputs: [Float], _ input: InputShape, labels: [Int]? = nil) throws -> TrainingRows {
  let count = inputs.count / input.count
  return try TrainingRows(
    inputs: inputs, input: input, labels: labels ?? Array(repeating: 0, count: count), classCount: 2,
    groups: Array(repeating: 0, count: count), groupCount: 1)
}

/// Measurements of many kinds: each normal, with a heavy tail in every third.
private func measurements(_ count: Int, width: Int, _ random: inout Generator) -> [Float] {
  (0..<count * width).map { index in
    let value = random.normal()
    return Float(index % width % 3 == 0 ? value * value * value : value) * Float(1 + index % width)
  }
}

private func outsideShare(_ range: TrainedRange, _ inputs: [Float], width: Int) -> Double {
  let count = inputs.count / width
  let outside = (0..<count).count { !range.holds(Array(inputs[$0 * width..<($0 + 1) * width])) }
  return Double(outside) / Double(count)
}

@Suite struct TrainedRangeTests {
  /// The trap of a plain minimum and maximum: of 300 features one is always a little outside.
  @Test(arguments: [3, 300])
  func `honest parts are called out of range in at most one case in a hundred`(width: Int) throws {
    var random = Generator(seed: 11)
    var shares: [Double] = []
    var plain: [Double] = []
    for _ in 0..<12 {
      let train = try rows(measurements(400, width: width, &random), .vector(count: width))
      let heldOut = try rows(measurements(150, width: width, &random), .vector(count: width))
      let range = TrainedRange(train: train, heldOut: heldOut)
      let later = measurements(300, width: width, &random)
      shares.append(outsideShare(range, later, width: width))
      let ends = (0..<width).map { feature in
        (0..<400).map { train.inputs[$0 * width + feature] }
      }
      plain.append(
        outsideShare(
          TrainedRange(
            lowest: ends.map { $0.min() ?? 0 }, highest: ends.map { $0.max() ?? 0 }, margin: 0, heldOut: 0, outside: 0,
            ignored: []), later, width: width))
    }
    // A hundredth, and what 3600 parts may be off by chance.
    #expect(shares.reduce(0, +) / 12 <= 0.015)
    if width == 300 { #expect(plain.reduce(0, +) / 12 > 0.5, "the plain ends would divert most parts") }
  }

  @Test func `a part of another world is out of range by one number alone`() throws {
    var random = Generator(seed: 5)
    let train = try rows(measurements(400, width: 20, &random), .vector(count: 20))
    let heldOut = try rows(measurements(150, width: 20, &random), .vector(count: 20))
    let range = TrainedRange(train: train, heldOut: heldOut)
    #expect(range.lowest.count == 20 && range.heldOut == 150)
    var part = measurements(1, width: 20, &random)
    #expect(range.holds(part))
    for feature in 0..<20 {
      let kept = part[feature]
      let width = range.highest[feature] - range.lowest[feature]
      for far in [range.highest[feature] + width, range.lowest[feature] - width] {
        part[feature] = far
        #expect(!range.holds(part))
      }
      part[feature] = kept
    }
  }

  @Test func `a counter that runs on is not looked at and does not widen the others`() throws {
    var random = Generator(seed: 9)
    func parts(_ count: Int, from start: Int) throws -> TrainingRows {
      try rows(
        (0..<count).flatMap { [Float($0 + start), Float(random.uniform()), Float(random.uniform())] },
        .vector(count: 3))
    }
    let range = TrainedRange(train: try parts(500, from: 0), heldOut: try parts(200, from: 500))
    #expect(range.ignored == [0])
    #expect(range.margin == 0.1)
    #expect(range.holds([1e9, 0.5, 0.5]))
    #expect(!range.holds([0, 1.2, 0.5]))
  }

  @Test func `pictures and windows have one range for all their numbers`() throws {
    let input = InputShape.image(height: 4, width: 4, channels: 1)
    var random = Generator(seed: 2)
    // The first pixel is always 0, as borders are.
    func pictures(_ count: Int) throws -> TrainingRows {
      try rows((0..<count * 16).map { $0 % 16 == 0 ? 0 : Float(random.uniform() * 255) }, input)
    }
    let range = TrainedRange(train: try pictures(100), heldOut: try pictures(100))
    #expect(range.lowest.count == 1 && range.highest.count == 1)
    #expect(range.highest[0] > 254 && range.highest[0] < 285)
    var picture = [Float](repeating: 100, count: 16)
    #expect(range.holds(picture))
    picture[3] = 400
    #expect(!range.holds(picture))
  }

  @Test func `what the student before was trained on is inside for its clone`() throws {
    var random = Generator(seed: 4)
    func parts(_ count: Int, around centre: Double) throws -> TrainingRows {
      try rows((0..<count).flatMap { _ in [Float(random.uniform() + centre), 24] }, .vector(count: 2))
    }
    let first = TrainedRange(train: try parts(400, around: 0), heldOut: try parts(200, around: 0))
    let clone = TrainedRange(
      train: try parts(200, around: 1), heldOut: try parts(150, around: 1), widening: first)
    #expect(clone.lowest == first.lowest)
    #expect(clone.highest[0] > 2 && clone.highest[0] < 2.2 && clone.highest[1] == first.highest[1])
    #expect(clone.margin == 0.1 && clone.outside == 0)
    #expect(clone.holds([0.5, 24]) && clone.holds([1.5, 24]) && !clone.holds([3, 24]) && !clone.holds([0.5, 20]))
    // Held-out parts like those of the student before do not widen the margin.
    let returning = TrainedRange(
      train: try parts(200, around: 1), heldOut: try parts(150, around: 0), widening: first)
    #expect(returning.margin == 0.1 && returning.ignored == [])
  }

  @Test func `a feature that never moved is measured by its own size`() throws {
    let train = try rows((0..<100).flatMap { _ in [Float(50), 0, -3] }, .vector(count: 3))
    let range = TrainedRange(train: train, heldOut: train)
    #expect(range.lowest == [45, -0.1, -3.3])
    #expect(range.highest == [55, 0.1, -2.7])
  }

  @Test func `numbers at the end of what a float can hold overflow nowhere`() throws {
    let huge = Float.greatestFiniteMagnitude
    let train = try rows([huge, -huge, -huge, huge], .vector(count: 2))
    let range = TrainedRange(train: train, heldOut: train)
    #expect(range.misfitsNothing(.vector(count: 2)))
  }
}

extension TrainedRange {
  /// Whether every number of a part lies inside: the naive twin of `AdviceRule`.
  fileprivate func holds(_ part: [Float]) -> Bool {
    part.indices.allSatisfy { feature in
      let end = lowest.count == 1 ? 0 : feature
      return lowest[end] <= part[feature] && part[feature] <= highest[end]
    }
  }

  fileprivate func misfitsNothing(_ input: InputShape) -> Bool {
    AdviceBounds(confidence: ConfidenceLadder(rungs: [], total: 0), range: self).misfit(input) == nil
  }
}

@Suite struct ConfidenceLadderTests {
  /// Logits (-x, x): class 1 where x > 0, surer the larger x.
  private func student() throws -> Student {
    let shape = try StudentShape(inputCount: 1, hiddenWidths: [], classCount: 2)
    return try #require(
      Student(shape: shape, standardizer: Standardizer(identity: 1), parameters: [-1, 1, 0, 0]))
  }

  @Test func `thresholds are fixed, and counts are those of a naive count`() throws {
    // All labels say 1, and the student says 0 for the first tenth.
    let xs = (0..<400).map { Float($0 - 40) / 80 }
    let heldOut = try rows(xs, .vector(count: 1), labels: Array(repeating: 1, count: 400))
    let ladder = ConfidenceLadder(try student(), heldOut: heldOut)
    #expect(ladder.total == 400)
    #expect(ladder.rungs.map(\.threshold) == ConfidenceLadder.thresholds)
    #expect(ladder.rungs.last == .init(threshold: 0, accepted: 400, wrong: 41))
    for rung in ladder.rungs {
      let accepted = xs.filter { 1 / (1 + exponential(-2 * abs(Double($0)))) >= Double(rung.threshold) }
      // A part that lies on the threshold itself may fall to either side.
      #expect(abs(rung.accepted - accepted.count) <= 2)
      #expect(abs(rung.wrong - accepted.count { $0 <= 0 }) <= 2)
    }
  }

  @Test func `the thresholds run from nearly 1 down and are fine near 1`() {
    let thresholds = ConfidenceLadder.thresholds
    #expect(thresholds.first.map { $0 > 0.99999 && $0 < 1 } == true && thresholds.last == 0)
    #expect(zip(thresholds, thresholds.dropFirst()).allSatisfy { $0 > $1 })
    #expect(thresholds.count { $0 > 0.9 } > 20 && thresholds.count { $0 < 0.9 } >= 6)
  }
}

/// e^x by squaring its Taylor series, without a library.
private func exponential(_ x: Double) -> Double {
  var power = 1 + x / 1_048_576
  for _ in 0..<20 { power *= power }
  return power
}
