import Glibc
import NeuralNet
import Testing

/// The loss as its definition reads, in double precision.
func naiveLoss(_ logits: [Double], label: Int, teacher: [Double], alpha: Double, temperature: Double) -> Double {
  func logShares(_ values: [Double], _ temperature: Double) -> [Double] {
    let sum = values.reduce(0) { $0 + exp($1 / temperature) }
    return values.map { $0 / temperature - log(sum) }
  }
  let student = logShares(logits, temperature)
  let target = logShares(teacher, temperature)
  let divergence = zip(target, student).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
  let distilled = temperature * temperature * divergence
  guard label != DistillationLoss.unlabelled else { return distilled }
  return (1 - alpha) * -logShares(logits, 1)[label] + alpha * distilled
}

@Suite struct LossTests {
  private func evaluate(
    _ loss: DistillationLoss, logits: [Float], labels: [Int], teacher: [Float]
  ) -> (losses: [Float], gradient: [Float]) {
    var losses = labels.map { _ in Float.nan }
    var gradient = logits.map { _ in Float.nan }
    loss.evaluate(
      logits: logits, labels: labels, teacher: teacher, classCount: logits.count / labels.count, losses: &losses,
      gradient: &gradient)
    return (losses, gradient)
  }

  @Test func `losses follow the definition for random rows`() {
    let logits = normalRows(40, width: 3, seed: 1).map { $0 * 2 }
    let teacher = normalRows(40, width: 3, seed: 2).map { $0 * 2 }
    let labels = (0..<40).map { $0 % 4 == 3 ? DistillationLoss.unlabelled : $0 % 3 }
    for (alpha, temperature) in [(Float(0), Float(1)), (0.5, 4), (0.9, 2), (1, 8)] {
      let got = evaluate(
        DistillationLoss(alpha: alpha, temperature: temperature), logits: logits, labels: labels, teacher: teacher)
      let expected = (0..<40).map { row in
        naiveLoss(
          logits[(row * 3)..<(row * 3 + 3)].map(Double.init), label: labels[row],
          teacher: teacher[(row * 3)..<(row * 3 + 3)].map(Double.init), alpha: Double(alpha),
          temperature: Double(temperature))
      }
      #expect(largestError(got.losses, expected) < 2e-5)
    }
  }

  @Test func `labels alone need no teacher`() {
    let (losses, gradient) = evaluate(
      DistillationLoss(alpha: 0, temperature: 4), logits: [0, 0], labels: [1], teacher: [])
    #expect(abs(losses[0] - log(Float(2))) < 1e-6)
    #expect(gradient == [0.5, -0.5])
  }

  @Test func `a student that agrees with its teacher has no divergence and no gradient`() {
    let (losses, gradient) = evaluate(
      DistillationLoss(alpha: 1, temperature: 4), logits: [2, -1, 0.5], labels: [0], teacher: [2, -1, 0.5])
    #expect(abs(losses[0]) < 1e-5)
    #expect(gradient.allSatisfy { abs($0) < 1e-5 })
  }

  @Test func `huge logits neither overflow nor turn into no number`() {
    let (losses, gradient) = evaluate(
      DistillationLoss(alpha: 0.5, temperature: 1), logits: [1e4, -1e4, 0, 80, 90, -100], labels: [0, 1],
      teacher: [1e30, -1e30, 0, 5, 5, 5])
    for value in losses + gradient { #expect(value.isFinite) }
    #expect(losses.allSatisfy { $0 >= 0 })
  }

  @Test func `a row of no numbers is told by its loss`() {
    let (losses, _) = evaluate(
      DistillationLoss(alpha: 0, temperature: 1), logits: [.nan, 0, 1, 0], labels: [0, 0], teacher: [])
    #expect(losses[0].isNaN)
    #expect(losses[1].isFinite)
  }

  @Test func `row weights scale only their row`() {
    var gradient: [Float] = [1, 2, 3, 4]
    scaleRows(&gradient, by: [0.5, 10], classCount: 2)
    #expect(gradient == [0.5, 1, 30, 40])
  }
}
