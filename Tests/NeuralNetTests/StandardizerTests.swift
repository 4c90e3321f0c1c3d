import NeuralNet
import Testing

@Suite struct StandardizerTests {
  @Test func `features come out with mean 0 and spread 1`() throws {
    // numpy: [1,2,3,6] has mean 3 and population standard deviation sqrt(3.5).
    let fitted = Standardizer(fitting: [1, 100, 2, 300, 3, 100, 6, 300], featureCount: 2)
    #expect(fitted.mean == [3, 200])
    #expect(abs(fitted.inverseScale[0] - 1 / Float(3.5).squareRoot()) < 1e-6)
    #expect(fitted.inverseScale[1] == 0.01)
  }

  @Test func `a constant feature keeps its scale`() {
    let fitted = Standardizer(fitting: [7, 0.1, 7, 0.1, 7, 0.1], featureCount: 2)
    #expect(fitted.mean == [7, 0.1])
    #expect(fitted.inverseScale == [1, 1])
  }

  @Test func `a large mean does not drown a small spread`() {
    let fitted = Standardizer(fitting: [1_000_000, 1_000_002, 1_000_004], featureCount: 1)
    #expect(fitted.mean == [1_000_002])
    #expect(abs(fitted.inverseScale[0] - 0.6123724) < 1e-4)
  }

  @Test func `one kind of feature can share one scale`() {
    let fitted = Standardizer(fitting: [-3, 0, 3, 0.001], featureCount: 2, scaling: .shared)
    #expect(fitted.inverseScale[0] == fitted.inverseScale[1])
    #expect(abs(fitted.inverseScale[0] - 1 / Float(4.5).squareRoot()) < 1e-5)
    #expect(Standardizer(fitting: [1, 2], featureCount: 2, scaling: .shared).inverseScale == [1, 1])
  }

  @Test func `what is not finite is left out, and nothing gives the identity`() {
    let fitted = Standardizer(fitting: [1, .nan, 3, .infinity], featureCount: 2)
    #expect(fitted.mean == [2, 0])
    #expect(fitted.inverseScale == [1, 1])
    #expect(Standardizer(fitting: [], featureCount: 3) == Standardizer(identity: 3))
    #expect(Standardizer(fitting: [.greatestFiniteMagnitude, -.greatestFiniteMagnitude], featureCount: 1).mean == [0])
  }

  @Test func `entries that are not finite or do not pair up are refused`() {
    #expect(Standardizer(mean: [0], inverseScale: [1]) != nil)
    #expect(Standardizer(mean: [0], inverseScale: [1, 1]) == nil)
    #expect(Standardizer(mean: [.nan], inverseScale: [1]) == nil)
    #expect(Standardizer(mean: [0], inverseScale: [.infinity]) == nil)
  }

  @Test(arguments: InstructionSet.available)
  func `standardised values are clamped and broken ones become the mean`(set: InstructionSet) throws {
    let shape = try StudentShape(inputCount: 2, hiddenWidths: [], classCount: 2)
    let standardizer = try #require(Standardizer(mean: [10, 0], inverseScale: [2, 1]))
    // Identity weights: the logits are the standardised features.
    let student = try #require(Student(shape: shape, standardizer: standardizer, parameters: [1, 0, 0, 1, 0, 0]))
    let rows: [Float] = [11, 3, .infinity, -.infinity, .nan, 1e20]
    let limit = Standardizer.limit
    #expect(student.logits(rows, rowCount: 3, on: set) == [2, 3, limit, -limit, 0, limit])
  }
}
