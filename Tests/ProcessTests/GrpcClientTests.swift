import Testing

extension ProcessTests {
  /// The gRPC clients of Triton and of KServe on the Unix socket.
  @Suite(.enabled(if: ClientProgram.python != nil, ClientProgram.missing)) struct GrpcClientTests {
    @Test func `tritonclient's gRPC client gets every answer and every refusal`() async throws {
      let checks =
        TritonChecks.health + TritonChecks.refusals(["unknown model's readiness"]) + TritonChecks.metadata
        + ["infer", "attributes", "repeated id"] + TritonChecks.refusals(["conflicting id"])
        + ["unseen group", "gzip"] + TritonChecks.batch + ["chosen outputs", "outputs left out"]
        + TritonChecks.refusals([
          "unknown model", "unknown version", "unknown model's metadata", "bad shape", "Triton's own calls",
        ])
      try await withDaemon { daemon in
        try await ClientProgram.expect(
          "triton_grpc.py", [daemon.folder.file("run/grpc.sock")], checks: checks.map { "tritonclient.grpc \($0)" })
        #expect(try await daemon.predictions() == ClientRows.predictions)
      }
    }

    @Test func `kserve's gRPC client gets every answer and every refusal`() async throws {
      try await withDaemon { daemon in
        let checks =
          ["live", "ready", "model ready"] + KserveClientTests.parts
          + ["version", "conflicting id", "unknown model", "unknown version", "bad shape"]
        try await ClientProgram.expect(
          "kserve_client.py", ["grpc", daemon.folder.file("run/grpc.sock")], checks: checks.map { "kserve grpc \($0)" })
        #expect(try await daemon.predictions() == ClientRows.predictions)
      }
    }
  }
}
