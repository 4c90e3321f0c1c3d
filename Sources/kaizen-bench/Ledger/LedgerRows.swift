import CBench
import Domain
import NeuralNet

/// How the parts of a measured ledger are named.
enum PartIDs {
  /// As most plants do: each greater than all before it.
  case counter
  /// UUIDs of version 4, in no order.
  case random
  /// UUIDs too, each greater than the one before, spread evenly over so many rows: what fills an index of random ids in
  /// minutes instead of hours.
  case sorted(of: Int)

  var inC: Int32 {
    switch self {
    case .counter: Int32(KB_IDS_COUNTER)
    case .random: Int32(KB_IDS_RANDOM)
    case .sorted: Int32(KB_IDS_SORTED)
    }
  }

  var rowCount: UInt64 { if case .sorted(let count) = self { UInt64(count) } else { 0 } }

  func text(_ number: Int, seed: UInt64) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(KB_ID_BYTES)) { id in
      guard let start = id.baseAddress else { return "" }
      kb_part_id(inC, UInt64(number), rowCount, seed, start)
      return String(cString: start)
    }
  }
}

/// The rows of a measured ledger: lines with as many cells as a middling one has, and 64 different parts over and over.
///
/// Row n belongs to line n mod 10 and there to cell n / 10 mod 20, as `CBench/ledger.c` has it too.
struct LedgerRows {
  static let lineCount = 10
  static let cellCount = 20
  /// Rows after which every line has every cell.
  static let firstRows = lineCount * cellCount
  /// A row a millisecond from here on.
  static let firstTime = Timestamp(microseconds: 1_767_225_600_000_000)

  let bench: BenchLines
  /// `[partCount][classCount]`.
  let logits: [[Float]]
  let seed: UInt64
  private let cells: [Cell]
  private let classes: [Int]

  init(seed: UInt64) throws {
    let bench = try BenchLines(lineCount: Self.lineCount, seed: seed)
    let logits = bench.parts.map { bench.student.logits($0.values, rowCount: 1) }
    self.bench = bench
    self.logits = logits
    self.seed = seed
    cells = (0..<Self.cellCount).map { Cell(["A\($0)"]) }
    classes = logits.map { row in row.indices.max { row[$0] < row[$1] } ?? 0 }
  }

  func line(_ number: Int) -> LineID { bench.lines[number % Self.lineCount] }

  func prediction(_ number: Int, ids: PartIDs) -> Prediction {
    let part = number % bench.parts.count
    let best = classes[part]
    return Prediction(
      line: line(number), part: ids.text(number, seed: seed), cell: cells[number / Self.lineCount % Self.cellCount],
      version: ModelVersion(1), inputs: bench.parts[part].values, logits: logits[part], predictedClass: best,
      confidence: bench.parts[part].probabilities[best], time: Self.time(number), receipt: Self.receipt(number))
  }

  func outcome(of number: Int, ids: PartIDs) -> Outcome {
    Outcome(
      line: line(number), part: ids.text(number, seed: seed), label: classes[number % classes.count],
      observedAt: Self.time(number), arrivedAt: Self.time(number), source: "audit", amends: false,
      receipt: Self.receipt(number))
  }

  static func time(_ number: Int) -> Timestamp {
    Timestamp(microseconds: firstTime.microseconds + Int64(number) * 1000)
  }

  private static func receipt(_ number: Int) -> Receipt {
    Receipt(wallClock: time(number), monotonicMicroseconds: Int64(number) * 1000, peerUID: 1000)
  }
}
