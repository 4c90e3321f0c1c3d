import Domain
import Engine

/// What a line's whole history is counted by.
public struct HistoryQuestion: Sendable, Equatable {
  /// Parts with an earlier time are left out.
  public var since: Timestamp
  /// Parts with a later time are too young to say how good the line is: wrong answers often come back first.
  public var watermark: Timestamp
  /// Channels whose outcomes say nothing of how often answers are right, for they choose their parts.
  public var silentChannels: Set<String>
  /// Counted by the true class too.
  public var byOutcome: Bool
  /// Cells told apart; the parts of all others are counted together.
  public var cellsMax: Int

  public init(
    since: Timestamp, watermark: Timestamp, silentChannels: Set<String>, byOutcome: Bool, cellsMax: Int
  ) {
    self.since = since
    self.watermark = watermark
    self.silentChannels = silentChannels
    self.byOutcome = byOutcome
    self.cellsMax = cellsMax
  }
}

/// Parts of one kind.
public struct PartCounts: Sendable, Equatable {
  public var parts = 0
  /// With an outcome.
  public var labelled = 0
  /// Of these, those whose outcome says how often answers are right.
  public var judged = 0
  public var right = 0

  public init(parts: Int = 0, labelled: Int = 0, judged: Int = 0, right: Int = 0) {
    self.parts = parts
    self.labelled = labelled
    self.judged = judged
    self.right = right
  }

  public mutating func add(_ other: PartCounts) {
    parts += other.parts
    labelled += other.labelled
    judged += other.judged
    right += other.right
  }
}

/// What one student did with one cell's parts in one period.
public struct HistoryRow: Sendable, Equatable {
  /// nil for the cells that are not told apart.
  public let cell: Cell?
  /// nil where nothing was counted by the true class, and for parts without an outcome.
  public let outcome: Int?
  /// The period's first day.
  public let day: Int64
  public let version: ModelVersion
  public let counts: PartCounts

  public init(cell: Cell?, outcome: Int?, day: Int64, version: ModelVersion, counts: PartCounts) {
    self.cell = cell
    self.outcome = outcome
    self.day = day
    self.version = version
    self.counts = counts
  }
}

public struct LineHistory: Sendable, Equatable {
  /// Days of one period; weeks and longer ones begin on a Monday.
  public let periodDays: Int64
  /// By cell (those not told apart last), outcome, day and student.
  public let rows: [HistoryRow]
  /// Parts after the watermark: parts and labelled alone.
  public let young: PartCounts
  /// Cells that are not told apart.
  public let otherCells: Int
  /// Times of the parts that were counted; nil without any.
  public let first: Timestamp?
  public let last: Timestamp?
}

/// Counts a line's parts over all that the ledger keeps, beside the daemon that writes.
public final class HistoryReader {
  private let database: Database
  private let names: StoredNames

  /// Periods told apart: where there would be more, they become longer. As many days are more points than a plot shows.
  public static let periodsMax = 200
  /// Rows read at one moment: while a reader looks, the writer's log cannot be emptied, and so many take a second at
  /// most. What comes or goes meanwhile is counted or not.
  public static let rowsAtOnce = 200_000

  /// - Throws: `OpenFailure`, for a file that is not there too.
  public init(
    path: String, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) throws(OpenFailure) {
    database = try Opening(schema: ledgerSchema, magic: magic).openReadOnly(path: path)
    names = StoredNames(database)
  }

  public func history(of line: LineID, _ question: HistoryQuestion) throws(StorageFailure) -> LineHistory {
    var count = HistoryCount(question)
    guard let number = try names.number(of: line) else { return try history(count, otherCells: 0) }
    let (kept, others) = try largestCells(number, question.cellsMax)
    count.silent = try numbers(of: question.silentChannels, line: number)
    // Read in the order of rows, so that `outcome` is walked beside `prediction` instead of searched.
    let select = try database.prepare(
      """
      SELECT p.id, p.cell, p.version, p.predicted_class, p.time, o.label, o.channel
      FROM prediction AS p INDEXED BY prediction_line LEFT JOIN outcome AS o ON o.prediction = p.id
      WHERE p.line = ?1 AND p.id > ?2 ORDER BY p.id LIMIT ?3
      """)
    var last: Int64 = 0
    var isMore = true
    while isMore {
      isMore = try database.snapshot { () throws(StorageFailure) in
        select.bind(1, number)
        select.bind(2, last)
        select.bind(3, Self.rowsAtOnce)
        var rows = 0
        try select.forEach { (row) throws(StorageFailure) in
          rows += 1
          last = row.int64(0)
          let cell = row.int64(1)
          count.add(
            HistoryCount.Part(
              cell: kept.contains(cell) ? cell : HistoryCount.otherCells, version: row.int64(2),
              predicted: row.int64(3), time: Timestamp(microseconds: row.int64(4)),
              label: row.isNull(5) ? nil : row.int64(5), channel: row.int64(6)))
          return .more
        }
        return rows == Self.rowsAtOnce
      }
    }
    return try history(count, otherCells: others)
  }

  // MARK: - Steps

  /// The cells with most parts, and how many others there are.
  private func largestCells(_ line: Int64, _ limit: Int) throws(StorageFailure) -> (Set<Int64>, Int) {
    let select = try database.prepare(
      "SELECT id FROM cell WHERE line = ?1 ORDER BY prediction_count DESC, id LIMIT ?2")
    select.bind(1, line)
    select.bind(2, limit)
    let kept = Set(try select.all { (row) in row.int64(0) })
    let all = try database.number("SELECT count(*) FROM cell WHERE line = \(line)")
    return (kept, Int(all) - kept.count)
  }

  private func numbers(of channels: Set<String>, line: Int64) throws(StorageFailure) -> Set<Int64> {
    let select = try database.prepare("SELECT id, name FROM channel WHERE line = ?1")
    select.bind(1, line)
    let all = try select.all { (row) in (row.int64(0), row.text(1)) }
    return Set(all.filter { channels.contains($0.1) }.map(\.0))
  }

  private func history(_ count: HistoryCount, otherCells: Int) throws(StorageFailure) -> LineHistory {
    var rows: [HistoryRow] = []
    for (key, counts) in count.counts {
      guard let version = Int(exactly: key.version), version >= 1 else {
        throw database.damaged("a prediction has the student \(key.version)")
      }
      let isOther = key.cell == HistoryCount.otherCells
      rows.append(
        HistoryRow(
          cell: isOther ? nil : try names.cell(key.cell), outcome: key.outcome < 0 ? nil : Int(key.outcome),
          day: key.day, version: ModelVersion(version), counts: counts))
    }
    rows.sort { left, right in
      if let mine = left.cell, let other = right.cell, mine != other { return mine < other }
      if (left.cell == nil) != (right.cell == nil) { return right.cell == nil }
      return (left.outcome ?? -1, left.day, left.version) < (right.outcome ?? -1, right.day, right.version)
    }
    return LineHistory(
      periodDays: count.width, rows: rows, young: count.young, otherCells: otherCells, first: count.first,
      last: count.last)
  }
}

/// Counts that grow part by part, in periods that become longer where there would be too many.
struct HistoryCount {
  struct Part {
    let cell: Int64
    let version: Int64
    let predicted: Int64
    let time: Timestamp
    let label: Int64?
    let channel: Int64
  }

  struct Key: Hashable {
    let cell: Int64
    let outcome: Int64
    let day: Int64
    let version: Int64
  }

  /// No cell has this number.
  static let otherCells: Int64 = 0
  /// Days of a period: a day, a week, four, a quarter, a year.
  private static let widths: [Int64] = [1, 7, 28, 91, 364]
  /// 1970-01-05 was a Monday.
  private static let firstMonday: Int64 = 4

  private let question: HistoryQuestion
  var silent: Set<Int64> = []
  private(set) var counts: [Key: PartCounts] = [:]
  private(set) var young = PartCounts()
  private(set) var first: Timestamp?
  private(set) var last: Timestamp?
  private(set) var width: Int64 = 1
  private var days: Set<Int64> = []

  init(_ question: HistoryQuestion) { self.question = question }

  mutating func add(_ part: Part) {
    guard part.time >= question.since else { return }
    let labelled = part.label == nil ? 0 : 1
    guard part.time <= question.watermark else {
      young.parts += 1
      young.labelled += labelled
      return
    }
    first = min(first ?? part.time, part.time)
    last = max(last ?? part.time, part.time)
    let day = start(of: part.time.day)
    let key = Key(
      cell: part.cell, outcome: question.byOutcome ? part.label ?? -1 : -1, day: day, version: part.version)
    var own = PartCounts(parts: 1, labelled: labelled)
    if let label = part.label, !silent.contains(part.channel) {
      own.judged = 1
      own.right = label == part.predicted ? 1 : 0
    }
    counts[key, default: PartCounts()].add(own)
    if days.insert(day).inserted, days.count > HistoryReader.periodsMax { lengthen() }
  }

  private func start(of day: Int64) -> Int64 {
    guard width > 1 else { return day }
    let rest = (day - Self.firstMonday) % width
    return day - (rest < 0 ? rest + width : rest)
  }

  private mutating func lengthen() {
    guard let next = Self.widths.first(where: { $0 > width }) else { return }
    width = next
    let old = counts
    counts.removeAll(keepingCapacity: true)
    days.removeAll()
    for (key, count) in old {
      let day = start(of: key.day)
      days.insert(day)
      counts[Key(cell: key.cell, outcome: key.outcome, day: day, version: key.version), default: PartCounts()]
        .add(count)
    }
  }
}
