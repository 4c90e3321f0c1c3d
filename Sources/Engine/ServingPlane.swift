import Domain
import NeuralNet
import Policy
import Synchronization

/// One part as a gateway asks about it.
public struct PartQuery: Sendable, Equatable {
  public let part: String
  /// One value for each attribute of the line's schema.
  public let cell: Cell
  /// Raw features, `[featureCount]`.
  public let inputs: [Float]
  /// Only lines with `time = "event"` look at it.
  public let eventTime: Timestamp?

  public init(part: String, cell: Cell, inputs: [Float], eventTime: Timestamp?) {
    self.part = part
    self.cell = cell
    self.inputs = inputs
    self.eventTime = eventTime
  }
}

/// Why a part was not answered; each case is the sender's to mend.
public enum ServingFault: Error, Equatable {
  case unknownLine(String)
  case unknownVersion(ModelVersion, live: [ModelVersion])
  case wrongFeatureCount(expected: Int, got: Int)
  case unusableAnswer
  case badAttribute(name: String, reason: String)
  case badPartID
  case eventTimeInFuture(Timestamp)

  public var sentence: String {
    switch self {
    case .unknownLine(let name):
      "no line is named \"\(name)\"; 'kaizenctl lines' lists those there are"
    case .unknownVersion(let version, let live):
      "version \(version) does not serve; live versions are \(live.map(\.description).joined(separator: ", "))"
    case .wrongFeatureCount(let expected, let got):
      "a part of this line has \(expected) features, but \(got) came"
    case .unusableAnswer:
      "the student gave no finite answer for these features; check that they have the units it was trained with"
    case .badAttribute(let name, let reason):
      "attribute \"\(name)\" \(reason)"
    case .badPartID:
      "a part's id has 1 to \(ServingPlane.maximumPartIDBytes) bytes"
    case .eventTimeInFuture(let time):
      "observed_at \(time) is more than an hour ahead of this machine's clock; one such row would age all others"
    }
  }
}

/// The latest time a line has seen, for rows of event-time lines that carry none.
final class LineClock: Sendable {
  private let latest: Atomic<Int64>
  /// The hour of that time at which the plant last looked at the line.
  private let lookedAtHour = Atomic(Int64.min)

  init(_ start: Timestamp) { latest = Atomic(start.microseconds) }

  func looked(atHour hour: Int64) { lookedAtHour.store(hour, ordering: .releasing) }
  var isDue: Bool {
    latest.load(ordering: .acquiring) / Timestamp.microsecondsPerHour != lookedAtHour.load(ordering: .acquiring)
  }
  var now: Timestamp { Timestamp(microseconds: latest.load(ordering: .acquiring)) }

  func advance(to time: Timestamp) {
    latest.max(time.microseconds, ordering: .acquiringAndReleasing)
  }
}

/// Answers parts on whatever thread asks: no store, no waiting.
public final class ServingPlane: Sendable {
  /// A serial number, not a document.
  public static let maximumPartIDBytes = 128
  /// Tolerance for gateways whose clock runs ahead.
  static let futureToleranceHours = 1.0

  private let lines = Mutex<[LineID: LineSnapshot]>([:])
  /// Lines that are registered and cannot serve.
  private let closed = Mutex<[LineID: ClosedLine]>([:])
  private let wallClock: @Sendable () -> Timestamp

  init(wallClock: @escaping @Sendable () -> Timestamp) { self.wallClock = wallClock }

  public func snapshot(_ line: LineID) -> LineSnapshot? { lines.withLock { $0[line] } }
  public var lineIDs: [LineID] { lines.withLock { $0.keys.sorted() } }
  func install(_ snapshot: LineSnapshot) { lines.withLock { $0[snapshot.definition.id] = snapshot } }

  /// Why a registered line is out of service; nil for one that serves, and for one that nobody registered.
  public func reasonClosed(_ line: LineID) -> String? { closed.withLock { $0[line]?.sentence } }
  /// Registered lines that are out of service, by name.
  public var closedLines: [ClosedLine] {
    closed.withLock { $0.values.sorted { $0.registered.definition.id < $1.registered.definition.id } }
  }
  func close(_ line: ClosedLine) { closed.withLock { $0[line.registered.definition.id] = line } }
  func reopen(_ line: LineID) { closed.withLock { $0[line] = nil } }

  /// True when every line's champion gives a finite answer now: what the watchdog asks.
  public func answersItself() -> Bool {
    let snapshots = lines.withLock { Array($0.values) }
    return snapshots.allSatisfy { snapshot in
      guard let champion = snapshot.championStudent else { return false }
      let blank = [Float](repeating: 0, count: snapshot.definition.featureCount)
      return champion.logits(blank).allSatisfy(\.isFinite)
    }
  }

  /// Answers parts of one line, with one look at who serves it.
  ///
  /// - Parameter version: the student asked for by number; nil for the one that serves the part's cell.
  public func predict(on snapshot: LineSnapshot, version: ModelVersion?, parts: [PartQuery], receipt: Receipt)
    throws(ServingFault) -> ServedParts
  {
    var predictions: [Prediction] = []
    predictions.reserveCapacity(parts.count)
    for part in parts {
      predictions.append(try predict(part, on: snapshot, version: version, receipt: receipt))
    }
    return ServedParts(snapshot: snapshot, predictions: predictions)
  }

  private func predict(_ part: PartQuery, on snapshot: LineSnapshot, version: ModelVersion?, receipt: Receipt)
    throws(ServingFault) -> Prediction
  {
    let definition = snapshot.definition
    guard part.inputs.count == definition.featureCount else {
      throw .wrongFeatureCount(expected: definition.featureCount, got: part.inputs.count)
    }
    guard (1...Self.maximumPartIDBytes).contains(part.part.utf8.count) else { throw .badPartID }
    let cell = snapshot.aliases.isEmpty ? part.cell : snapshot.aliases.canonical(part.cell)
    let place = snapshot.places[cell]
    if place == nil { try check(cell, definition) }
    let chosen: ServedStudent?
    if let version {
      chosen = snapshot.served[version]
    } else if let canary = snapshot.canary, canaryBucket(part: part.part) < canary.percent {
      chosen = canary.student
    } else {
      chosen = place?.served ?? snapshot.championStudent
    }
    guard let chosen else { throw .unknownVersion(version ?? snapshot.champion, live: snapshot.liveVersions) }
    let answer = try answer(part.inputs, by: chosen, cell: cell)
    return Prediction(
      line: definition.id, part: part.part, cell: cell, version: answer.version, inputs: part.inputs,
      logits: answer.logits, predictedClass: answer.top.index, confidence: answer.top.confidence,
      time: try time(of: part, snapshot, receipt), receipt: receipt,
      advice: answer.advice.union(place?.advice ?? .unseenGroup))
  }

  private struct Answer {
    let version: ModelVersion
    let logits: [Float]
    let top: (index: Int, confidence: Float)
    let advice: Advice
  }

  /// What a student says; one on trial that has no finite answer gives way to the one before it.
  private func answer(_ inputs: [Float], by served: ServedStudent, cell: Cell) throws(ServingFault) -> Answer {
    guard let guarded = served.guarded else {
      guard let answer = plainAnswer(inputs, by: served) else { throw .unusableAnswer }
      return answer
    }
    let began = ContinuousClock.now
    let answer = plainAnswer(inputs, by: served)
    guarded.observer.note(answer?.top.index, in: ContinuousClock.now - began)
    guard let answer = answer ?? plainAnswer(inputs, by: guarded.before(cell)) else { throw .unusableAnswer }
    return answer
  }

  /// - Returns: nil for an answer that is not finite.
  private func plainAnswer(_ inputs: [Float], by served: ServedStudent) -> Answer? {
    var advice = served.rule.advice(inputs: inputs.span)
    let usable = advice.contains(.notANumber) ? served.student.standardizer.fillingIn(inputs) : inputs
    let logits = served.logits(usable)
    guard logits.allSatisfy(\.isFinite) else { return nil }
    let top = topClass(logits)
    advice.formUnion(served.rule.advice(confidence: top.confidence))
    return Answer(version: served.version, logits: logits, top: top, advice: advice)
  }

  private func check(_ cell: Cell, _ definition: LineDefinition) throws(ServingFault) {
    precondition(cell.values.count == definition.schema.attributes.count, "a cell has one value for each attribute")
    for (name, value) in zip(definition.schema.attributes, cell.values) {
      guard !value.isEmpty else { throw .badAttribute(name: name, reason: "is empty; leave it out if it is not known") }
      guard value.utf8.count <= GroupSchema.maximumValueBytes else {
        throw .badAttribute(name: name, reason: "is longer than \(GroupSchema.maximumValueBytes) bytes")
      }
    }
  }

  private func time(of part: PartQuery, _ snapshot: LineSnapshot, _ receipt: Receipt) throws(ServingFault) -> Timestamp
  {
    guard snapshot.time == .event else { return receipt.wallClock }
    guard let time = part.eventTime else { return snapshot.clock.now }
    guard time <= wallClock().advanced(hours: Self.futureToleranceHours) else { throw .eventTimeInFuture(time) }
    return time
  }
}
