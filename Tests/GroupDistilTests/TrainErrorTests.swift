import GroupDistil
import NeuralNet
import Testing

@Suite struct TrainErrorTests {
  private func failure(
    _ change: (inout DistilParameters) -> Void = { _ in }, rows: TrainingRows? = nil, select: TrainingRows? = nil,
    width: Int = 6
  ) throws -> DistilError? {
    let good = try shortcutRows(60, share: 0.5, seed: 1)
    let shape = try StudentShape(inputCount: width, hiddenWidths: [4], classCount: 2)
    do {
      _ = try train(
        initial: Student(shape: shape, standardizer: Standardizer(identity: width), seed: 1), rows: rows ?? good,
        select: select ?? good, parameters: parameters(change), seed: 1
      ) { _ in .stop }
      return nil
    } catch {
      return error
    }
  }

  @Test func `good arguments train`() throws {
    #expect(try failure() == nil)
  }

  @Test func `parameters out of range are refused`() throws {
    let changes: [(inout DistilParameters) -> Void] = [
      { $0.alpha = 1.1 }, { $0.alpha = .nan }, { $0.temperature = 0 }, { $0.learningRate = -1 },
      { $0.weightDecay = .infinity }, { $0.batchSize = 0 }, { $0.batchSize = 5000 }, { $0.stepCount = 0 },
      { $0.stepCount = 1_000_000 }, { $0.floor = 1 }, { $0.capFactor = 0.5 }, { $0.shrinkage = -1 },
      { $0.weighting = .scaleFree(strength: .nan) }, { $0.weighting = .raw(step: -1) }, { $0.clipNorm = 0 },
      { $0.unlabelledShare = 2 }, { $0.evaluationInterval = 0 }, { $0.patience = 0 },
    ]
    for (position, change) in changes.enumerated() {
      guard case .invalidParameters = try failure(change) else {
        Issue.record("change \(position) was accepted")
        continue
      }
    }
  }

  @Test func `rows that cannot be trained on are refused`() throws {
    let good = try shortcutRows(60, share: 0.5, seed: 1)
    #expect(try failure(rows: good.with(teacherLogits: nil)) == .noTeacherLogits)
    #expect(try failure({ $0.alpha = 0 }, rows: good.with(teacherLogits: nil)) == nil)
    for error in [try failure(rows: good.subset([])), try failure(select: good.subset([])), try failure(width: 5)] {
      guard case .invalidRows(let reason) = error else {
        Issue.record("\(String(describing: error)) instead of invalid rows")
        continue
      }
      #expect(!reason.isEmpty)
    }
  }

  @Test func `a run without finite steps gives up and says so`() throws {
    let error = try failure {
      $0.learningRate = 1e38
      $0.stepCount = 300
    }
    guard case .diverged(let skipped, let step) = error else {
      Issue.record("\(String(describing: error)) instead of diverged")
      return
    }
    #expect(skipped == DistilParameters.maximumSkippedSteps + 1)
    #expect(step < 20)
    #expect(error?.description.contains("lower the learning rate") == true)
  }
}
