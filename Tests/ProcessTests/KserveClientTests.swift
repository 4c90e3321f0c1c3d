import Testing

extension ProcessTests {
  /// KServe's REST client on the Unix socket.
  @Suite(.enabled(if: ClientProgram.python != nil, ClientProgram.missing)) struct KserveClientTests {
    /// What it does over gRPC too.
    static let parts = [
      "infer", "attributes", "repeated id", "unseen group", "batch", "attributes of a batch", "ids of a batch",
      "binary tensors",
    ]

    @Test func `kserve's REST client gets every answer and every refusal`() async throws {
      try await withDaemon { daemon in
        let checks =
          ["live", "ready", "model ready", "unknown model is not ready"] + Self.parts
          + ["conflicting id", "unknown model", "bad shape"]
        try await ClientProgram.expect(
          "kserve_client.py", ["rest", daemon.infer], checks: checks.map { "kserve rest \($0)" })
        #expect(try await daemon.predictions() == ClientRows.predictions)
      }
    }
  }
}
