import Domain
import Engine
import Foundation
import NeuralNet
import Store

/// From starting the program to its first answer, with ten lines and a ledger that has been written for long.
public struct ServeStart: Codable, Sendable, Equatable {
  public let lines: Int
  public let rows: Int
  public let ledgerBytes: Int
  /// What it took to write the ledger.
  public let buildSeconds: Double
  /// The first start after that, when the monitor reads rows it has not seen.
  public let firstMilliseconds: Double
  /// Starts after that, in the order they were made.
  public let milliseconds: [Double]

  private static let startCount = 5
  private static let rowsPerTransaction = 10_000
  /// Seconds a start may take.
  private static let startSecondsMax = 300.0

  static func measure(rows: Int, seed: UInt64) async throws -> ServeStart {
    let folder = try TemporaryFolder.make("start")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let bench = try BenchLines(lineCount: ServeMemory.lineCount, seed: seed)
    let daemon = try MeasuredDaemon(directory: folder)
    do {
      defer { daemon.end() }
      try await daemon.waitUntilReady()
      try await bench.add(to: daemon)
    }
    let start = ContinuousClock.now
    let bytes = try write(rows, of: bench, to: folder)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let first = try startOnce(folder)
    let later = try (0..<startCount).map { _ in try startOnce(folder) }
    return ServeStart(
      lines: bench.lines.count, rows: rows, ledgerBytes: bytes, buildSeconds: seconds, firstMilliseconds: first,
      milliseconds: later)
  }

  /// As the daemon writes them, without the daemon.
  /// - Returns: the size of the ledger.
  private static func write(_ rows: Int, of bench: BenchLines, to folder: String) throws -> Int {
    let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
    let ledger = try SQLiteLedger.open(stateDirectory: folder, at: now).ledger
    // A part each millisecond, the last of them a moment ago.
    let first = now.microseconds - Int64(rows) * 1000
    let templates = bench.parts.map { part in
      (part, logits: bench.student.logits(part.values, rowCount: 1))
    }
    var row = 0
    while row < rows {
      let end = min(rows, row + rowsPerTransaction)
      try ledger.transaction { () throws(StorageFailure) in
        for number in row..<end {
          let (part, logits) = templates[number % templates.count]
          let time = Timestamp(microseconds: first + Int64(number) * 1000)
          let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
          _ = try ledger.append(
            Prediction(
              line: bench.lines[number % bench.lines.count], part: "s\(number)", cell: Cell([part.product]),
              version: ModelVersion(1), inputs: part.values, logits: logits, predictedClass: best,
              confidence: part.probabilities[best], time: time,
              receipt: Receipt(wallClock: time, monotonicMicroseconds: Int64(number) * 1000, peerUID: 0)))
        }
      }
      row = end
    }
    try ledger.checkpoint()
    return ledger.byteCount
  }

  /// - Returns: milliseconds from before the process was made to the answer that it is ready.
  private static func startOnce(_ folder: String) throws -> Double {
    let start = ContinuousClock.now
    let daemon = try MeasuredDaemon(directory: folder)
    defer { daemon.end() }
    try daemon.process.waitUntilListening(daemon.socket("infer"), seconds: startSecondsMax)
    let ready = Load(
      socket: daemon.socket("infer"), requests: ServeServers.health(), seconds: startSecondsMax, requestsMax: 1)
    var nextID: UInt64 = 1
    let outcome = try ready.run(nextID: &nextID)
    if let complaint = outcome.complaint { throw BenchFailure("the daemon was not ready at its start: \(complaint)") }
    return (ContinuousClock.now - start) / .milliseconds(1)
  }
}
