import Foundation
import Wire

/// The servers of a measurement, all of them running from its beginning to its end.
final class ServeServers {
  private let placement: Placement
  private let bench: BenchLines
  private let python: String?
  let folder: String
  private var daemon: MeasuredDaemon?
  private var others: [ServerProcess] = []
  /// Which of the others could not be started, and why.
  private(set) var absent: [String] = []

  init(placement: Placement, bench: BenchLines, python: String?) throws {
    self.python = python
    self.placement = placement
    self.bench = bench
    folder = try TemporaryFolder.make("serve")
  }

  func stop() {
    daemon?.stop()
    for server in others { server.stop() }
    try? FileManager.default.removeItem(atPath: folder)
  }

  func start(_ pieces: Set<ServePiece>, connections: [Int]) async throws -> [ServeEntrant] {
    var entrants: [ServeEntrant] = []
    if pieces.contains(.floor) {
      entrants += try [
        floor(.floorBlocking, epoll: false, connections), floor(.floorEpoll, epoll: true, connections),
      ]
    }
    let daemon = try MeasuredDaemon(placement: placement)
    self.daemon = daemon
    try await daemon.waitUntilReady()
    try await bench.add(to: daemon)
    func entrant(_ subject: ServeSubject, _ requests: RequestSet) -> ServeEntrant {
      ServeEntrant(
        subject: subject, socket: daemon.socket("infer"), server: daemon.process, requests: requests,
        connections: connections)
    }
    if pieces.contains(.transport) {
      entrants.append(entrant(.transport, Self.health()))
    }
    if pieces.contains(.refused) { entrants.append(entrant(.refused, refused())) }
    if pieces.contains(.json) {
      entrants.append(entrant(.json, try await Encoding.json.requests(bench, socket: daemon.socket("infer"))))
    }
    // What is ours must be there: a table without a row would look like one that was not asked for.
    if pieces.contains(.binary) {
      entrants.append(entrant(.binary, try await Encoding.binary.requests(bench, socket: daemon.socket("infer"))))
    }
    if pieces.contains(.grpc) {
      let requests = try GRPCRequests(bench: bench, socket: daemon.socket("grpc")).requests()
      entrants.append(
        ServeEntrant(
          subject: .grpc, socket: daemon.socket("grpc"), server: daemon.process, requests: requests,
          connections: connections, speech: .grpc))
    }
    if pieces.contains(.peers) { entrants += await peers(connections) }
    return entrants
  }

  /// Socket and HTTP, without a prediction.
  static func health() -> RequestSet {
    RequestSet([
      RequestKind(bytes: RequestBytes.http(InferenceCall.ready.outgoing), expected: .answer(status: 200, ending: nil))
    ])
  }

  /// Parts that are decoded and then neither predicted nor stored.
  private func refused() -> RequestSet {
    RequestSet(
      bench.parts.map { part in
        var request = part.request(id: RequestBytes.idPlaceholder)
        request.outputs = ["nothing"]
        let bytes = InferMessage(json: request, line: bench.lines[0]).bytes
        return RequestKind(
          bytes: bytes, idOffset: RequestBytes.idOffset(in: bytes), expected: .answer(status: 400, ending: nil))
      })
  }

  private func peers(_ connections: [Int]) async -> [ServeEntrant] {
    var entrants: [ServeEntrant] = []
    do {
      let peers = try ServePeers(python: python)
      for subject in [ServeSubject.fastapi, .asyncio, .batched] {
        let entrant = try await peers.start(
          subject, bench: bench, folder: folder, placement: placement, connections: connections)
        others.append(entrant.server)
        entrants.append(entrant)
      }
    } catch {
      absent.append("Not all servers in Python are measured: \(error).")
    }
    return entrants
  }

  private func floor(_ subject: ServeSubject, epoll: Bool, _ connections: [Int]) throws -> ServeEntrant {
    let socket = "\(folder)/\(subject.rawValue).sock"
    let server = try Echo.start(socket: socket, epoll: epoll, placement: placement)
    others.append(server)
    return ServeEntrant(
      subject: subject, socket: socket, server: server, requests: Echo.requests(), connections: connections)
  }
}
