import GRPCCore
import Glibc
import InferenceRPC
import SwiftProtobuf
import Synchronization
import Testing
import Wire

@Test func `a call that is not answered in time ends with its deadline, the client's own before ours`() async throws {
  var limits = RPCLimits.patient
  limits.deadline = .milliseconds(30)
  try await withServer(limits, answer: { _ in nil }) { server in
    try await server.withClient { client in
      let ours = await failure { try await client.modelInfer(part()) }
      #expect(ours?.code == .deadlineExceeded)
      #expect(ours?.message == WireFault.deadlinePassed(milliseconds: 30).sentence)
      for text in ["20m", "20000u", "20000000n"] {
        let theirs = await failure { try await client.modelInfer(part(), metadata: ["grpc-timeout": "\(text)"]) }
        #expect(theirs?.message == WireFault.deadlinePassed(milliseconds: 20).sentence, "\(text)")
      }
      for text in ["", "m", "20", "123456789m", "-5m", "5x"] {
        let none = await failure { try await client.modelInfer(part(), metadata: ["grpc-timeout": "\(text)"]) }
        #expect(none?.message == WireFault.deadlinePassed(milliseconds: 30).sentence, "\(text)")
      }
    }
    server.calls.release(exampleAnswer)
  }
}

@Test func `a client's deadline may be longer than ours, up to a limit`() async throws {
  var limits = RPCLimits.patient
  limits.deadline = .milliseconds(1)
  limits.deadlineMax = .milliseconds(40)
  try await withServer(limits, answer: { _ in nil }) { server in
    try await server.withClient { client in
      let error = await failure { try await client.modelInfer(part(), metadata: ["grpc-timeout": "1H"]) }
      #expect(error?.message == WireFault.deadlinePassed(milliseconds: 40).sentence)
    }
    server.calls.release(exampleAnswer)
  }
}

@Test func `a message past the limit is refused before it is read, and the connection goes on`() async throws {
  var limits = RPCLimits.patient
  limits.messageBytesMax = 1 << 20
  try await withServer(limits) { server in
    try await server.withClient { client in
      let error = await failure { try await client.modelInfer(part([Float](repeating: 0, count: 600_000))) }
      #expect(error?.code == .resourceExhausted && error?.message == WireFault.bodyTooLarge(limit: 1 << 20).sentence)
      let next = try await client.modelInfer(part())
      #expect(next.id == "p1")
    }
    #expect(server.calls.all.count == 1)
  }
}

@Test func `a message of two megabytes passes`() async throws {
  try await withServer { server in
    let values = (0..<500_000).map { Float($0) }
    let answer = try await server.withClient { try await $0.modelInfer(part(values)) }
    #expect(answer.id == "p1")
    #expect(server.calls.lastRequest?.inputs.first?.data == .floats(values))
  }
}

@Test func `no more calls of a connection are handed over than the limit`() async throws {
  var limits = RPCLimits.patient
  limits.callsMax = 2
  try await withServer(limits, answer: { _ in nil }) { server in
    try await server.withClient { client in
      // So that the client knows the limit before it sends more.
      async let first = client.serverLive(.init())
      await server.calls.wait(for: 1)
      server.calls.release(.live(HealthReply(live: true, ready: true)))
      _ = try await first
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 { group.addTask { _ = try await client.modelInfer(part()) } }
        for round in 1...3 {
          await server.calls.wait(for: 2)
          #expect(server.calls.all.count == 1 + 2 * round)
          server.calls.release(exampleAnswer)
        }
        try await group.waitForAll()
      }
    }
  }
}

@Test func `a connection past the limit is told why, and those before it notice nothing`() async throws {
  var limits = RPCLimits.patient
  limits.connectionsMax = 1
  try await withServer(limits) { server in
    try await server.withClient { first in
      #expect(try await first.serverLive(.init()).live)
      try await server.withClient { second in
        let error = await failure { try await second.serverLive(.init()) }
        #expect(error?.code == .unavailable && error?.message == WireFault.tooManyConnections(limit: 1).sentence)
        #expect(error.map { Array($0.metadata[stringValues: "grpc-retry-pushback-ms"]) } == ["1000"])
      }
      #expect(try await first.serverLive(.init()).live)
    }
  }
}

@Test func `a server that stops answers what it was asked, and then is gone`() async throws {
  try await withServer(answer: { _ in nil }) { server in
    try await server.withClient { client in
      async let answer = client.modelInfer(part())
      await server.calls.wait(for: 1)
      server.server.beginShutdown(drain: .seconds(600))
      server.calls.release(exampleAnswer)
      let given = try await answer
      #expect(given.id == "p1")
    }
  }
}

@Test func `a stop does not wait for an answer longer than it may`() async throws {
  try await withServer(answer: { _ in nil }) { server in
    try await server.withClient { client in
      async let answer = failure { try await client.modelInfer(part()) }
      await server.calls.wait(for: 1)
      server.server.beginShutdown(drain: .milliseconds(20))
      #expect(await answer?.code == .unavailable)
      server.calls.release(exampleAnswer)
    }
  }
}

@Test func `a call whose message never comes is ended`() async throws {
  var limits = RPCLimits.patient
  limits.requestTimeout = .milliseconds(20)
  try await withServer(limits) { server in
    let peer = try #require(RawPeer(server.path))
    peer.write(RawPeer.preface + RawPeer.headers(stream: 1, path: "/inference.GRPCInferenceService/ServerLive"))
    #expect(await peer.sees(ofStream: 1), "HEADERS with END_STREAM")
    #expect(server.calls.all.isEmpty)
  }
}

@Test func `rubbish on the socket hurts nobody but its sender`() async throws {
  try await withServer { server in
    var generator = SeededBytes(state: 7)
    // In rounds that fit the queue of the socket, which the kernel may cut to 128.
    for round in 0..<5 {
      for index in 0..<40 {
        let peer = try #require(RawPeer(server.path))
        peer.write((index.isMultiple(of: 2) ? RawPeer.preface : []) + generator.next(round * 150 + index * 3))
      }
      let answer = try await server.withClient { try await $0.serverLive(.init()) }
      #expect(answer.live)
    }
  }
}

@Test func `limits that change hold for later calls and connections, but no message passes that of the start`()
  async throws
{
  let limits = Mutex(RPCLimits.patient)
  limits.withLock { $0.messageBytesMax = 1 << 20 }
  try await withServer(asking: { limits.withLock { $0 } }, answer: { $0 == .live ? .success(example($0)) : nil }) {
    server in
    try await server.withClient { client in
      let large = part([Float](repeating: 0, count: 600_000))
      #expect(try await client.serverLive(.init()).live)
      // Less holds at once, more does not.
      for (now, held) in [(1 << 10, 1 << 10), (8 << 20, 1 << 20)] {
        limits.withLock { $0.messageBytesMax = now }
        let error = await failure { try await client.modelInfer(large) }
        #expect(error?.message == WireFault.bodyTooLarge(limit: held).sentence)
      }
      limits.withLock { $0.deadline = .milliseconds(20) }
      let late = await failure { try await client.modelInfer(part()) }
      #expect(late?.message == WireFault.deadlinePassed(milliseconds: 20).sentence)
      limits.withLock { $0.deadline = .seconds(600) }
      limits.withLock { $0.connectionsMax = 1 }
      try await server.withClient { second in
        let error = await failure { try await second.serverLive(.init()) }
        #expect(error?.message == WireFault.tooManyConnections(limit: 1).sentence)
      }
      // The refused one may not be gone yet.
      limits.withLock { $0.connectionsMax = 3 }
      try await server.withClient { second in
        let answer = try await second.serverLive(.init())
        #expect(answer.live)
      }
    }
    server.calls.release(exampleAnswer)
  }
}

@Test func `whoever answers a call knows until when it is waited for, and only the socket says so`() async throws {
  try await withServer { server in
    try await server.withClient { client in
      for (metadata, seconds) in [
        (["grpc-timeout": "10S"], 10), ([:], 600), (["kaizen-deadline": "@1"], 600),
      ] as [(Metadata, Int)] {
        let before = ContinuousClock.now
        _ = try await client.modelInfer(part(), metadata: metadata)
        let deadline = try #require(server.calls.all.last?.asker.deadline)
        #expect(before + .seconds(seconds) <= deadline && deadline <= .now + .seconds(seconds), "\(metadata)")
      }
    }
  }
}
