import Domain
import Engine

/// An outcome as a row holds it, whichever table it stands in.
struct OutcomeRow {
  let label: Int
  let observedAt: Int64
  /// When the channel first said something of the part.
  var arrived: Int64
  let channel: Int64
  let probability: Double?
  let wallClock: Int64
  let monotonic: Int64
  let peerUID: Int64
  let clock: Int64

  init(_ outcome: Outcome, channel: Int64, clock: Int64) {
    label = outcome.label
    observedAt = outcome.observedAt.microseconds
    arrived = outcome.arrivedAt.microseconds
    self.channel = channel
    probability = outcome.samplingProbability
    wallClock = outcome.receipt.wallClock.microseconds
    monotonic = outcome.receipt.monotonicMicroseconds
    peerUID = Int64(outcome.receipt.peerUID)
    self.clock = clock
  }

  init(_ row: Statement) throws(StorageFailure) {
    label = try row.int(0)
    observedAt = row.int64(1)
    arrived = row.int64(2)
    channel = row.int64(3)
    probability = row.isNull(4) ? nil : row.double(4)
    wallClock = row.int64(5)
    monotonic = row.int64(6)
    peerUID = Int64(try row.int(7, in: 0...Int(UInt32.max)))
    clock = row.int64(8)
  }

  func bind(to statement: Statement) {
    statement.bind(1, label)
    statement.bind(2, observedAt)
    statement.bind(3, arrived)
    statement.bind(4, channel)
    statement.bind(5, probability)
    statement.bind(6, wallClock)
    statement.bind(7, monotonic)
    statement.bind(8, peerUID)
    statement.bind(9, clock)
  }

  func outcome(line: LineID, part: String, source: String, clock: ClockSync) -> Outcome {
    Outcome(
      line: line, part: part, label: label, observedAt: Timestamp(microseconds: observedAt),
      arrivedAt: Timestamp(microseconds: arrived), source: source, samplingProbability: probability, amends: false,
      receipt: Receipt(
        wallClock: Timestamp(microseconds: wallClock), clock: clock, monotonicMicroseconds: monotonic,
        peerUID: UInt32(peerUID)))
  }
}
