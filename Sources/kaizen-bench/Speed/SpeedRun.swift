import Domain
import Foundation
import NeuralNet
import Teacher

/// One run of `kaizen-bench train` or `infer`.
struct SpeedRun {
  let scenario: SpeedReport.Scenario
  let instructionSet: InstructionSet
  let plan: Rounds
  let peers: Peers
  let seed: UInt64

  /// How far programs that compute the same may be apart, as a share of the largest number: they sum thousands of
  /// products in another order.
  static let tolerance = 1e-3

  func report(students: [BenchStudent], batches: [Int], core: Int?) throws -> SpeedReport {
    let folder = FileManager.default.temporaryDirectory.appending(path: "kaizen-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    Machine.resetPeak()
    var results: [SpeedResult] = []
    var peaks: [Double] = []
    for student in students {
      for batch in batches {
        let setting = try SpeedSetting(student, rowCount: batch, seed: seed, set: instructionSet, folder: folder)
        let times = try measure(setting)
        results.append(times.result(setting, scenario))
        peaks.append(median(times.peak) * 1e-9)
      }
    }
    return SpeedReport(
      scenario: scenario, instructionSet: instructionSet.name, core: core, rounds: plan.count,
      peakGflops: median(peaks),
      peers: .init(
        torch: peers.torch.map { $0 + (peers.tuned ? "" : " as installed") },
        onnxruntime: scenario == .infer ? peers.onnxruntime : nil, absent: peers.absent,
        peakMemoryKilobytes: try peers.process?.ask(PeerQuestion(kind: .memory)).kilobytes),
      results: results, peakMemoryKilobytes: Machine.peakKilobytes())
  }

  private func measure(_ setting: SpeedSetting) throws -> SpeedTimes {
    let (own, answer) = scenario == .train ? setting.training() : setting.inference()
    var contenders = [setting.peak, own]
    var variant: String?
    if let process = peers.process, peers.torch != nil {
      let prepared = try process.ask(setting.question(scenario, withModel: peers.library != nil, tuned: peers.tuned))
      try setting.compare(prepared.answer ?? [], with: answer, of: "PyTorch")
      variant = prepared.variant
      contenders.append(Contender(name: SpeedTimes.torch) { try process.run(count: $0) })
    }
    if scenario == .infer, peers.process != nil, let library = peers.library {
      let loop = try setting.onnxLoop(library: library)
      try loop.run(count: 1)
      try setting.compare(loop.logits.map { Double($0) }, with: answer, of: "ONNX Runtime")
      contenders.append(
        Contender(name: SpeedTimes.onnxruntime) { count in try Machine.seconds { try loop.run(count: count) } })
    }
    let seconds = Dictionary(uniqueKeysWithValues: zip(contenders.map(\.name), try plan.measure(contenders)))
    return SpeedTimes(seconds: seconds, peakOperations: setting.peakOperations, variant: variant)
  }
}

/// A student, a batch and an instruction set, with the work each program does.
struct SpeedSetting {
  let kind: BenchStudent
  let shape: StudentShape
  let instructionSet: InstructionSet
  private let student: Student
  private let batch: BenchBatch
  private let dataPath: String
  private let modelPath: String

  /// Rounds of multiply-adds that make one piece of work: some microseconds.
  private static let peakRounds = 1000

  var rowCount: Int { batch.rowCount }
  var peakOperations: Int { instructionSet.peakOperations * Self.peakRounds }

  init(_ kind: BenchStudent, rowCount: Int, seed: UInt64, set: InstructionSet, folder: URL) throws {
    self.kind = kind
    instructionSet = set
    shape = try kind.shape()
    student = Student(shape: shape, standardizer: Standardizer(identity: shape.inputCount), seed: seed)
    batch = BenchBatch(rowCount: rowCount, shape: shape, seed: seed)
    dataPath = folder.appending(path: "data").path
    modelPath = folder.appending(path: "model.onnx").path
    try batch.write(to: dataPath, student: student)
  }

  var peak: Contender {
    let instructionSet = instructionSet
    return Contender(name: SpeedTimes.peak) { count in
      Machine.seconds { instructionSet.multiplyAdds(rounds: count * Self.peakRounds) }
    }
  }

  /// - Returns: our steps, and what the first one came to.
  func training() -> (Contender, answer: [Double]) {
    var training = OwnTraining(student, batch: batch, on: instructionSet)
    training.run(count: 1)
    let answer = training.answer
    return (Contender(name: SpeedTimes.own) { count in Machine.seconds { training.run(count: count) } }, answer)
  }

  /// - Returns: our answering, and the answers.
  func inference() -> (Contender, answer: [Double]) {
    var inference = OwnInference(student, batch: batch, on: instructionSet)
    inference.run(count: 1)
    let answer = inference.answer
    return (Contender(name: SpeedTimes.own) { count in Machine.seconds { inference.run(count: count) } }, answer)
  }

  func question(_ scenario: SpeedReport.Scenario, withModel: Bool, tuned: Bool) -> PeerQuestion {
    let work = PeerWork(
      shape: shape, rowCount: rowCount, dataPath: dataPath,
      modelPath: scenario == .infer && withModel ? modelPath : nil, tuned: tuned)
    return PeerQuestion(kind: scenario == .train ? .train : .infer, work: work)
  }

  func onnxLoop(library: String) throws -> OnnxLoop {
    // All students have one channel, so channels first and channels last are the same list.
    let sizes =
      switch shape.input {
      case .vector(let count): [count]
      case .window(let channels, let length): [channels, length]
      case .image(let height, let width, let channels): [channels, height, width]
      }
    return try OnnxLoop(
      path: modelPath, inputs: batch.inputs, inputShape: [rowCount] + sizes,
      outputShape: [rowCount, shape.classCount], libraryPath: library)
  }

  /// - Throws: when another program did not compute what we did: its time would say nothing.
  func compare(_ theirs: [Double], with ours: [Double], of program: String) throws {
    let largest = ours.map(abs).max() ?? 0
    let apart = zip(theirs, ours).map { abs($0 - $1) }.max() ?? .infinity
    guard theirs.count == ours.count, apart <= SpeedRun.tolerance * largest else {
      throw BenchFailure(
        "\(program) computed something else for \(kind.name), batch \(rowCount): \(theirs.prefix(3)) instead of"
          + " \(ours.prefix(3)); without that being mended no time means anything")
    }
  }
}

/// Seconds of all programs, round by round.
struct SpeedTimes {
  static let peak = "peak"
  static let own = "kaizend"
  static let torch = "torch"
  static let onnxruntime = "onnxruntime"

  let seconds: [String: [Double]]
  /// In one piece of the peak's work.
  let peakOperations: Int
  let variant: String?

  private func of(_ name: String) -> [Double] { seconds[name] ?? [] }

  /// Operations per second.
  var peak: [Double] { of(Self.peak).map { Double(peakOperations) / $0 } }

  func result(_ setting: SpeedSetting, _ scenario: SpeedReport.Scenario) -> SpeedResult {
    let shape = setting.shape
    let perRow = scenario == .train ? shape.trainingOperations : shape.inferenceOperations
    let speeds = of(Self.own).map { Double(perRow * setting.rowCount) / $0 }
    let share = median(zip(speeds, peak).map { $0 / $1 })
    let torch = peer(Self.torch, variant)
    let onnxruntime = peer(Self.onnxruntime, nil)
    let goals =
      switch scenario {
      case .train:
        SpeedGoal.training(
          setting.kind, batch: setting.rowCount, on: setting.instructionSet, ratio: torch?.ratio, share: share)
      case .infer:
        SpeedGoal.inference(
          setting.kind, batch: setting.rowCount, on: setting.instructionSet, ratio: onnxruntime?.ratio)
      }
    return SpeedResult(
      student: setting.kind.name, layers: setting.kind.layers, batch: setting.rowCount,
      microseconds: median(of(Self.own)) * 1e6, gflops: median(speeds) * 1e-9, shareOfPeak: share, torch: torch,
      onnxruntime: onnxruntime, goals: goals)
  }

  private func peer(_ name: String, _ variant: String?) -> SpeedResult.Peer? {
    let theirs = of(name)
    guard !theirs.isEmpty else { return nil }
    let ratio = median(zip(theirs, of(Self.own)).map { $0 / $1 })
    return SpeedResult.Peer(microseconds: median(theirs) * 1e6, ratio: ratio, variant: variant)
  }
}
