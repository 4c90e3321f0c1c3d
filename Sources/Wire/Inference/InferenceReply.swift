/// The answer to an `InferenceCall`, before a transport gives it its form.
public enum InferenceReply: Sendable {
  case live(HealthReply)
  case ready(HealthReply)
  case serverMetadata(ServerMetadata)
  case modelMetadata(ModelMetadata)
  case modelReady(ModelReadyReply)
  /// With the outputs that a request over HTTP wants as raw bytes.
  case infer(InferReply, binary: BinaryOutputs)
  case outcomes(OutcomesReply)
  case repositoryIndex([RepositoryEntry])
  case modelStats([ModelStatistics])

  /// As HTTP carries it.
  public var response: WireResponse {
    switch self {
    case .live(let reply): reply.response(asking: .live)
    case .ready(let reply): reply.response(asking: .ready)
    case .serverMetadata(let reply): reply.response
    case .modelMetadata(let reply): reply.response
    case .modelReady(let reply): reply.response
    case .infer(let reply, let binary): reply.response(binary)
    case .outcomes(let reply): reply.response
    case .repositoryIndex(let entries): RepositoryEntry.response(entries)
    case .modelStats(let rows): ModelStatistics.response(rows)
    }
  }
}

extension Result<InferenceReply, WireFault> {
  /// As HTTP carries it.
  public var response: WireResponse {
    switch self {
    case .success(let reply): reply.response
    case .failure(let fault): fault.response
    }
  }
}
