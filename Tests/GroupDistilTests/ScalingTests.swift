import Domain
import GroupDistil
import NeuralNet
import Testing

@Suite struct ScalingTests {
  private func rows(
    _ featureCount: Int, input: InputShape? = nil, value: (Int, inout Generator) -> Double
  ) throws -> TrainingRows {
    var random = Generator(seed: 3)
    let inputs = (0..<(50 * featureCount)).map { Float(value($0 % featureCount, &random)) }
    return try TrainingRows(
      inputs: inputs, input: input ?? .vector(count: featureCount), labels: (0..<50).map { $0 % 2 }, classCount: 2,
      groups: (0..<50).map { _ in 0 }, groupCount: 1)
  }

  private func isShared(_ rows: TrainingRows) -> Bool { Set(Standardizer(fitting: rows).inverseScale).count == 1 }

  @Test func `many columns of one range are scaled alike, dark border and all`() throws {
    let pixels = try rows(100) { feature, random in feature < 20 ? 0 : 255 * random.uniform() }
    #expect(isShared(pixels))
  }

  @Test func `measurements keep a scale each`() throws {
    let units = try rows(100) { feature, random in Double(feature + 1) * random.uniform() * (feature == 0 ? 1000 : 1) }
    #expect(!isShared(units))
    #expect(!isShared(try rows(23) { _, random in 255 * random.uniform() }), "too few to be a picture")
  }

  @Test func `a window is scaled as one whatever it holds`() throws {
    let window = try rows(8, input: .window(channels: 1, length: 8)) { feature, random in
      Double(feature + 1) * random.uniform()
    }
    #expect(isShared(window))
  }
}
