import CBench

/// One kind of request the client sends, and what its answer must be.
struct RequestKind {
  enum Expected {
    /// An HTTP answer with this status whose body ends like this, and names the id where the request has one.
    case answer(status: Int, ending: [UInt8]?)
    /// As many bytes of anything.
    case bytes(Int)
  }

  var bytes: [UInt8]
  /// Where `RequestSet.idDigits` digits stand that are replaced by the id; nil where there are none.
  var idOffset: Int?
  /// 0 for a part of its own; n for the part n requests earlier (below 0: later).
  var idLag = 0
  var expected: Expected
}

/// Requests as the client in C wants them, in memory that stays where it is.
final class RequestSet {
  /// Digits of an id, enough for all requests of a day.
  static let idDigits = 12

  let kinds: [RequestKind]
  /// Which kind comes when, over and over.
  let schedule: [Int32]
  let kindsInC: UnsafeMutablePointer<kb_request>
  private var pieces: [UnsafeMutablePointer<UInt8>] = []

  convenience init(_ kinds: [RequestKind]) { self.init(kinds, schedule: Array(kinds.indices)) }

  init(_ kinds: [RequestKind], schedule: [Int]) {
    precondition(!schedule.isEmpty && schedule.allSatisfy { kinds.indices.contains($0) }, "kinds are numbered from 0")
    self.kinds = kinds
    self.schedule = schedule.map { Int32($0) }
    kindsInC = .allocate(capacity: kinds.count)
    for (index, kind) in kinds.enumerated() { (kindsInC + index).initialize(to: inC(kind)) }
  }

  deinit {
    kindsInC.deallocate()
    for piece in pieces { piece.deallocate() }
  }

  private func inC(_ kind: RequestKind) -> kb_request {
    var request = kb_request()
    request.bytes = kept(kind.bytes)
    request.length = Int64(kind.bytes.count)
    request.id_offset = Int64(kind.idOffset ?? -1)
    request.id_lag = Int64(kind.idLag)
    switch kind.expected {
    case .answer(let status, let ending):
      request.status = Int32(status)
      request.ending = ending.flatMap(kept)
      request.ending_length = Int64(ending?.count ?? 0)
    case .bytes(let count): request.answer_length = Int64(count)
    }
    return request
  }

  private func kept(_ bytes: [UInt8]) -> UnsafePointer<UInt8>? {
    let piece = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
    piece.initialize(from: bytes, count: bytes.count)
    pieces.append(piece)
    return UnsafePointer(piece)
  }
}
