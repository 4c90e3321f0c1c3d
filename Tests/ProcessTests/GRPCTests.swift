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

/// Who asked for each part, as the ledger has it.
private func recordedUIDs(_ folder: Folder) throws -> [String: UInt32] {
  var database: OpaquePointer?
  var statement: OpaquePointer?
  defer {
    sqlite3_finalize(statement)
    sqlite3_close(database)
  }
  try #require(sqlite3_open(folder.file(StoreFile.ledger), &database) == SQLITE_OK)
  let sql = "SELECT part, peer_uid FROM prediction"
  try #require(sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK)
  var uids: [String: UInt32] = [:]
  while sqlite3_step(statement) == SQLITE_ROW {
    let part = sqlite3_column_text(statement, 0).map { String(cString: $0) } ?? ""
    uids[part] = UInt32(truncatingIfNeeded: sqlite3_column_int64(statement, 1))
  }
  return uids
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
        #expect(try recordedUIDs(daemon.folder) == ["g1": getuid(), "h1": getuid()])
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
