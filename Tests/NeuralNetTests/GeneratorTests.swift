import NeuralNet
import Testing

@Suite struct GeneratorTests {
  @Test func `the numbers are those of xoshiro256 seeded through SplitMix64`() {
    var random = Generator(seed: 42)
    #expect((0..<5).map { _ in random.next() } == TorchReference.randomNumbers)
  }

  @Test func `uniform numbers fill 0 to 1 evenly`() {
    var random = Generator(seed: 1)
    var bins = [Int](repeating: 0, count: 10)
    for _ in 0..<100_000 {
      let number = random.uniform()
      #expect(number >= 0 && number < 1)
      bins[Int(number * 10)] += 1
    }
    // Chi-square with 9 degrees of freedom: 27.9 is passed once in a thousand seeds.
    let chiSquare = bins.reduce(0.0) { $0 + Double(($1 - 10_000) * ($1 - 10_000)) / 10_000 }
    #expect(chiSquare < 27.9)
  }

  @Test func `normal numbers have mean 0, variance 1 and normal tails`() {
    var random = Generator(seed: 2)
    let numbers = (0..<100_000).map { _ in random.normal() }
    #expect(numbers.allSatisfy { $0.isFinite })
    #expect(abs(numbers.reduce(0, +) / 100_000) < 0.015)
    #expect(abs(numbers.reduce(0) { $0 + $1 * $1 } / 100_000 - 1) < 0.02)
    let outside = numbers.filter { abs($0) > 1.959964 }.count
    #expect(abs(outside - 5000) < 300)
  }

  @Test func `a shuffle keeps the elements and reaches every order`() {
    var random = Generator(seed: 3)
    var seen: [[Int]: Int] = [:]
    for _ in 0..<6000 {
      var values = [1, 2, 3]
      random.shuffle(&values)
      #expect(values.sorted() == [1, 2, 3])
      seen[values, default: 0] += 1
    }
    #expect(seen.count == 6)
    #expect(seen.values.allSatisfy { abs($0 - 1000) < 150 })
    var none: [Int] = []
    random.shuffle(&none)
    #expect(none.isEmpty)
  }

  @Test func `indices stay in range and reach both ends`() {
    var random = Generator(seed: 4)
    let indices = Set((0..<1000).map { _ in random.index(below: 7) })
    #expect(indices == Set(0..<7))
    #expect(random.index(below: 1) == 0)
  }
}
