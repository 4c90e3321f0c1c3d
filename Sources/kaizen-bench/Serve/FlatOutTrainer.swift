import Foundation
import Glibc
import NeuralNet

/// `kaizen-trainer` with more to train than the measurement takes: a study, which keeps every core busy at the lowest
/// priority, as a retraining does with one.
struct FlatOutTrainer {
  private let process: Process

  /// Rows of the file: its first training begins within a second.
  private static let rowCount = 3000
  /// Seeds to go through: hours of work.
  private static let seedCount = 10_000
  /// Time it gets to read its file and begin.
  private static let startSeconds = 30.0
  private static let pauseMicroseconds: UInt32 = 2000

  /// Writes a file of parts of the bench's student; where its groups differ is of no matter here.
  static func writeParts(_ bench: BenchLines, to path: String, seed: UInt64) throws {
    let count = bench.student.shape.inputCount
    var text = "product,label," + (0..<count).map { "f\($0)" }.joined(separator: ",") + "\n"
    var generator = Generator(seed: seed)
    for row in 0..<rowCount {
      let values = (0..<count).map { _ in Float(generator.normal()) }
      let logits = bench.student.logits(values, rowCount: 1)
      let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
      text += "A\(row % BenchLines.groupCount),\(BenchLines.className(best)),"
      text += values.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  /// - Returns: once it trains.
  init(parts: String, folder: String) throws {
    process = Process()
    let progress = Pipe()
    process.executableURL = URL(filePath: try MeasuredDaemon.programBeside("kaizen-trainer"))
    process.arguments = [
      "study", "--data", parts, "--label", "label", "--groups", "product", "--method", "erm", "--seeds",
      "\(Self.seedCount)", "--out", folder + "/study",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = progress
    process.standardError = FileHandle.nullDevice
    try process.run()
    try? progress.fileHandleForWriting.close()
    var waiting = pollfd(fd: progress.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, Int32(Self.startSeconds * 1000)) > 0, process.isRunning,
      !progress.fileHandleForReading.availableData.isEmpty
    else {
      stop()
      throw BenchFailure("kaizen-trainer did not begin to train; try 'kaizen-trainer study --help'")
    }
    // Read on, or it would wait for somebody to take its progress.
    progress.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
  }

  /// Processor time it has used so far.
  func processorSeconds() -> Double { Machine.processorSeconds(of: process.processIdentifier) }

  func stop() {
    while process.isRunning {
      kill(process.processIdentifier, SIGKILL)
      usleep(Self.pauseMicroseconds)
    }
  }
}
