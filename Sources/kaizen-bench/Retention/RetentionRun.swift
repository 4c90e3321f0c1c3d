import CBench
import Domain
import Engine
import Foundation
import Glibc
import NeuralNet
import Store
import Wire

/// Two daemons on copies of one ledger in turn, each started anew: what one leaves in the disk's queue the other meets.
struct RetentionRun {
  let rows: Int
  let rounds: Int
  let seconds: Double
  let bench: BenchLines

  /// Unmeasured before each stretch, as a share of it.
  private static let warmUpShare = 0.2
  private static let rowsPerTransaction = 10_000
  /// Days ago that the first and the last row were stored.
  private static let daysAgo = (first: 160.0, last: 100.0)
  /// Every tenth part has no outcome.
  private static let unlabelledEvery = 10
  /// Seconds a start may take: the first counts every row.
  private static let startSecondsMax = 300.0
  /// Looks for rows that have gone, 50 ms apart: a daemon decides within its first second.
  private static let beginningTries = 60
  /// Each as long as a request may take.
  private static let statusTries = 60
  private static let keep = "[ledger]\nkeep_days = 0\nkeep_inputs_days = 0\n"
  private static let trim = "[ledger]\nkeep_days = 31\nkeep_inputs_days = 31\ninputs_per_group = 500\n"
  /// Neither sockets nor settings go into a copy.
  private static let notCopied: Set<String> = ["run", "config"]

  func measure(_ ids: RetentionIDs) async throws -> [RetentionServing] {
    let folder = try TemporaryFolder.make("retention-\(ids.rawValue)")
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let source = folder + "/source"
    let requests = try await prepare(source, ids)
    var sides = try [("keeping", Self.keep), ("trimming", Self.trim)].map { (name, settings) in
      try copy(source, to: "\(folder)/\(name)", settings: settings)
    }
    // Else the daemons' own writes would wait for what the copies left to the disk.
    sync()
    var results = RetentionLoad.allCases.map { RetentionServing(ids: ids, load: $0) }
    for round in 0..<rounds {
      for index in round.isMultiple(of: 2) ? [0, 1] : [1, 0] {
        let figures = try await stretches(&sides[index], ids, requests, isTrimming: index == 1)
        for (place, figure) in figures.enumerated() {
          if index == 0 { results[place].keeping.append(figure) } else { results[place].trimming.append(figure) }
        }
      }
    }
    return results
  }

  private struct Side {
    let folder: String
    var nextID: UInt64
  }

  private func stretches(
    _ side: inout Side, _ ids: RetentionIDs, _ requests: RequestSet, isTrimming: Bool
  ) async throws -> [RetentionRound] {
    let daemon = try await started(side.folder)
    defer { daemon.end() }
    if isTrimming { try await waitForTrimming(daemon) }
    var figures: [RetentionRound] = []
    for kind in RetentionLoad.allCases {
      var load = Load(
        socket: daemon.socket("infer"), requests: requests, connections: kind.connections,
        seconds: seconds * Self.warmUpShare, placement: Placement(core: nil, isRealTime: true))
      load.scattersIDs = ids == .random
      if kind == .paced { load.requestsPerSecond = RetentionLoad.pacedPerSecond }
      _ = try load.run(nextID: &side.nextID)
      load.seconds = seconds
      let (before, start) = (try await dropped(daemon), ContinuousClock.now)
      let processor = daemon.process.processorSeconds()
      let outcome = try load.run(nextID: &side.nextID)
      if let complaint = outcome.complaint { throw BenchFailure("while retention was measured: \(complaint)") }
      let used = daemon.process.processorSeconds() - processor
      let (after, passed) = (try await dropped(daemon), (ContinuousClock.now - start) / .seconds(1))
      figures.append(
        RetentionRound(
          trips: ServeRound(outcome, serverSeconds: used),
          featuresPerSecond: Double(after.features - before.features) / passed,
          partsPerSecond: Double(after.parts - before.parts) / passed,
          residentKilobytes: try daemon.memory().resident))
    }
    return figures
  }

  private func dropped(_ daemon: MeasuredDaemon) async throws -> (features: Int, parts: Int) {
    let dropped = try await status(daemon).ledger.dropped
    return (dropped?.features ?? 0, dropped?.predictions ?? 0)
  }

  /// Right after its start a daemon may count rows for longer than an operator's request waits.
  private func status(_ daemon: MeasuredDaemon) async throws -> StatusReply {
    for _ in 1..<Self.statusTries {
      if let status = try? await daemon.status() { return status }
    }
    return try await daemon.status()
  }

  /// Where nothing is left to take away it goes on too, and the figures say so.
  private func waitForTrimming(_ daemon: MeasuredDaemon) async throws {
    let before = try await dropped(daemon)
    for _ in 0..<Self.beginningTries where try await dropped(daemon) == before {
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func started(_ folder: String) async throws -> MeasuredDaemon {
    let daemon = try MeasuredDaemon(directory: folder)
    do {
      try daemon.process.waitUntilListening(daemon.socket("infer"), seconds: Self.startSecondsMax)
      try await daemon.waitUntilReady()
    } catch {
      daemon.end()
      throw error
    }
    return daemon
  }

  // MARK: - The ledger

  /// A state directory with the line, and a ledger of old rows that the monitor has counted.
  private func prepare(_ folder: String, _ ids: RetentionIDs) async throws -> RequestSet {
    try write(Self.keep, to: folder)
    let requests: RequestSet
    do {
      let daemon = try await started(folder)
      defer { daemon.end() }
      try await bench.add(to: daemon)
      requests = try await Encoding.json.requests(bench, socket: daemon.socket("infer"))
    }
    // Parts that were asked for to know the answers have ids above all others: a counter below them is none.
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("ledger") {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
    try fill(folder, ids)
    let daemon = try await started(folder)
    // Answered on the plant's thread, after what it does first.
    _ = try await status(daemon)
    daemon.end()
    return requests
  }

  private func fill(_ folder: String, _ ids: RetentionIDs) throws {
    let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1e6))
    let ledger = try SQLiteLedger.open(stateDirectory: folder, at: now).ledger
    let first = now.advanced(hours: -24 * Self.daysAgo.first)
    let step = (Self.daysAgo.first - Self.daysAgo.last) * 24 / Double(rows)
    let templates = bench.parts.map { ($0, logits: bench.student.logits($0.values, rowCount: 1)) }
    for start in stride(from: 1, through: rows, by: Self.rowsPerTransaction) {
      try ledger.transaction { () throws(StorageFailure) in
        for number in start..<min(rows + 1, start + Self.rowsPerTransaction) {
          let (part, logits) = templates[number % templates.count]
          let time = first.advanced(hours: step * Double(number))
          let best = logits.indices.max { logits[$0] < logits[$1] } ?? 0
          let receipt = Receipt(wallClock: time, monotonicMicroseconds: Int64(number) * 1000, peerUID: 0)
          let name = Self.id(number, ids)
          _ = try ledger.append(
            Prediction(
              line: bench.lines[0], part: name, cell: Cell([part.product]), version: ModelVersion(1),
              inputs: part.values, logits: logits, predictedClass: best, confidence: part.probabilities[best],
              time: time, receipt: receipt))
          guard !number.isMultiple(of: Self.unlabelledEvery) else { continue }
          _ = try ledger.record(
            Outcome(
              line: bench.lines[0], part: name, label: best, observedAt: time, arrivedAt: time, source: "audit",
              amends: false, receipt: receipt))
        }
      }
    }
    try ledger.checkpoint()
  }

  /// As the client in C names its parts.
  private static func id(_ number: Int, _ ids: RetentionIDs) -> String {
    let digits = String(ids == .random ? kb_scattered(UInt64(number)) : UInt64(number))
    return "p" + String(repeating: "0", count: RequestSet.idDigits - digits.count) + digits
  }

  private func copy(_ source: String, to folder: String, settings: String) throws -> Side {
    try write(settings, to: folder)
    for name in try FileManager.default.contentsOfDirectory(atPath: source) where !Self.notCopied.contains(name) {
      try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: "\(folder)/\(name)")
    }
    return Side(folder: folder, nextID: UInt64(rows) + 1)
  }

  /// The settings of a daemon in a folder of its own.
  private func write(_ settings: String, to folder: String) throws {
    try FileManager.default.createDirectory(atPath: folder + "/config", withIntermediateDirectories: true)
    try Data(settings.utf8).write(to: URL(filePath: folder + "/config/kaizend.toml"))
  }
}
