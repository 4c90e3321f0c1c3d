import ArgumentParser
import Domain
import Foundation
import NeuralNet
import Teacher
import Wire

/// `kaizen-bench infer`: logits of one part or a few beside ONNX Runtime's and PyTorch's.
struct InferenceTimes: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "infer", abstract: "Time of a student's logits, beside ONNX Runtime's C interface and PyTorch.",
    discussion: "Processor time, one thread, all sides in turns.")

  @OptionGroup var options: NumericOptions
  @Option(help: "Batch sizes, with commas between.") var batch = "1,32"

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
      var figures: [InferenceFigure] = []
      for network in try options.chosenNetworks() {
        for batch in try batches() {
          figures.append(try measure(network, batch: batch, set: set, peers: peers, peaks: peaks))
        }
      }
      let report = InferenceReport(instructionSet: set.name, peers: sentence, peaks: peaks, figures: figures)
      print(options.json ? String(decoding: try OperatorCoding.bytes(report), as: UTF8.self) : report.text)
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }

  private func measure(
    _ network: BenchNetwork, batch: Int, set: InstructionSet, peers: PeerProcess?, peaks: [PeakFigure]
  ) throws -> InferenceFigure {
    let student = try network.student(seed: options.seed)
    var scratch = student.makeScratch(rowCount: batch, on: set)
    var random = Generator(seed: options.seed)
    let inputs = (0..<(batch * student.shape.inputCount)).map { _ in Float(random.normal()) }
    var logits = [Float](repeating: 0, count: batch * BenchNetwork.classCount)
    var turns = [
      Contest.turn {
        var span = logits.mutableSpan
        student.logits(inputs.span, rowCount: batch, scratch: &scratch, into: &span)
      }
    ]
    if let peers {
      turns.append { try peers.measure("infer", network, batch: batch, seconds: $0) }
      if let library = peers.onnxLibrary {
        let onnx = try onnxPeer(network, batch: batch, peers: peers, library: library)
        onnx.setInput(inputs)
        turns.append(Contest.turn { try onnx.run() })
      }
    }
    let medians = try options.contest.medians(turns)
    let peak = peaks.first { $0.instructionSet == set.name }?.gigaflops ?? .infinity
    return InferenceFigure(
      network: network.rawValue, batch: batch, microseconds: medians[0],
      shareOfPeak: student.shape.inferenceOperations * Double(batch) / medians[0] / 1e3 / peak,
      torchMicroseconds: medians.count > 1 ? medians[1] : nil,
      onnxMicroseconds: medians.count > 2 ? medians[2] : nil)
  }

  private func onnxPeer(_ network: BenchNetwork, batch: Int, peers: PeerProcess, library: String) throws -> OnnxRunner {
    let path = FileManager.default.temporaryDirectory.appending(path: "kaizen-bench-\(getpid()).onnx").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try peers.export(network, batch: batch, to: path)
    let sizes =
      switch network.input {
      case .vector(let count): [count]
      case .window(let channels, let length): [channels, length]
      case .image(let height, let width, let channels): [channels, height, width]
      }
    return try OnnxRunner(
      path: path, libraryPath: library, input: "input", inputShape: [batch] + sizes, output: "logits",
      outputShape: [batch, BenchNetwork.classCount])
  }
}

struct InferenceFigure: Codable {
  let network: String
  let batch: Int
  /// The whole batch.
  let microseconds: Double
  let shareOfPeak: Double
  let torchMicroseconds: Double?
  let onnxMicroseconds: Double?
}

struct InferenceReport: Codable {
  var schema = 1
  var scenario = "infer"
  let instructionSet: String
  let peers: String
  let peaks: [PeakFigure]
  let figures: [InferenceFigure]

  var text: String {
    var lines = [NumericText.peaks(peaks), peers, "inference on \(instructionSet), microseconds of processor time"]
    lines.append(NumericText.row(["network", "batch", "student", "of peak", "ONNX RT", "ratio", "PyTorch", "ratio"]))
    for figure in figures {
      lines.append(
        NumericText.row([
          figure.network, "\(figure.batch)", NumericText.time(figure.microseconds),
          NumericText.fixed(100 * figure.shareOfPeak, 0) + " %", NumericText.time(figure.onnxMicroseconds),
          NumericText.ratio(figure.onnxMicroseconds, figure.microseconds),
          NumericText.time(figure.torchMicroseconds),
          NumericText.ratio(figure.torchMicroseconds, figure.microseconds),
        ]))
    }
    return lines.joined(separator: "\n")
  }
}
