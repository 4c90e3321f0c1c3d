import Domain
import Engine

/// Which rows of a line are wanted.
public struct ExportFilter: Sendable, Equatable {
  public var since: Timestamp?
  public var until: Timestamp?
  /// nil: all.
  public var cell: Cell?
  /// Only parts whose truth is this class; nil: all, those without an outcome too.
  public var label: Int?

  public init(since: Timestamp? = nil, until: Timestamp? = nil, cell: Cell? = nil, label: Int? = nil) {
    self.since = since
    self.until = until
    self.cell = cell
    self.label = label
  }
}

/// What is said of a part by one channel.
public struct ExportedOutcome: Sendable, Equatable {
  public let part: String
  public let label: Int
  public let channel: String
  public let observedAt: Timestamp
  public let arrivedAt: Timestamp
  public let probability: Double?
  public let senderUID: Int64
}

/// One answered part as it leaves the ledger.
public struct ExportedPart: Sendable, Equatable {
  public let row: Int64
  public let part: String
  public let cell: Cell
  public let version: Int
  public let predictedClass: Int
  public let confidence: Double
  public let time: Timestamp
  public let receivedAt: Timestamp
  public let clock: ClockSync
  public let senderUID: Int64
  public let advice: Advice
  public let late: Bool
  /// The truth in force.
  public let outcome: ExportedOutcome?
  /// nil where they were not asked for or are not kept any more.
  public let features: [Float]?
}

/// Where a table's export goes on.
public struct ExportCursor: Sendable, Equatable {
  /// Row of a part; of held outcomes the channel.
  public var row: Int64
  /// Of held outcomes the part; else empty.
  public var part: String

  public init(row: Int64 = 0, part: String = "") {
    self.row = row
    self.part = part
  }
}

/// Reads a line's rows in pages, each of one moment; beside the daemon that writes.
public final class LedgerExport {
  private let database: Database
  private let names: StoredNames

  /// Rows looked at for one page, so that a page comes soon even where none of them is wanted.
  public static let scannedMax = 20_000
  /// Of one part more channels than these are cut off: a line has a handful.
  private static let channelsMax = 1000

  public enum Next {
    case more
    case stop
  }

  /// - Throws: `OpenFailure`, for a file that is not there too.
  public init(
    path: String, magic: @escaping (String) -> UInt32? = FileSystem.magic(of:)
  ) throws(OpenFailure) {
    database = try Opening(schema: ledgerSchema, magic: magic).openReadOnly(path: path)
    names = StoredNames(database)
  }

  /// The line's last row and how many there are; zeros for a line without rows.
  public func extent(of line: LineID) throws(StorageFailure) -> (last: Int64, rows: Int) {
    try database.snapshot { () throws(StorageFailure) in
      guard let number = try names.number(of: line) else { return (0, 0) }
      let last = try database.number(
        "SELECT max(id) FROM prediction INDEXED BY prediction_line WHERE line = \(number)")
      return (last, Int(try database.number("SELECT prediction_count FROM line WHERE id = \(number)")))
    }
  }

  /// Parts after a cursor up to the row `through`, in the order they were stored.
  ///
  /// - Parameter each: says `.stop` once its page is full.
  /// - Returns: where the next page begins; nil after the last row.
  public func parts(
    of line: LineID, after: ExportCursor, through: Int64, _ filter: ExportFilter, features: Bool,
    each: (ExportedPart) throws(StorageFailure) -> Next
  ) throws(StorageFailure) -> ExportCursor? {
    try page(
      of: line, after: after.row, through: through,
      """
        SELECT p.id, p.part, p.cell, p.version, p.predicted_class, p.confidence, p.time, p.wall_clock, k.synced,
          p.peer_uid, coalesce(r.advice, 0), coalesce(r.late, 0),
          o.label, h.name, o.observed_at, o.arrived, o.probability, o.peer_uid, \(features ? "i.features" : "NULL")
        FROM prediction AS p INDEXED BY prediction_line JOIN clock AS k ON k.id = p.clock
          LEFT JOIN remark AS r ON r.prediction = p.id
          LEFT JOIN outcome AS o ON o.prediction = p.id LEFT JOIN channel AS h ON h.id = o.channel
          \(features ? "LEFT JOIN input AS i ON i.prediction = p.id" : "")
        WHERE p.line = ?1 AND p.id > ?2 AND p.id <= ?3 ORDER BY p.id LIMIT ?4
      """
    ) { (row) throws(StorageFailure) in
      let time = Timestamp(microseconds: row.int64(6))
      guard try wants(filter, cell: row.int64(2), time: time, label: try row.optionalInt(12)) else {
        return .more
      }
      return try each(try part(row))
    }
  }

  /// What channels say of parts after a cursor up to the row `through`: the truth in force where `inForce`, else the
  /// others.
  public func outcomes(
    of line: LineID, inForce: Bool, after: ExportCursor, through: Int64, _ filter: ExportFilter,
    each: (ExportedOutcome) throws(StorageFailure) -> Next
  ) throws(StorageFailure) -> ExportCursor? {
    // Most parts have no other channel: a page is so many parts, whatever is said of them.
    let end = try windowEnd(of: line, after: after.row, through: through)
    let next = try page(
      of: line, after: after.row, through: end,
      """
        SELECT p.id, p.part, o.label, h.name, o.observed_at, o.arrived, o.probability, o.peer_uid, p.cell, p.time
        FROM prediction AS p INDEXED BY prediction_line
          JOIN \(inForce ? "outcome" : "other_outcome") AS o ON o.prediction = p.id
          JOIN channel AS h ON h.id = o.channel
        WHERE p.line = ?1 AND p.id > ?2 AND p.id <= ?3 ORDER BY p.id, o.channel LIMIT ?4
      """
    ) { (row) throws(StorageFailure) in
      let time = Timestamp(microseconds: row.int64(9))
      guard try wants(filter, cell: row.int64(8), time: time, label: try row.int(2)) else { return .more }
      return try each(try outcome(row, part: row.text(1), from: 2))
    }
    return next ?? (end < through ? ExportCursor(row: end) : nil)
  }

  /// The row that `scannedMax` parts of the line end with; `through` where there are no more.
  private func windowEnd(of line: LineID, after: Int64, through: Int64) throws(StorageFailure) -> Int64 {
    guard let number = try names.number(of: line) else { return through }
    let select = try database.prepare(
      """
      SELECT id FROM prediction INDEXED BY prediction_line WHERE line = ?1 AND id > ?2 AND id < ?3
      ORDER BY id LIMIT 1 OFFSET ?4
      """)
    select.bind(1, number)
    select.bind(2, after)
    select.bind(3, through)
    select.bind(4, Self.scannedMax - 1)
    return try select.first { (row) in row.int64(0) } ?? through
  }

  /// Outcomes that wait for their part, by part; only where no filter is set, for nobody knows the part's group or time.
  public func heldOutcomes(
    of line: LineID, after: ExportCursor, each: (ExportedOutcome) throws(StorageFailure) -> Next
  ) throws(StorageFailure) -> ExportCursor? {
    try database.snapshot { () throws(StorageFailure) in
      guard let number = try names.number(of: line) else { return nil }
      let select = try database.prepare(
        """
        SELECT o.part, o.channel, o.label, h.name, o.observed_at, o.arrived, o.probability, o.peer_uid
        FROM held_outcome AS o JOIN channel AS h ON h.id = o.channel
        WHERE o.line = ?1 AND (o.part, o.channel) > (?2, ?3) ORDER BY o.part, o.channel LIMIT ?4
        """)
      select.bind(1, number)
      select.bind(2, after.part)
      select.bind(3, after.row)
      select.bind(4, Self.scannedMax)
      var next = after
      var count = 0
      var isFull = false
      try select.forEach { (row) throws(StorageFailure) in
        count += 1
        next = ExportCursor(row: row.int64(1), part: row.text(0))
        isFull = try each(try outcome(row, part: row.text(0), from: 2)) == .stop
        return isFull ? .stop : .more
      }
      return isFull || count == Self.scannedMax ? next : nil
    }
  }

  /// What was said before it was amended, the oldest first; the cursor counts amendments.
  public func amendedOutcomes(
    of line: LineID, after: ExportCursor, each: (ExportedOutcome) throws(StorageFailure) -> Next
  ) throws(StorageFailure) -> ExportCursor? {
    try page(
      of: line, after: after.row, through: .max,
      """
        SELECT o.id, o.part, o.label, h.name, o.observed_at, o.arrived, o.probability, o.peer_uid
        FROM outcome_history AS o JOIN channel AS h ON h.id = o.channel
        WHERE +o.line = ?1 AND o.id > ?2 AND o.id <= ?3 ORDER BY o.id LIMIT ?4
      """
    ) { (row) throws(StorageFailure) in
      try each(try outcome(row, part: row.text(1), from: 2))
    }
  }

  // MARK: - Steps

  /// One page of a query whose first column is the row, and whose parameters are the line, the cursor, the last row and
  /// the limit.
  private func page(
    of line: LineID, after: Int64, through: Int64, _ query: String,
    read: (Statement) throws(StorageFailure) -> Next
  ) throws(StorageFailure) -> ExportCursor? {
    try database.snapshot { () throws(StorageFailure) in
      guard let number = try names.number(of: line) else { return nil }
      let select = try database.prepare(query)
      select.bind(1, number)
      select.bind(2, after)
      select.bind(3, through)
      select.bind(4, Self.scannedMax + Self.channelsMax)
      var last = after
      var count = 0
      var isFull = false
      try select.forEach { (row) throws(StorageFailure) in
        // All channels of one part belong to one page, for the cursor names the part alone.
        if isFull, row.int64(0) != last { return .stop }
        count += 1
        last = row.int64(0)
        if try read(row) == .stop || count >= Self.scannedMax { isFull = true }
        return .more
      }
      return isFull ? ExportCursor(row: last) : nil
    }
  }

  private func wants(
    _ filter: ExportFilter, cell number: Int64, time: Timestamp, label: Int?
  ) throws(StorageFailure) -> Bool {
    if let since = filter.since, time < since { return false }
    if let until = filter.until, time >= until { return false }
    if let wanted = filter.label, label != wanted { return false }
    if let wanted = filter.cell, try names.cell(number) != wanted { return false }
    return true
  }

  private func part(_ row: Statement) throws(StorageFailure) -> ExportedPart {
    ExportedPart(
      row: row.int64(0), part: row.text(1), cell: try names.cell(row.int64(2)), version: try row.int(3),
      predictedClass: try row.int(4), confidence: row.double(5), time: Timestamp(microseconds: row.int64(6)),
      receivedAt: Timestamp(microseconds: row.int64(7)), clock: try row.clockSync(8), senderUID: row.int64(9),
      advice: try row.advice(10), late: row.int64(11) == 1,
      outcome: row.isNull(12) ? nil : try outcome(row, part: row.text(1), from: 12),
      features: row.isNull(18) ? nil : try row.floats(18))
  }

  /// Label, channel, both times, probability and sender, from that column on.
  private func outcome(_ row: Statement, part: String, from column: Int32) throws(StorageFailure) -> ExportedOutcome {
    ExportedOutcome(
      part: part, label: try row.int(column), channel: row.text(column + 1),
      observedAt: Timestamp(microseconds: row.int64(column + 2)),
      arrivedAt: Timestamp(microseconds: row.int64(column + 3)),
      probability: row.isNull(column + 4) ? nil : row.double(column + 4), senderUID: row.int64(column + 5))
  }
}
