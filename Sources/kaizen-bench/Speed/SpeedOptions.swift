import ArgumentParser
import Foundation
import NeuralNet

/// What `kaizen-bench train` and `infer` share.
struct SpeedOptions: ParsableArguments {
  @Option(
    name: .customLong("student"), parsing: .upToNextOption,
    help: "Students to measure: \(BenchStudent.allCases.map(\.name).joined(separator: ", ")). All by default.")
  var students: [BenchStudent] = []
  @Option(help: "Instruction set to hold us, and PyTorch, to: sse2 or neon, avx2, avx512. The best by default.")
  var instructionSet: String?
  @Option(help: "Rounds in which the programs take turns.") var rounds = Rounds.usual.count
  @Option(help: "Python with torch, onnx and onnxruntime. \(Peers.pythonVariable) or 'make bench-peers' by default.")
  var python: String?
  @Flag(help: "PyTorch without any tuning in its favour: default layout, optimizer and memory settings.")
  var torchAsInstalled = false
  @Flag(help: "Measure kaizend only.") var alone = false
  @Flag(help: "One short round: proves that everything runs, says nothing about speed.") var quick = false
  @Option(help: "Seed of the students and the parts.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  /// Enough for a good median, and an evening.
  private static let roundsMax = 999

  func validate() throws {
    guard (1...Self.roundsMax).contains(rounds) else { throw ValidationError("--rounds is 1 to \(Self.roundsMax)") }
    _ = try set()
  }

  func set() throws -> InstructionSet {
    guard let instructionSet else { return .best }
    guard let set = InstructionSet.available.first(where: { $0.name == instructionSet }) else {
      let names = InstructionSet.available.map(\.name).joined(separator: ", ")
      throw ValidationError("this processor cannot run \"\(instructionSet)\"; it runs \(names)")
    }
    return set
  }

  var plan: Rounds { quick ? .quick : Rounds(count: rounds, seconds: Rounds.usual.seconds) }

  /// Measures and prints.
  func run(_ scenario: SpeedReport.Scenario, batches: [Int]) throws {
    do {
      let set = try set()
      let core = Machine.stayOnOneCore()
      let peers =
        alone
        ? Peers.none("Only kaizend is measured, as asked.")
        : Peers.find(python: python, on: set, tuned: !torchAsInstalled)
      let run = SpeedRun(scenario: scenario, instructionSet: set, plan: plan, peers: peers, seed: seed)
      let report = try run.report(
        students: students.isEmpty ? BenchStudent.usual : students, batches: batches, core: core)
      print(json ? try report.json() : SpeedText.text(report))
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }
}

/// `kaizen-bench train`: how long a training step takes.
struct TrainingSpeed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Training steps of several students, beside PyTorch where it is installed.")

  @OptionGroup var options: SpeedOptions
  @Option(parsing: .upToNextOption, help: "Parts in a batch.") var batches = [64, 256]

  func validate() throws { try checkBatches(batches) }

  func run() throws { try options.run(.train, batches: batches) }
}

/// `kaizen-bench infer`: how long answers take.
struct InferenceSpeed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer",
    abstract: "Answers of several students, beside ONNX Runtime and PyTorch where they are installed.")

  @OptionGroup var options: SpeedOptions
  @Option(parsing: .upToNextOption, help: "Parts in a batch.") var batches = [1, 32]

  func validate() throws { try checkBatches(batches) }

  func run() throws { try options.run(.infer, batches: batches) }
}

/// As many parts as the largest request of the service has.
private let batchMax = 10_000

private func checkBatches(_ batches: [Int]) throws {
  guard !batches.isEmpty, batches.allSatisfy({ (1...batchMax).contains($0) }) else {
    throw ValidationError("--batches are 1 to \(batchMax)")
  }
}
