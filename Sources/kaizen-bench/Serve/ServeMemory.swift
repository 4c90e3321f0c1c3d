import Foundation

/// Resident memory of a daemon with ten lines under load.
public struct ServeMemory: Codable, Sendable, Equatable {
  public let lines: Int
  public let requests: Int
  public let connections: Int
  public let seconds: Double
  /// Ready and with its lines, before the first request.
  public let idleKilobytes: Int
  /// After a tenth, half and all of the requests.
  public let residentKilobytes: [Int]
  public let peakKilobytes: Int

  static let lineCount = 10
  private static let connectionCount = 8
  private static let shares = [0.1, 0.5, 1]
  /// A daemon that answers at all is through by then.
  private static let secondsMax = 3600.0

  static func measure(requests: Int, seed: UInt64, client: Placement, server: Placement) async throws -> ServeMemory {
    let daemon = try MeasuredDaemon(placement: server, directory: try TemporaryFolder.make("memory"))
    defer { daemon.stop() }
    try await daemon.waitUntilReady()
    let bench = try BenchLines(lineCount: lineCount, seed: seed)
    try await bench.add(to: daemon)
    let idle = try daemon.memory().resident
    let set = try await Encoding.json.requests(bench, socket: daemon.socket("infer"))
    var (nextID, seconds, resident) = (UInt64(1), 0.0, [Int]())
    for share in shares {
      let end = Int(Double(requests) * share)
      let load = Load(
        socket: daemon.socket("infer"), requests: set, connections: connectionCount, seconds: secondsMax,
        requestsMax: max(1, end - Int(nextID) + 1), placement: client)
      let outcome = try load.run(nextID: &nextID)
      if let complaint = outcome.complaint { throw BenchFailure("while memory was measured: \(complaint)") }
      seconds += outcome.seconds
      resident.append(try daemon.memory().resident)
    }
    return ServeMemory(
      lines: lineCount, requests: Int(nextID) - 1, connections: connectionCount, seconds: seconds, idleKilobytes: idle,
      residentKilobytes: resident, peakKilobytes: try daemon.memory().peak)
  }
}
