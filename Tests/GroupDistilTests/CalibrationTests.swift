import Domain
import Glibc
import GroupDistil
import NeuralNet
import Testing

@Suite struct CalibrationTests {
  private let groups = [GroupKey(cell: Cell(["a"])), GroupKey(cell: Cell(["b"]))]

  /// Two classes; the label is drawn with the very probability the logits say.
  private func honest(_ count: Int) throws -> (rows: TrainingRows, logits: [Float]) {
    var random = Generator(seed: 12)
    var logits: [Float] = []
    var labels: [Int] = []
    for _ in 0..<count {
      let logit = 2 * random.normal()
      logits += [0, Float(logit)]
      labels.append(random.uniform() < 1 / (1 + exp(-logit)) ? 1 : 0)
    }
    let rows = try TrainingRows(
      inputs: labels.map { Float($0) }, featureCount: 1, labels: labels, classCount: 2,
      groups: labels.indices.map { $0 % 2 }, groupCount: 2)
    return (rows, logits)
  }

  @Test func `honest logits are left as they are, and threefold ones are divided by three`() throws {
    let (rows, logits) = try honest(6000)
    let plain = try #require(calibration(logits: logits, rows: rows, groups: groups))
    #expect(abs(plain.temperature - 1) < 0.1)
    #expect(plain.expectedError < 0.03)
    let boasting = try #require(calibration(logits: logits.map { $0 * 3 }, rows: rows, groups: groups))
    #expect(abs(boasting.temperature - 3) < 0.3)
    #expect(boasting.expectedError > 0.05)
    #expect(boasting.expectedErrorAfter < 0.03)
    #expect((boasting.worstGroupExcess ?? 0) > 0.05, "too sure of itself")
  }

  @Test func `the error is the gap of confidence and accuracy`() throws {
    // Sure by 1 / (1 + e^-1) = .731 every time, right three times in four.
    let rows = try TrainingRows(
      inputs: [0, 0, 0, 0], featureCount: 1, labels: [1, 1, 1, 0], classCount: 2, groups: [0, 0, 1, 1], groupCount: 2)
    let found = try #require(calibration(logits: [0, 1, 0, 1, 0, 1, 0, 1], rows: rows, groups: groups))
    #expect(abs(found.expectedError - (0.75 - 1 / (1 + exp(-1.0)))) < 1e-9)
    // The best temperature makes it sure by exactly 3 / 4: logit ln 3.
    #expect(abs(found.temperature - 1 / log(3.0)) < 1e-3)
    #expect(found.worstGroup == nil && found.rows == 4, "no group has enough rows to be named")
  }

  @Test func `without rows there is nothing to examine`() throws {
    let rows = try honest(4).rows.subset([])
    #expect(calibration(logits: [], rows: rows, groups: groups) == nil)
  }
}
