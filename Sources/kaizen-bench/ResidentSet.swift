import ArgumentParser
import Domain
import Foundation
import NeuralNet
import UnixSocket
import Wire

/// `kaizen-bench rss`: what the serving daemon holds in memory after many predictions.
struct ResidentSet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rss", abstract: "Resident memory of a daemon with one MLP line after many predictions.",
    discussion: "Starts a kaizend of its own in a temporary directory; every prediction is answered and in its ledger.")

  @Option(help: "Predictions to send.") var predictions = 100_000
  @Option(help: "Features of a part.") var features = 64
  @Option(help: "Hidden units of the student.") var hidden = 64
  @Option(help: "Classes.") var classes = 6
  @Option(help: "Seed of the student and the parts.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...100_000_000).contains(predictions) else { throw ValidationError("--predictions is 1 to 100000000") }
  }

  func run() async throws {
    do {
      let daemon = try MeasuredDaemon()
      defer { daemon.stop() }
      try await daemon.waitUntilReady()
      let idle = try daemon.memory()
      let bench = try BenchLines(features: features, hidden: hidden, classes: classes, seed: seed)
      try await bench.add(to: daemon)
      let seconds = try await predict(bench.lines[0], daemon)
      let memory = try daemon.memory()
      let report = ResidentSetReport(
        predictions: predictions, features: features, hidden: hidden, classes: classes, seconds: seconds,
        idleKilobytes: idle.resident, residentKilobytes: memory.resident, peakKilobytes: memory.peak)
      print(json ? String(decoding: try OperatorCoding.bytes(report), as: UTF8.self) : report.text)
    } catch {
      FileHandle.standardError.write(Data("kaizen-bench: \(error)\n".utf8))
      throw ExitCode(70)
    }
  }

  /// - Returns: seconds it took, one part after the other.
  private func predict(_ line: LineID, _ daemon: MeasuredDaemon) async throws -> Double {
    let client = try await HTTPUnixClient.connect(path: daemon.socket("infer"))
    var generator = Generator(seed: seed)
    let started = ContinuousClock.now
    for number in 0..<predictions {
      let values = (0..<features).map { _ in Float(generator.normal()) }
      let tensor = InputTensor(
        name: InferBatch.featuresName, shape: [1, features], datatype: .fp32, data: .floats(values))
      let request = InferRequest(
        id: "p\(number)", parameters: ["product": .text("A\(number % BenchLines.groupCount)")], inputs: [tensor])
      let answer = try await client.send(InferenceCall.infer(line, nil, request).outgoing)
      guard answer.isSuccess else { throw BenchFailure("part \(number) was refused: \(answer.errorSentence)") }
    }
    let elapsed = (ContinuousClock.now - started).components
    await client.close()
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }
}

struct ResidentSetReport: Codable {
  var schema = 1
  var scenario = "rss"
  let predictions: Int
  let features: Int
  let hidden: Int
  let classes: Int
  let seconds: Double
  /// Ready and without a line.
  let idleKilobytes: Int
  let residentKilobytes: Int
  let peakKilobytes: Int

  var text: String {
    func megabytes(_ kilobytes: Int) -> String {
      let tenths = (kilobytes * 10 + 512) / 1024
      return "\(tenths / 10).\(tenths % 10) MB"
    }
    return """
      one MLP line \(features)-\(hidden)-\(classes), \(predictions) predictions one after the other in \(Int(seconds)) s
      resident when ready        \(megabytes(idleKilobytes))
      resident after them        \(megabytes(residentKilobytes))
      highest in between         \(megabytes(peakKilobytes))
      """
  }
}
