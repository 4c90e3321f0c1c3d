import Testing

/// What Triton's clients see over HTTP and over gRPC.
enum TritonChecks {
  static let health = ["live", "ready", "model ready", "version ready"]
  static let metadata = ["server metadata", "extensions", "model metadata", "inputs", "outputs", "version metadata"]
  static let batch = ["batch", "attributes of a batch", "ids of a batch", "shape of probabilities"]

  /// A refusal is checked for its status and its sentence.
  static func refusals(_ names: [String]) -> [String] { names.flatMap { ["\($0)'s status", $0] } }
}

extension ProcessTests {
  /// NVIDIA's HTTP client, which knows only TCP, through systemd's proxy.
  @Suite(
    .enabled(if: ClientProgram.python != nil, ClientProgram.missing),
    .enabled(if: ClientProgram.proxy != nil, ClientProgram.proxyMissing)
  )
  struct TritonClientTests {
    @Test func `tritonclient's HTTP client gets the same from binary tensors and from JSON, compressed or not`()
      async throws
    {
      let proxy = try #require(ClientProgram.proxy)
      let parts =
        ["infer", "attributes", "form of the answer", "repeated id"] + TritonChecks.refusals(["conflicting id"])
        + ["gzip", "gzip offered for the answer", "deflate", "deflate offered for the answer", "unseen group"]
        + TritonChecks.batch + ["integers", "outputs left out"]
      let checks =
        TritonChecks.health + ["unknown model is not ready"] + TritonChecks.metadata
        + ["repository index", "statistics"]
        + ["binary", "json"].flatMap { form in parts.map { "\(form) \($0)" } }
        + ["mixed forms", "mixed forms of the answer", "attribute in a mixed request"]
        + TritonChecks.refusals([
          "unknown model", "unknown version", "unknown model's metadata", "bad shape",
        ])
      try await withDaemon { daemon in
        try await ClientProgram.expect(
          "triton_http.py", [daemon.infer, proxy.activate, proxy.proxyd],
          checks: checks.map { "tritonclient.http \($0)" })
        #expect(try await daemon.predictions() == 2 * ClientRows.predictions + 1)
      }
    }
  }
}
