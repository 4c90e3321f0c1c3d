import Domain
import FoundationEssentials
import GRPCCore
import Glibc
import InferenceRPC
import SwiftProtobuf
import Testing
import Wire

@Test func `every question of the protocol is answered`() async throws {
  try await withServer { server in
    try await server.withClient { client in
      #expect(try await client.serverLive(.init()).live)
      #expect(try await !client.serverReady(.init()).ready)
      #expect(try await client.modelReady(.with { $0.name = "press-1" }).ready)
      let about = try await client.serverMetadata(.init())
      #expect(about.name == "kaizend" && about.version == "1.2" && about.extensions == ["a", "b"])
      let model = try await client.modelMetadata(
        .with {
          $0.name = "press-1"; $0.version = "3"
        })
      #expect(model.name == "press-1" && model.versions == ["1", "3"] && model.platform == "kaizend_student")
      #expect(model.inputs.map(\.shape) == [[-1, 64]] && model.inputs.map(\.datatype) == ["FP32"])
      #expect(model.outputs.map(\.name) == ["label"])
    }
    let line = try LineID("press-1")
    #expect(
      server.calls.all.map(\.call) == [
        .live, .ready, .modelReady(line, nil), .serverMetadata, .modelMetadata(line, ModelVersion(3)),
      ])
  }
}

@Test func `Triton's index and statistics are answered, for one line or all`() async throws {
  try await withServer { server in
    try await server.withClient { client in
      let all = try await client.repositoryIndex(.init())
      #expect(all.models.map(\.state) == ["READY", "UNAVAILABLE"] && all.models.map(\.reason) == ["", "no student"])
      #expect(try await client.repositoryIndex(.with { $0.ready = true }).models.map(\.name) == ["press-1"])
      let one = try await client.modelStatistics(
        .with {
          $0.name = "weld"; $0.version = "3"
        })
      #expect(one.modelStats.map(\.name) == ["weld"])
      #expect(one.modelStats.first?.inferenceCount == 40 && one.modelStats.first?.executionCount == 4)
      #expect(one.modelStats.first?.inferenceStats.success.ns == 900)
      #expect(one.modelStats.first?.inferenceStats.fail.count == 2)
      #expect(one.modelStats.first?.inferenceStats.computeInfer.ns == 80)
      let every = try await client.modelStatistics(.init())
      #expect(every.modelStats.map(\.name) == ["every"])
    }
  }
}

@Test func `a typed request arrives whole and is answered typed`() async throws {
  try await withServer { server in
    var message = part([0.5, -2])
    message.modelVersion = "3"
    message.parameters = [
      "product": .with { $0.stringParam = "A7" }, "camera": .with { $0.int64Param = 2 },
      "flag": .with { $0.boolParam = true }, "heat": .with { $0.doubleParam = 1.5 },
      "serial": .with { $0.uint64Param = 7 }, "unset": .init(),
    ]
    message.outputs = [.with { $0.name = "label" }]
    let answer = try await server.withClient { [message] in try await $0.modelInfer(message) }
    #expect(
      server.calls.all.map(\.call) == [
        .infer(
          try LineID("press-1"), ModelVersion(3),
          InferRequest(
            id: "p1",
            parameters: [
              "product": .text("A7"), "camera": .integer(2), "flag": .flag(true), "heat": .number(1.5),
              "serial": .integer(7),
            ],
            inputs: [Tensor(name: "features", shape: [1, 2], datatype: .fp32, data: .floats([0.5, -2]))],
            outputs: ["label"]))
      ])
    #expect(answer.modelName == "press-1" && answer.modelVersion == "3" && answer.id == "p1")
    #expect(answer.parameters["group"]?.stringParam == "product=A" && answer.parameters["n"]?.int64Param == -4)
    #expect(answer.parameters["confidence"]?.doubleParam == 0.75 && answer.parameters["recorded"]?.boolParam == true)
    #expect(answer.rawOutputContents.isEmpty)
    #expect(answer.outputs.map(\.name) == ["label", "probabilities", "model_version"])
    #expect(answer.outputs[0].contents.bytesContents.map { Array($0) } == [Array("gut".utf8)])
    #expect(answer.outputs[1].contents.fp32Contents == [0.25, 0.75] && answer.outputs[1].shape == [1, 2])
    #expect(answer.outputs[2].contents.int64Contents == [3])
  }
}

@Test func `a raw request is answered raw`() async throws {
  try await withServer { server in
    let message = raw(part(), [littleEndian([Float(0.5).bitPattern, Float(-2).bitPattern])])
    let answer = try await server.withClient { try await $0.modelInfer(message) }
    #expect(server.calls.lastRequest?.inputs.map(\.data) == [.floats([0.5, -2])])
    #expect(answer.outputs.allSatisfy { !$0.hasContents })
    #expect(
      answer.rawOutputContents.map { Array($0) } == [
        [3, 0, 0, 0] + Array("gut".utf8), littleEndian([Float(0.25).bitPattern, Float(0.75).bitPattern]),
        littleEndian([Int64(3)]),
      ])
  }
}

@Test func `typed and raw contents together are refused, and so are raw ones that are too few`() async throws {
  try await withServer { server in
    try await server.withClient { client in
      var both = part()
      both.rawInputContents = [.init(littleEndian([Float(1).bitPattern, Float(2).bitPattern]))]
      let error = await failure { [both] in try await client.modelInfer(both) }
      #expect(error?.code == .invalidArgument)
      #expect(error?.message.contains("a request has one or the other") == true, "\(error?.message ?? "")")
      let few = raw(part(), [[], []])
      #expect(await failure { try await client.modelInfer(few) }?.code == .invalidArgument)
    }
    #expect(server.calls.all.isEmpty)
  }
}

@Test func `a caller is known by the socket and by nothing it says`() async throws {
  try await withServer { server in
    _ = try await server.withClient { client in
      try await client.serverLive(.init(), metadata: ["kaizen-peer-uid": "4711"])
    }
    #expect(server.calls.all.map(\.asker.uid) == [getuid()])
  }
}

@Test(
  arguments: [
    (WireFault.badMessage("x"), RPCError.Code.invalidArgument, nil), (.missingInput("x"), .invalidArgument, nil),
    (.nonFinite(name: "features", index: 3), .invalidArgument, nil), (.unknownLine("weld"), .notFound, nil),
    (.unknownVersion(line: "weld", version: "9"), .notFound, nil), (.idConflict("p1"), .alreadyExists, nil),
    (.refused("x"), .failedPrecondition, nil), (.forbidden("x"), .permissionDenied, nil),
    (.bodyTooLarge(limit: 5), .resourceExhausted, nil), (.internalFailure("x"), .internalError, nil),
    (.queueFull(retryAfterSeconds: 2), .unavailable, "2000"), (.notReady("x"), .unavailable, nil),
    (.deadlinePassed(milliseconds: 4), .deadlineExceeded, nil),
  ] as [(WireFault, RPCError.Code, String?)])
func `a fault is told with its own sentence`(fault: WireFault, code: RPCError.Code, pushback: String?) async throws {
  try await withServer(answer: { _ in .failure(fault) }) { server in
    try await server.withClient { client in
      let error = await failure { try await client.modelInfer(part()) }
      #expect(error?.code == code && error?.message == fault.sentence)
      #expect(error.map { Array($0.metadata[stringValues: "grpc-retry-pushback-ms"]) } == (pushback.map { [$0] } ?? []))
    }
  }
}

@Test func `what nobody implements says so`() async throws {
  try await withServer { server in
    try await server.withConnection { client in
      let error = await failure {
        try await client.unary(
          request: ClientRequest(message: Inference_ModelReadyRequest()),
          descriptor: MethodDescriptor(fullyQualifiedService: "inference.GRPCInferenceService", method: "ModelConfig"),
          serializer: Plain(), deserializer: Plain(), options: .defaults
        ) { try $0.message }
      }
      #expect(error?.code == .unimplemented)
    }
  }
}

private struct Plain: MessageSerializer, MessageDeserializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: Inference_ModelReadyRequest) throws -> Bytes {
    Bytes(repeating: 0, count: 0)
  }
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Inference_ModelReadyRequest { .init() }
}
