import Domain
import NeuralNet
import UnixSocket
import Wire

/// What a request of the soak is, and what it leaves behind when it is answered as it must be.
enum SoakKind: String, CaseIterable, Codable, Sendable {
  case json, binary, batch
  case unknownGroup = "unknown_group"
  case outcomeAtOnce = "outcome_at_once"
  case outcomeLate = "outcome_late"
  case outcomeEarly = "outcome_early"
  /// The same part again: its first answer.
  case repeated
  /// The same id with another part: 409.
  case conflict
  case unknownLine = "unknown_line"
  case malformed
  case wrongShape = "wrong_shape"
  case health, metadata, statistics

  /// How many of `SoakPlan.slotCount` requests.
  var slots: Int {
    switch self {
    case .json, .binary: 50
    case .batch: 4
    case .unknownGroup: 6
    case .outcomeAtOnce: 24
    case .outcomeLate: 24
    case .outcomeEarly: 6
    case .repeated: 6
    case .conflict: 4
    case .unknownLine: 4
    case .malformed: 4
    case .wrongShape: 4
    case .health: 8
    case .metadata: 3
    case .statistics: 3
    }
  }

  /// Rows in the ledger.
  var rows: Int {
    switch self {
    case .json, .binary, .unknownGroup: 1
    case .batch: SoakPlan.batchCount
    default: 0
    }
  }

  var isOnePart: Bool { self == .json || self == .binary }
  var isOutcome: Bool { self == .outcomeAtOnce || self == .outcomeLate || self == .outcomeEarly }
}

/// The order of the requests, from a seed: 200 of them, over and over.
struct SoakPlan {
  let set: RequestSet
  /// What each kind of the set is.
  let meanings: [SoakKind]

  static let slotCount = 200
  static let batchCount = 16

  /// - Parameters:
  ///   - parts: requests whose answers are known, of each kind that has rows.
  ///   - turnsBack: how many turns of the schedule ago the parts were that late outcomes, repeats and conflicts name.
  init(_ parts: [SoakKind: [RequestKind]], bench: BenchLines, turnsBack: Int, seed: UInt64) throws {
    var builder = SoakPlanBuilder(parts: parts, bench: bench, turnsBack: turnsBack, seed: seed)
    try builder.fill()
    set = RequestSet(builder.kinds, schedule: builder.schedule)
    meanings = builder.meanings
  }
}

/// Fills the schedule.
private struct SoakPlanBuilder {
  let parts: [SoakKind: [RequestKind]]
  let bench: BenchLines
  let turnsBack: Int
  var generator: Generator

  var kinds: [RequestKind] = []
  var meanings: [SoakKind] = []
  var schedule: [Int]
  /// Slots of single parts that no outcome names yet.
  private var free: [Int] = []

  init(parts: [SoakKind: [RequestKind]], bench: BenchLines, turnsBack: Int, seed: UInt64) {
    self.parts = parts
    self.bench = bench
    self.turnsBack = turnsBack
    generator = Generator(seed: seed)
    schedule = [Int](repeating: 0, count: SoakPlan.slotCount)
  }

  mutating func fill() throws {
    // What is sent in place of a request about a part that has not been: the first kind of all.
    guard let first = parts[.json]?.first else { throw BenchFailure("the soak has no parts") }
    _ = add(first, .json)
    var slots = Array(0..<SoakPlan.slotCount)
    generator.shuffle(&slots)
    func take(_ kind: SoakKind) -> ArraySlice<Int> {
      let taken = slots.suffix(kind.slots)
      slots.removeLast(taken.count)
      return taken
    }
    for kind in [SoakKind.json, .binary, .batch, .unknownGroup] {
      guard let choices = parts[kind] else { throw BenchFailure("the soak has no requests of kind \(kind.rawValue)") }
      for (number, slot) in take(kind).enumerated() {
        schedule[slot] = add(choices[number % choices.count], kind)
        if kind.isOnePart { free.append(slot) }
      }
    }
    free.sort()
    for kind in SoakKind.allCases where kind.rows == 0 {
      for slot in take(kind) { schedule[slot] = add(try request(kind, slot: slot), kind) }
    }
  }

  private mutating func add(_ kind: RequestKind, _ meaning: SoakKind) -> Int {
    kinds.append(kind)
    meanings.append(meaning)
    return kinds.count - 1
  }

  private mutating func request(_ kind: SoakKind, slot: Int) throws -> RequestKind {
    let (back, line) = (turnsBack * SoakPlan.slotCount, bench.lines[0])
    switch kind {
    case .outcomeAtOnce:
      let part = try takeFree { ($0 < slot ? slot - $0 : SoakPlan.slotCount) }
      return outcome(lag: part < slot ? slot - part : slot - part + SoakPlan.slotCount)
    case .outcomeLate: return outcome(lag: back + slot - (try takeFree { _ in 0 }))
    case .outcomeEarly:
      let part = try takeFree { ($0 > slot ? $0 - slot : SoakPlan.slotCount) }
      let ahead = part > slot ? part - slot : part - slot + SoakPlan.slotCount
      return outcome(lag: -ahead)
    case .repeated, .conflict:
      let part = onePartSlot()
      var again = kinds[schedule[part]]
      if kind == .conflict {
        // Two parts of one line never have the same values.
        let other = bench.parts.first { !holds(again, $0) } ?? bench.parts[0]
        again = plain(InferMessage(json: other.request(id: RequestBytes.idPlaceholder), line: line).bytes, status: 409)
      }
      again.idLag = back + slot - part
      return again
    case .unknownLine:
      let stranger = try LineID("nobody")
      return plain(InferMessage(json: bench.parts[0].request(id: "x"), line: stranger).bytes, status: 404)
    case .malformed: return plain(post("/v2/models/\(line)/infer", #"{"inputs":[{"name":"features","#), status: 400)
    case .wrongShape:
      let body = #"{"inputs":[{"name":"features","shape":[1,2],"datatype":"FP32","data":[1,2]}]}"#
      return plain(post("/v2/models/\(line)/infer", body), status: 400)
    case .health: return plain(RequestBytes.http(InferenceCall.ready.outgoing), status: 200)
    case .metadata: return plain(RequestBytes.http(InferenceCall.modelMetadata(line, nil).outgoing), status: 200)
    case .statistics: return plain(RequestBytes.http(InferenceCall.modelStats(line, nil).outgoing), status: 200)
    case .json, .binary, .batch, .unknownGroup: throw BenchFailure("\(kind) has requests of its own")
    }
  }

  /// The free slot with the least cost, which is then taken: a part has one outcome.
  private mutating func takeFree(_ cost: (Int) -> Int) throws -> Int {
    guard let best = free.indices.min(by: { cost(free[$0]) < cost(free[$1]) }) else {
      throw BenchFailure("the schedule has more outcomes than parts")
    }
    return free.remove(at: best)
  }

  /// Of any single part, with an outcome or without.
  private mutating func onePartSlot() -> Int {
    let slots = schedule.indices.filter { meanings[schedule[$0]].isOnePart && schedule[$0] != 0 }
    return slots[generator.index(below: slots.count)]
  }

  /// Whether a JSON or binary request is that part's.
  private func holds(_ kind: RequestKind, _ part: BenchPart) -> Bool {
    let json = InferMessage(json: part.request(id: RequestBytes.idPlaceholder), line: bench.lines[0])
    let binary = InferMessage(binary: part, line: bench.lines[0], id: RequestBytes.idPlaceholder)
    return kind.bytes == json.bytes || kind.bytes == binary.bytes
  }

  private func outcome(lag: Int) -> RequestKind {
    let item = OutcomeItem(id: RequestBytes.idPlaceholder, label: .text(bench.classNames[0]))
    let bytes = RequestBytes.http(InferenceCall.outcomes(bench.lines[0], [item]).outgoing)
    return RequestKind(
      bytes: bytes, idOffset: RequestBytes.idOffset(in: bytes), idLag: lag,
      expected: .answer(status: 200, ending: Array("\"}]}".utf8)))
  }

  private func plain(_ bytes: [UInt8], status: Int) -> RequestKind {
    RequestKind(
      bytes: bytes, idOffset: RequestBytes.idOffset(in: bytes), expected: .answer(status: status, ending: nil))
  }

  private func post(_ path: String, _ body: String) -> [UInt8] {
    let head = "POST \(path) HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(WireResponse.json)\r\n"
    return Array((head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body).utf8)
  }
}
