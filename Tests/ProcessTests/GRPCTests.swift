import CSQLite
import Domain
import GRPCCore
import GRPCNIOTransportHTTP2TransportServices
import Glibc
import InferenceRPC
import NIOPosix
import Store
import SwiftProtobuf
import Testing
import Wire

private typealias Client = Inference_GRPCInferenceService.Client<HTTP2ClientTransport.WrappedChannel>

/// One part of the tested line.
private func part(_ id: String, x: Float, product: String = "A") -> Inference_ModelInferRequest {
  .with {
    $0.modelName = "press-1"
    $0.id = id
    $0.parameters = ["product": .with { $0.stringParam = product }]
    $0.inputs = [
      .with {
        $0.name = "features"
        $0.datatype = "FP32"
        $0.shape = [1, 2]
        $0.contents.fp32Contents = [x, 0]
      }
    ]
  }
}

extension TestedDaemon {
  fileprivate func withGRPC<Outcome: Sendable>(_ body: (Client) async throws -> Outcome) async throws -> Outcome {
    let path = folder.file("run/grpc.sock")
    let transport = try await HTTP2ClientTransport.WrappedChannel.wrapping { configure in
      try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .connect(unixDomainSocketPath: path) { configure($0) }
    }
    return try await withGRPCClient(transport: transport) { try await body(Client(wrapping: $0)) }
  }
}

/// Rows of two columns as the ledger has them.
private func recorded(_ folder: Folder, _ sql: String) throws -> [String: Int64] {
  var database: OpaquePointer?
  var statement: OpaquePointer?
  defer {
    sqlite3_finalize(statement)
    sqlite3_close(database)
  }
  try #require(sqlite3_open(folder.file(StoreFile.ledger), &database) == SQLITE_OK)
  try #require(sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK)
  var rows: [String: Int64] = [:]
  while sqlite3_step(statement) == SQLITE_ROW {
    let name = sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? ""
    rows[name] = sqlite3_column_int64(statement, 1)
  }
  return rows
}

/// How a call ends.
private func code(_ body: () async throws -> some Sendable) async -> RPCError.Code? {
  do {
    _ = try await body()
    return nil
  } catch {
    return (error as? RPCError)?.code
  }
}

extension ProcessTests {
  @Suite struct GRPCTests {
    @Test func `a part is answered over gRPC as over HTTP, and recorded with its caller`() async throws {
      try await withDaemon { daemon in
        let answer = try await daemon.withGRPC { try await $0.modelInfer(part("g1", x: 0.5)) }
        #expect(answer.modelName == "press-1" && answer.modelVersion == "1" && answer.id == "g1")
        #expect(answer.parameters["recorded"]?.boolParam == true)
        let same = try await daemon.ask(try TestLine.infer("h1", x: 0.5))
        let probabilities = try InferReply(parsing: same.body).outputs.first { $0.name == "probabilities" }
        let ours = try #require(answer.outputs.first { $0.name == "probabilities" }).contents.fp32Contents
        #expect(probabilities?.data == .floats(ours))
        let joined = try await daemon.ask(try TestLine.outcome("g1", "good"))
        #expect(try TestLine.outcomeStatus(joined) == .joined)
        #expect(try await daemon.predictions() == 2)
        try await daemon.stop()
        let uids = try recorded(daemon.folder, "SELECT part, peer_uid FROM prediction")
        #expect(uids == ["g1": Int64(getuid()), "h1": Int64(getuid())])
      }
    }

    @Test func `a repeated id is answered again and recorded once; with another input it is refused`() async throws {
      try await withDaemon { daemon in
        try await daemon.withGRPC { client in
          let first = try await client.modelInfer(part("g1", x: 0.5))
          let again = try await client.modelInfer(part("g1", x: 0.5))
          #expect(first.outputs == again.outputs)
          do {
            _ = try await client.modelInfer(part("g1", x: 0.75))
            Issue.record("another input under the same id was answered")
          } catch let error as RPCError {
            #expect(error.code == .alreadyExists && error.message == WireFault.idConflict("g1").sentence)
          }
        }
        #expect(try await daemon.predictions() == 1)
      }
    }

    @Test func `the limits of a reload hold for gRPC too`() async throws {
      try await withDaemon { daemon in
        try await daemon.withGRPC { client in
          let large = part(String(repeating: "p", count: 4096), x: 1)
          // Read, and refused for the length of its id.
          #expect(await code { try await client.modelInfer(large) } == .invalidArgument)
          try daemon.folder.write("config/kaizend.toml", "[limits]\nbody_bytes_max = 2048\n")
          let _: ReloadReply = try await daemon.operate(.reload)
          #expect(await code { try await client.modelInfer(large) } == .resourceExhausted)
        }
      }
    }

    @Test func `a part whose deadline passes before it is written is marked late`() async throws {
      try await withDaemon { daemon in
        try await daemon.withGRPC { client in
          for number in 0..<20 {
            let late = part("late-\(number)", x: 0.5)
            #expect(
              await code { try await client.modelInfer(late, metadata: ["grpc-timeout": "1n"]) } == .deadlineExceeded)
            _ = try await client.modelInfer(part("early-\(number)", x: 0.5))
          }
        }
        try await daemon.stop()
        // What came with its call's head was answered, after its time; the rest was not read any more.
        let late = try recorded(
          daemon.folder,
          "SELECT part, coalesce(late, 0) FROM prediction LEFT JOIN remark ON remark.prediction = prediction.id")
        #expect(late.allSatisfy { $0.key.hasPrefix("late-") == ($0.value == 1) }, "\(late)")
        #expect(late.values.contains(1))
      }
    }

    @Test func `a daemon that stops answers its gRPC clients, takes its socket away and ends with 0`() async throws {
      try await withDaemon { daemon in
        try await daemon.withGRPC { client in
          let health = try await client.serverReady(.init())
          #expect(health.ready)
          let end = try await daemon.stop()
          #expect(end == .exited(0))
        }
        #expect(!daemon.folder.has("run/grpc.sock"))
      }
    }
  }
}
