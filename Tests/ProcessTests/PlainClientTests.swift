import Testing
import Wire

/// What every client's program does, seen from the ledger.
enum ClientRows {
  /// One part, one of an unseen group and a batch of three; what was refused or repeated leaves no row.
  static let predictions = 5
  /// Two joined and one held; the plain HTTP clients alone can send outcomes.
  static let outcomes = 3
}

extension ProcessTests {
  /// General HTTP clients that can connect to a Unix socket.
  @Suite(.enabled(if: ClientProgram.python != nil, ClientProgram.missing)) struct PlainClientTests {
    private static let checks = [
      "live", "ready", "server metadata", "extensions", "model metadata", "inputs", "outputs", "version metadata",
      "model ready", "repository index", "infer", "attributes", "repeated id", "conflicting id",
      "conflict's sentence", "unseen group", "batch", "attributes of a batch", "ids of a batch",
      "shape of probabilities", "unknown model", "unknown model's sentence", "bad shape", "bad shape's sentence",
      "outcomes",
    ]

    @Test func `httpx, aiohttp and requests-unixsocket get every answer and every refusal`() async throws {
      let clients = ["httpx", "aiohttp", "requests-unixsocket"]
      try await withDaemon { daemon in
        try await ClientProgram.expect(
          "plain.py", [daemon.infer], checks: clients.flatMap { name in Self.checks.map { "\(name) \($0)" } })
        let ledger = try await daemon.status().ledger
        #expect(ledger.predictions == clients.count * ClientRows.predictions)
        #expect(ledger.outcomes == clients.count * ClientRows.outcomes)
      }
    }
  }
}
