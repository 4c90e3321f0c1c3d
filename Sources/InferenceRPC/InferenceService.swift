import GRPCCore
import SwiftProtobuf
import Wire

/// The protocol's calls: each is turned into an `InferenceCall`, handed over, and its answer turned back.
struct InferenceService: Inference_GRPCInferenceService.ServiceProtocol {
  let handler: RPCServer.Handler

  func serverLive(
    request: ServerRequest<Inference_ServerLiveRequest>, context: ServerContext
  ) async throws -> ServerResponse<Inference_ServerLiveResponse> {
    guard case .live(let reply) = try await ask(.live, request.metadata) else { throw Self.unfitting }
    return ServerResponse(message: .with { $0.live = reply.live })
  }

  func serverReady(
    request: ServerRequest<Inference_ServerReadyRequest>, context: ServerContext
  ) async throws -> ServerResponse<Inference_ServerReadyResponse> {
    guard case .ready(let reply) = try await ask(.ready, request.metadata) else { throw Self.unfitting }
    return ServerResponse(message: .with { $0.ready = reply.ready })
  }

  func modelReady(
    request: ServerRequest<Inference_ModelReadyRequest>, context: ServerContext
  ) async throws -> ServerResponse<Inference_ModelReadyResponse> {
    let message = request.message
    let answer = try await ask(request.metadata) { () throws(WireFault) in
      try .modelReady(name: message.name, version: message.version)
    }
    guard case .modelReady(let reply) = answer else { throw Self.unfitting }
    return ServerResponse(message: .with { $0.ready = reply.ready })
  }

  func serverMetadata(
    request: ServerRequest<Inference_ServerMetadataRequest>, context: ServerContext
  ) async throws -> ServerResponse<Inference_ServerMetadataResponse> {
    guard case .serverMetadata(let reply) = try await ask(.serverMetadata, request.metadata) else {
      throw Self.unfitting
    }
    return ServerResponse(message: Inference_ServerMetadataResponse(reply))
  }

  func modelMetadata(
    request: ServerRequest<Inference_ModelMetadataRequest>, context: ServerContext
  ) async throws -> ServerResponse<Inference_ModelMetadataResponse> {
    let message = request.message
    let answer = try await ask(request.metadata) { () throws(WireFault) in
      try .modelMetadata(name: message.name, version: message.version)
    }
    guard case .modelMetadata(let reply) = answer else { throw Self.unfitting }
    return ServerResponse(message: Inference_ModelMetadataResponse(reply))
  }

  func modelInfer(
    request: ServerRequest<Inference_ModelInferRequest>, context: ServerContext
  ) async throws -> ServerResponse<Inference_ModelInferResponse> {
    let message = request.message
    let answer = try await ask(request.metadata) { () throws(WireFault) in
      try .infer(name: message.modelName, version: message.modelVersion, try InferRequest(message))
    }
    guard case .infer(let reply, _) = answer else { throw Self.unfitting }
    return ServerResponse(message: Inference_ModelInferResponse(reply, raw: message.isRaw))
  }

  func modelStatistics(
    request: ServerRequest<Inference_ModelStatisticsRequest>, context: ServerContext
  ) async throws -> ServerResponse<Inference_ModelStatisticsResponse> {
    let message = request.message
    let answer = try await ask(request.metadata) { () throws(WireFault) in
      try .modelStats(name: message.name, version: message.version)
    }
    guard case .modelStats(let rows) = answer else { throw Self.unfitting }
    return ServerResponse(message: Inference_ModelStatisticsResponse(rows))
  }

  func repositoryIndex(
    request: ServerRequest<Inference_RepositoryIndexRequest>, context: ServerContext
  ) async throws -> ServerResponse<Inference_RepositoryIndexResponse> {
    let call = InferenceCall.repositoryIndex(readyOnly: request.message.ready)
    guard case .repositoryIndex(let entries) = try await ask(call, request.metadata) else { throw Self.unfitting }
    return ServerResponse(message: Inference_RepositoryIndexResponse(entries))
  }

  // MARK: Asking

  private func ask(
    _ metadata: Metadata, _ call: () throws(WireFault) -> InferenceCall
  ) async throws(RPCError) -> InferenceReply {
    let decoded: InferenceCall
    do throws(WireFault) { decoded = try call() } catch { throw error.error }
    return try await ask(decoded, metadata)
  }

  /// Not cut off when the client is gone or its time is up: `StreamGuard` answers in time, and what has been asked
  /// is recorded as asked.
  private func ask(_ call: InferenceCall, _ metadata: Metadata) async throws(RPCError) -> InferenceReply {
    func word(_ name: String) -> String? { metadata[stringValues: name].first { _ in true } }
    guard let uid = word(StreamGuard.uidName).flatMap({ UInt32($0) }),
      let deadline = word(CallDeadline.headerName).flatMap({ CallDeadline($0) })
    else {
      throw RPCError(
        code: .internalError, message: "the call came without the socket's word on who makes it and how long it waits")
    }
    let asker = Asker(uid: uid, deadline: deadline.instant)
    let result = await withCheckedContinuation { continuation in
      handler(call, asker) { continuation.resume(returning: $0) }
    }
    do throws(WireFault) { return try result.get() } catch { throw error.error }
  }

  private static var unfitting: RPCError {
    RPCError(code: .internalError, message: "the answer is one to another question; this is a fault of kaizend")
  }
}
