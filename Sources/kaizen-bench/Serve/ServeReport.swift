import Wire

/// What `kaizen-bench serve` measured, as `--json` prints it (keys in snake_case) and the tables are made from.
public struct ServeReport: Codable, Sendable, Equatable {
  public var schema = 1
  public var scenario = "serve"
  public var seconds: Double
  public var rounds: Int
  public var placement: ServePlacement
  public var results: [ServeResult] = []
  /// With nobody pinned.
  public var retraining: [RetrainingResult] = []
  public var memory: ServeMemory?
  public var start: ServeStart?
  public var goals: [ServeGoal] = []
  /// What was not measured and why: whole sentences.
  public var absent: [String] = []

  public func json() throws -> String { String(decoding: try OperatorCoding.bytes(self), as: UTF8.self) }
}

/// Where server and client ran.
public struct ServePlacement: Codable, Sendable, Equatable {
  /// nil: not pinned.
  public var serverCore: Int?
  public var clientCore: Int?
  public var clientIsRealTime: Bool
}

/// Who answers.
public enum ServeSubject: String, Codable, Sendable, CaseIterable {
  /// C, blocking read and write, a thread for each connection.
  case floorBlocking = "floor_blocking"
  /// C, epoll, one thread.
  case floorEpoll = "floor_epoll"
  /// kaizend's `GET /v2/health/ready`: socket and HTTP without a prediction and without the ledger.
  case transport
  /// kaizend's JSON request that asks for an output there is not: read, decoded and refused, without the student and
  /// without the ledger.
  case refused
  case json
  case binary
  case grpc
  /// Python: FastAPI on uvicorn with uvloop, ONNX Runtime, SQLite.
  case fastapi
  /// Python: a protocol written by hand on asyncio with uvloop, ONNX Runtime, SQLite.
  case asyncio
  /// The same; requests that came by the same turn of the loop share a run of the model and a transaction.
  case batched

  public var name: String {
    switch self {
    case .floorBlocking: "C echo, blocking"
    case .floorEpoll: "C echo, epoll"
    case .transport: "kaizend, health only"
    case .refused: "kaizend, JSON, refused"
    case .json: "kaizend, JSON"
    case .binary: "kaizend, binary"
    case .grpc: "kaizend, gRPC"
    case .fastapi: "FastAPI + ORT + SQLite"
    case .asyncio: "asyncio + ORT + SQLite"
    case .batched: "the same, batched"
    }
  }
}

/// One subject with one number of connections, a figure a round.
public struct ServeResult: Codable, Sendable, Equatable {
  public let subject: ServeSubject
  public let connections: Int
  public var rounds: [ServeRound] = []

  public init(subject: ServeSubject, connections: Int) {
    self.subject = subject
    self.connections = connections
  }

  public func spread(_ figure: (ServeRound) -> Double) -> Spread { Spread(rounds.map(figure)) }
}

/// Round trips as the client saw them, in microseconds.
public struct ServeRound: Codable, Sendable, Equatable {
  public let p50: Double
  public let p99: Double
  public let p999: Double
  public let requestsPerSecond: Double
  /// Processor time the server used for a request: what others do on the machine is not in it.
  public let serverMicroseconds: Double
  public let answered: Int
  /// With another status than 200, with a wrong body, and connections that broke.
  public let refused: Int
  public let wrong: Int
  public let broken: Int

  init(_ outcome: LoadOutcome, serverSeconds: Double) {
    p50 = outcome.histogram.microseconds(at: 0.5)
    p99 = outcome.histogram.microseconds(at: 0.99)
    p999 = outcome.histogram.microseconds(at: 0.999)
    requestsPerSecond = outcome.requestsPerSecond
    serverMicroseconds = outcome.answered > 0 ? serverSeconds * 1e6 / Double(outcome.answered) : 0
    answered = outcome.answered
    refused = outcome.refused
    wrong = outcome.wrong
    broken = outcome.broken
  }
}

/// The middle of the rounds, and their ends.
public struct Spread: Codable, Sendable, Equatable {
  public let median: Double
  public let least: Double
  public let most: Double

  public init(_ values: [Double]) {
    median = kaizen_bench.median(values)
    least = values.min() ?? 0
    most = values.max() ?? 0
  }
}

/// A figure of the design beside what it should be.
public struct ServeGoal: Codable, Sendable, Equatable {
  public let name: String
  public let limit: Double
  /// Else at most.
  public let isAtLeast: Bool
  /// nil where it was not measured.
  public let measured: Double?

  public init(_ name: String, atMost limit: Double, measured: Double?) {
    (self.name, self.limit, isAtLeast, self.measured) = (name, limit, false, measured)
  }

  public init(_ name: String, atLeast limit: Double, measured: Double?) {
    (self.name, self.limit, isAtLeast, self.measured) = (name, limit, true, measured)
  }

  public var isMet: Bool? { measured.map { isAtLeast ? $0 >= limit : $0 <= limit } }
}
