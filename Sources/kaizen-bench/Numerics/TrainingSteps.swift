import ArgumentParser
import Foundation
import NeuralNet
import Wire

/// `kaizen-bench train`: one training step beside PyTorch's.
struct TrainingSteps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Time of a training step: forward, distillation loss, backward, AdamW.",
    discussion: """
      Loss: 0.5 cross-entropy + 0.5 τ² KL at τ = 4, a weight per part. Processor time, one thread, all sides in turns.
      """)

  @OptionGroup var options: NumericOptions
  @Option(help: "Batch sizes, with commas between.") var batch = "64,256"

  func validate() throws { _ = try batches() }

  private func batches() throws -> [Int] {
    try batch.split(separator: ",").map { text in
      guard let size = Int(text), (1...4096).contains(size) else {
        throw ValidationError("--batch: sizes are 1 to 4096, got \"\(text)\"")
      }
      return size
    }
  }

  func run() throws {
    do {
      let set = try options.chosenSet()
      let (peers, sentence) = try options.startPeers()
      let peaks = try options.peaks()
      var figures: [TrainingFigure] = []
      for network in try options.chosenNetworks() {
        for batch in try batches() {
          figures.append(try measure(network, batch: batch, set: set, peers: peers, peaks: peaks))
        }
      }
      let report = TrainingStepReport(instructionSet: set.name, peers: sentence, peaks: peaks, figures: figures)
      print(options.json ? String(decoding: try OperatorCoding.bytes(report), as: UTF8.self) : report.text)
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }

  private func measure(
    _ network: BenchNetwork, batch: Int, set: InstructionSet, peers: PeerProcess?, peaks: [PeakFigure]
  ) throws -> TrainingFigure {
    let run = try StudentTraining(network, batch: batch, seed: options.seed, on: set)
    var turns = [Contest.turn { run.step() }]
    if let peers {
      turns.append { try peers.measure("train", network, batch: batch, seconds: $0) }
    }
    let medians = try options.contest.medians(turns)
    let peak = peaks.first { $0.instructionSet == set.name }?.gigaflops ?? .infinity
    let gigaflops = run.operations / medians[0] / 1e3
    return TrainingFigure(
      network: network.rawValue, batch: batch, microseconds: medians[0], gigaflops: gigaflops,
      shareOfPeak: gigaflops / peak, torchMicroseconds: medians.count > 1 ? medians[1] : nil)
  }
}

/// A student, a batch and all the room that steps need.
private final class StudentTraining {
  private var student: Student
  private var optimizer: AdamW
  private var scratch: TrainingScratch
  private let set: InstructionSet
  private let loss = DistillationLoss(alpha: 0.5, temperature: 4)
  private let inputs: [Float]
  private let teacher: [Float]
  private let labels: [Int]
  private let weights: [Float]
  private var logits: [Float]
  private var gradient: [Float]
  private var losses: [Float]
  let operations: Double

  init(_ network: BenchNetwork, batch: Int, seed: UInt64, on set: InstructionSet) throws {
    self.set = set
    student = try network.student(seed: seed)
    optimizer = AdamW(parameterCount: student.parameterCount, weightDecay: 0.01, clipNorm: 5, on: set)
    scratch = student.makeTrainingScratch(rowCount: batch, on: set)
    var random = Generator(seed: seed)
    inputs = (0..<(batch * student.shape.inputCount)).map { _ in Float(random.normal()) }
    teacher = (0..<(batch * BenchNetwork.classCount)).map { _ in Float(random.normal()) }
    labels = (0..<batch).map { _ in random.index(below: BenchNetwork.classCount) }
    weights = Array(repeating: 1 / Float(batch), count: batch)
    logits = Array(repeating: 0, count: teacher.count)
    gradient = logits
    losses = Array(repeating: 0, count: batch)
    operations = student.shape.trainingOperations * Double(batch)
  }

  func step() {
    student.trainingLogits(inputs, rowCount: labels.count, scratch: &scratch, into: &logits)
    loss.evaluate(
      logits: logits, labels: labels, teacher: teacher, classCount: BenchNetwork.classCount, losses: &losses,
      gradient: &gradient, on: set)
    scaleRows(&gradient, by: weights, classCount: BenchNetwork.classCount)
    student.backward(gradient, rowCount: labels.count, scratch: &scratch)
    _ = optimizer.update(&student, gradient: scratch.gradient, learningRate: 1e-3)
  }
}

struct TrainingFigure: Codable {
  let network: String
  let batch: Int
  /// One step of the whole batch.
  let microseconds: Double
  let gigaflops: Double
  let shareOfPeak: Double
  let torchMicroseconds: Double?
}

struct TrainingStepReport: Codable {
  var schema = 1
  var scenario = "train"
  let instructionSet: String
  let peers: String
  let peaks: [PeakFigure]
  let figures: [TrainingFigure]

  var text: String {
    var lines = [NumericText.peaks(peaks), peers, "training step on \(instructionSet), microseconds of processor time"]
    lines.append(NumericText.row(["network", "batch", "student", "GF/s", "of peak", "PyTorch", "ratio"]))
    for figure in figures {
      lines.append(
        NumericText.row([
          figure.network, "\(figure.batch)", NumericText.time(figure.microseconds),
          NumericText.fixed(figure.gigaflops, 0), NumericText.fixed(100 * figure.shareOfPeak, 0) + " %",
          NumericText.time(figure.torchMicroseconds),
          NumericText.ratio(figure.torchMicroseconds, figure.microseconds),
        ]))
    }
    return lines.joined(separator: "\n")
  }
}

/// Columns of figures.
enum NumericText {
  static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

  static func time(_ microseconds: Double?) -> String {
    microseconds.map { fixed($0, $0 < 100 ? ($0 < 10 ? 2 : 1) : 0) } ?? "-"
  }

  static func ratio(_ theirs: Double?, _ ours: Double) -> String {
    theirs.map { fixed($0 / ours, 2) + " x" } ?? "-"
  }

  static func row(_ cells: [String]) -> String {
    let line = cells.enumerated().map { index, cell in
      index == 0
        ? cell.padding(toLength: 10, withPad: " ", startingAt: 0)
        : String(repeating: " ", count: max(0, 10 - cell.count)) + cell
    }.joined()
    return line
  }

  static func peaks(_ peaks: [PeakFigure]) -> String {
    "peak of one core, GF/s: " + peaks.map { "\($0.instructionSet) \(fixed($0.gigaflops, 0))" }.joined(separator: ", ")
  }
}
