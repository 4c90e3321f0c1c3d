import Domain
import Engine
import Synchronization

/// A part of a line.
struct PartName: Hashable, Sendable, CustomStringConvertible {
  let line: LineID
  let part: String
  var description: String { "\(line)/\(part)" }
}

/// What the plant was asked and what it said, in one order with what was done to the disk.
final class ClaimBook: Sendable {
  enum Claim: Sendable {
    /// A part was sent, with this first feature.
    case askedPart(PartName, x: Float)
    /// It was answered as recorded, `milliseconds` after the start.
    case recorded(PartName, x: Float, milliseconds: Int, repeated: Bool)
    /// An outcome was sent, the `ask`th.
    case askedOutcome(PartName, label: Int, ask: Int)
    /// It was answered; from now on this is the part's label where it stands.
    case answeredOutcome(PartName, label: Int, ask: Int, stands: Bool)
    /// All that was due by then has been done.
    case time(milliseconds: Int)
    /// The audit trail had so many entries.
    case audited(Int)
  }

  private let claims = Mutex<[Claim]>([])

  func note(_ claim: Claim, on disk: ListedDisk) {
    claims.withLock { claims in
      disk.mark(claims.count)
      claims.append(claim)
    }
  }

  /// What had been noted before the disk's change `end`.
  func claims(on disk: ListedDisk, before end: Int) -> [Claim] {
    let claims = claims.withLock { $0 }
    return (0..<end).compactMap { index in
      if case .mark(let number) = disk[index] { claims[number] } else { nil }
    }
  }
}

/// What a list of claims asks of a ledger.
struct Promises {
  struct Part {
    var asked: Set<Float> = []
    /// The answer that stands.
    var recorded: Float?
    /// In a process that writes 50 ms after it answers, this one has been written.
    var isWritten = false
    /// The label that was confirmed last.
    var label: Int?
    /// Labels that were sent and not answered, by ask.
    var sent: [Int: Int] = [:]
    /// Every label that anybody sent.
    var askedLabels: Set<Int> = []

    func allows(_ found: Int) -> Bool { found == label || sent.values.contains(found) }
  }

  var parts: [PartName: Part] = [:]
  var audited = 0
  /// Parts that were answered as new for one question after they had been for another.
  var contradictions: [PartName] = []

  init(_ claims: [ClaimBook.Claim]) {
    var now = 0
    for case .time(let milliseconds) in claims { now = milliseconds }
    for claim in claims {
      switch claim {
      case .askedPart(let name, let x): parts[name, default: Part()].asked.insert(x)
      case .recorded(let name, let x, let milliseconds, let repeated):
        if let before = parts[name]?.recorded, before != x { contradictions.append(name) }
        parts[name, default: Part()].recorded = x
        if repeated || milliseconds + 50 <= now { parts[name]?.isWritten = true }
      case .askedOutcome(let name, let label, let ask):
        parts[name, default: Part()].sent[ask] = label
        parts[name]?.askedLabels.insert(label)
      case .answeredOutcome(let name, let label, let ask, let stands):
        parts[name]?.sent[ask] = nil
        if stands { parts[name]?.label = label }
      case .time: break
      case .audited(let count): audited = count
      }
    }
  }
}
