import Domain
import FoundationEssentials
import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import Glibc
import InferenceRPC
import NIOPosix
import SwiftProtobuf
import Synchronization
import UnixSocket
import Wire

typealias Client = Inference_GRPCInferenceService.Client<HTTP2ClientTransport.WrappedChannel>

/// A folder of its own for one test's socket.
final class SocketFolder: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/kaizen-rpc-XXXXXX".utf8CString)
    path = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap(mkdtemp).map { String(cString: $0) } ?? "/tmp"
    }
  }

  var socket: String { path + "/g" }

  deinit {
    for name in ["g", "g.lock"] { unlink(path + "/" + name) }
    rmdir(path)
  }
}

/// What the server handed over, and the replies the test keeps back.
final class Calls: Sendable {
  struct Call {
    let call: InferenceCall
    let asker: Asker
  }

  private struct State {
    var calls: [Call] = []
    var held: [@Sendable (Result<InferenceReply, WireFault>) -> Void] = []
  }

  private let state = Mutex(State())
  private let arrivals: AsyncStream<Void>.Continuation
  private let arrived: AsyncStream<Void>

  init() { (arrived, arrivals) = AsyncStream.makeStream() }

  var all: [Call] { state.withLock { $0.calls } }
  var lastRequest: InferRequest? {
    guard case .infer(_, _, let request)? = all.last?.call else { return nil }
    return request
  }

  /// - Parameter holding: kept for `release`, which whoever waits for the call may call at once.
  func note(
    _ call: InferenceCall, _ asker: Asker, holding: (@Sendable (Result<InferenceReply, WireFault>) -> Void)? = nil
  ) {
    state.withLock { state in
      state.calls.append(Call(call: call, asker: asker))
      if let holding { state.held.append(holding) }
    }
    arrivals.yield()
  }

  func release(_ answer: InferenceReply) {
    let held = state.withLock { state in
      defer { state.held = [] }
      return state.held
    }
    for reply in held { reply(.success(answer)) }
  }

  func wait(for count: Int) async {
    var seen = 0
    for await _ in arrived {
      seen += 1
      if seen == count { return }
    }
  }
}

/// A server on a socket of its own.
struct TestedServer {
  let path: String
  let calls: Calls
  let server: RPCServer

  /// Runs `body` with a client on a connection of its own.
  func withClient<Outcome: Sendable>(_ body: (Client) async throws -> Outcome) async throws -> Outcome {
    try await withConnection { try await body(Client(wrapping: $0)) }
  }

  func withConnection<Outcome: Sendable>(
    _ body: (GRPCClient<HTTP2ClientTransport.WrappedChannel>) async throws -> Outcome
  ) async throws -> Outcome {
    let transport = try await HTTP2ClientTransport.WrappedChannel.wrapping { configure in
      try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(unixDomainSocketPath: path) { configure($0) }
    }
    return try await withGRPCClient(transport: transport) { try await body($0) }
  }
}

/// Runs `body` against a server and shuts that down. Without a handler each call is answered as `example` is.
func withServer(
  _ limits: RPCLimits = .patient, answer: (@Sendable (InferenceCall) -> Result<InferenceReply, WireFault>?)? = nil,
  _ body: (TestedServer) async throws -> Void
) async throws {
  try await withServer(asking: { limits }, answer: answer, body)
}

/// As the other, with limits that may change meanwhile.
func withServer(
  asking limits: @escaping @Sendable () -> RPCLimits,
  answer: (@Sendable (InferenceCall) -> Result<InferenceReply, WireFault>?)? = nil,
  _ body: (TestedServer) async throws -> Void
) async throws {
  let folder = SocketFolder()
  let socket = try ListeningSocket.open(path: folder.socket, mode: 0o600, group: nil)
  let calls = Calls()
  let server = RPCServer(descriptor: socket.descriptor, limits: limits) { call, asker, reply in
    guard let answer else {
      calls.note(call, asker)
      return reply(.success(example(call)))
    }
    // Nil: the test replies when it likes.
    let given = answer(call)
    calls.note(call, asker, holding: given == nil ? reply : nil)
    if let given { reply(given) }
  }
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    defer { server.beginShutdown(drain: .zero) }
    try await body(TestedServer(path: folder.socket, calls: calls, server: server))
  }
  socket.remove()
}

extension RPCLimits {
  /// Nothing passes in the time of a test.
  static var patient: RPCLimits {
    var limits = RPCLimits()
    limits.deadline = .seconds(600)
    limits.requestTimeout = .seconds(600)
    return limits
  }
}

let exampleReply = InferReply(
  modelName: "press-1", modelVersion: "3", id: "p1",
  parameters: ["group": .text("product=A"), "confidence": .number(0.75), "recorded": .flag(true), "n": .integer(-4)],
  outputs: [
    Tensor(name: "label", shape: [1], datatype: .bytes, data: .bytes(["gut"])),
    Tensor(name: "probabilities", shape: [1, 2], datatype: .fp32, data: .floats([0.25, 0.75])),
    Tensor(name: "model_version", shape: [1], datatype: .int64, data: .ints([3])),
  ])

let exampleAnswer = InferenceReply.infer(exampleReply, binary: BinaryOutputs())

func example(_ call: InferenceCall) -> InferenceReply {
  switch call {
  case .live: .live(HealthReply(live: true, ready: false))
  case .ready: .ready(HealthReply(live: true, ready: false))
  case .serverMetadata: .serverMetadata(ServerMetadata(name: "kaizend", version: "1.2", extensions: ["a", "b"]))
  case .modelMetadata(let line, _):
    .modelMetadata(
      ModelMetadata(
        name: line.text, versions: ["1", "3"], platform: "kaizend_student",
        inputs: [TensorMetadata(name: "features", datatype: .fp32, shape: [-1, 64])],
        outputs: [TensorMetadata(name: "label", datatype: .bytes, shape: [-1])]))
  case .modelReady(let line, _): .modelReady(ModelReadyReply(name: line.text, ready: true))
  case .infer, .outcomes: exampleAnswer
  case .repositoryIndex(let readyOnly):
    .repositoryIndex(
      [RepositoryEntry(name: "press-1", version: "3", isReady: true)]
        + (readyOnly ? [] : [RepositoryEntry(name: "weld", version: "1", isReady: false, reason: "no student")]))
  case .modelStats(let line, _): .modelStats([statistics(line?.text ?? "every", version: "3")])
  }
}

private func statistics(_ name: String, version: String) -> ModelStatistics {
  var row = ModelStatistics(name: name, version: version)
  row.lastInference = 17
  row.inferenceCount = 40
  row.executionCount = 4
  row.success = .init(count: 4, nanoseconds: 900)
  row.fail = .init(count: 2, nanoseconds: 3)
  row.computeInfer = .init(count: 4, nanoseconds: 80)
  return row
}

/// One part of two features.
func part(_ values: [Float] = [1, 2]) -> Inference_ModelInferRequest {
  .with {
    $0.modelName = "press-1"
    $0.id = "p1"
    $0.inputs = [
      .with {
        $0.name = "features"
        $0.datatype = "FP32"
        $0.shape = [1, Int64(values.count)]
        $0.contents.fp32Contents = values
      }
    ]
  }
}

/// Typed contents moved to raw ones.
func raw(_ message: Inference_ModelInferRequest, _ bytes: [[UInt8]]) -> Inference_ModelInferRequest {
  var message = message
  for index in message.inputs.indices { message.inputs[index].clearContents() }
  message.rawInputContents = bytes.map { Data($0) }
  return message
}

func littleEndian<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
  numbers.flatMap { withUnsafeBytes(of: $0.littleEndian) { Array($0) } }
}

/// The error a call ends with; nil when it does not.
func failure(_ body: () async throws -> some Sendable) async -> RPCError? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error as? RPCError ?? RPCError(code: .unknown, message: "\(error)")
  }
}
