import Domain
import Engine
import Foundation
import NeuralNet
import Store
import Testing
import Wire

extension ProcessTests {
  @Suite struct ImportTests {
    /// `KAIZEN_IMPORT_ROWS=1000000` imports a million rows and prints the time; a few thousand otherwise.
    private static let rowCount =
      ProcessInfo.processInfo.environment["KAIZEN_IMPORT_ROWS"].flatMap { Int($0) } ?? 6000

    /// One in ten rows says again what was said, one in twenty names no part or no class, one in a hundred contradicts.
    @Test func `a file with duplicates, conflicts and unknown names is counted exactly, tried and imported`()
      async throws
    {
      let folder = try Folder()
      let file = try OutcomeSample(rows: Self.rowCount, seed: 7)
      try file.write(to: folder.file("outcomes.csv"))
      let daemon = try await daemon(parts: file.parts, in: folder)

      let tried = try await importing(folder, file, "--dry-run")
      #expect(tried.statuses == file.statuses)
      #expect(try await daemon.status().ledger.outcomes == 0, "nothing of a trial is stored")
      let imported = try await importing(folder, file, "--report", folder.file("report.csv"))
      #expect(imported.statuses == file.statuses)
      let reported = try folder.text("report.csv").split(separator: "\n").dropFirst().compactMap {
        Int($0.prefix { $0 != "," })
      }
      #expect(reported == file.rejected)
      let known = (file.statuses["joined"] ?? 0) + (file.statuses["held_unknown_id"] ?? 0)
      #expect(try await daemon.status().ledger.outcomes == known)
      let again = try await importing(folder, file)
      #expect(again.statuses["duplicate"] == known + (file.statuses["duplicate"] ?? 0))
      #expect(again.statuses["joined"] == nil)

      let coverage: CoverageReply = try await daemon.operate(.coverage(try TestLine.id()))
      #expect(coverage.total.outcomes == file.statuses["joined"])
      #expect(coverage.total.predictions == file.parts)
      #expect(coverage.total.n == coverage.total.outcomes)
      #expect(coverage.waiting == file.statuses["held_unknown_id"])
      let told = try await kaizenctl(folder, "outcomes", "coverage")
      #expect(told.end == .exited(0))
      print(told.output)
      #expect(try await daemon.stop() == .exited(0))
    }

    @Test func `an import goes on by itself over a killed and restarted daemon`() async throws {
      let folder = try Folder()
      let parts = 40_000
      try (["id,label"] + (0..<parts).map { "\(OutcomeSample.name($0)),good" }).joined(separator: "\n")
        .write(toFile: folder.file("outcomes.csv"), atomically: true, encoding: .utf8)
      let first = try await daemon(parts: parts, in: folder)
      async let importing = kaizenctl(
        folder, "outcomes", "import", "press-1", folder.file("outcomes.csv"), "--json")
      try await eventually("the first outcomes") { try await first.status().ledger.outcomes > 0 ? true : nil }
      #expect(try await first.stop(SIGKILL) == .signaled(SIGKILL))
      let second = try TestedDaemon(folder)
      try await second.ready()
      let ended = try await importing
      #expect(ended.end == .exited(0), "\(ended.errors)")
      let reply = try OperatorCoding.message(ImportSummary.self, from: Array(ended.output.utf8))
      #expect(reply.rows == parts)
      #expect(try await second.status().ledger.outcomes == parts)
      print("\(reply.resentRows) of \(parts) rows went out twice")
    }

    /// A daemon whose line has answered so many parts.
    private func daemon(parts: Int, in folder: Folder) async throws -> TestedDaemon {
      let empty = try TestedDaemon(folder)
      try await empty.ready()
      try await empty.add(TestLine.addition(LineSettings(mode: .observe)))
      try #require(try await empty.stop() == .exited(0))
      try addParts(parts, to: folder)
      let daemon = try TestedDaemon(folder)
      try await daemon.ready(within: .seconds(60))
      return daemon
    }

    /// Parts in the ledger as `TestLine` would have answered them.
    private func addParts(_ count: Int, to folder: Folder) throws {
      let ledger = try SQLiteLedger.open(stateDirectory: folder.path, at: Timestamp(seconds: 0)).ledger
      let line = try TestLine.id()
      let start = try #require(Timestamp("2026-11-01"))
      for first in stride(from: 0, to: count, by: 2000) {
        try ledger.transaction { () throws(StorageFailure) in
          for number in first..<min(count, first + 2000) {
            let time = start.advanced(hours: Double(number) / 3600)
            _ = try ledger.append(
              Prediction(
                line: line, part: OutcomeSample.name(number), cell: TestLine.cells[number % 2],
                version: ModelVersion(1), inputs: [1, 0], logits: [-0.5, 0.5], predictedClass: 1, confidence: 0.7,
                time: time, receipt: Receipt(wallClock: time, monotonicMicroseconds: 0, peerUID: 0)))
          }
        }
      }
    }

    private func importing(_ folder: Folder, _ file: OutcomeSample, _ options: String...) async throws -> ImportSummary
    {
      let start = ContinuousClock.now
      let ran = try await kaizenctl(
        folder, ["outcomes", "import", "press-1", folder.file("outcomes.csv"), "--json", "--quiet"] + options,
        within: .seconds(300))
      #expect(ran.end == .exited(65), "some rows are wrong: \(ran.errors)")
      print("\(file.rows.count) rows imported in \(ContinuousClock.now - start) \(options.first ?? "")")
      return try OperatorCoding.message(ImportSummary.self, from: Array(ran.output.utf8))
    }
  }
}

/// What a test reads of `kaizenctl outcomes import --json`.
private struct ImportSummary: Decodable {
  struct Count: Decodable {
    let status: String
    let rows: Int
  }

  let rows: Int
  let resentRows: Int
  let counts: [Count]

  var statuses: [String: Int] { Dictionary(uniqueKeysWithValues: counts.map { ($0.status, $0.rows) }) }

  private enum CodingKeys: String, CodingKey {
    case rows, resentRows
    case counts = "statuses"
  }
}

/// A file of outcomes, and what should become of its rows.
private struct OutcomeSample {
  let parts: Int
  private(set) var rows: [(id: String, label: String)] = []
  private(set) var statuses: [String: Int] = [:]
  /// Numbers of the rows that are not taken.
  private(set) var rejected: [Int] = []

  static func name(_ number: Int) -> String { "SN-\(10_000_000 + number)" }

  init(rows count: Int, seed: UInt64) throws {
    parts = count
    var random = Generator(seed: seed)
    // Findings come in about the order of the parts. `KAIZEN_IMPORT_SHUFFLED` deals the whole deck, the worst for a
    // ledger that stores by time.
    let isShuffled = ProcessInfo.processInfo.environment["KAIZEN_IMPORT_SHUFFLED"] != nil
    let reach = isShuffled ? count : 20_000
    var deck = Array(0..<count)
    for index in deck.indices { deck.swapAt(index, index + random.index(below: min(reach, count - index))) }
    var told: [(id: String, label: String)] = []
    for row in 1...count {
      let isGood = random.index(below: 2) == 0
      var item = (id: Self.name(deck[row - 1]), label: isGood ? "good" : "bad")
      var status = "joined"
      switch random.uniform() * 100 {
      case ..<10 where !told.isEmpty:
        item = told[random.index(below: told.count)]
        status = "duplicate"
      case ..<12.5:
        item.id = "XX-\(row)"
        status = "held_unknown_id"
      case ..<15:
        item.label = "godo"
        status = "unknown_label"
      case ..<16 where !told.isEmpty:
        item = told[random.index(below: told.count)]
        item.label = item.label == "good" ? "bad" : "good"
        status = "conflict"
      default: break
      }
      if status == "joined" || status == "held_unknown_id" { told.append(item) }
      if status == "conflict" || status == "unknown_label" { rejected.append(row) }
      statuses[status, default: 0] += 1
      rows.append(item)
    }
  }

  func write(to path: String) throws {
    var text = "id,label,observed_at\n"
    for row in rows { text += "\(row.id),\(row.label),2026-11-20T08:00:00Z\n" }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
}
