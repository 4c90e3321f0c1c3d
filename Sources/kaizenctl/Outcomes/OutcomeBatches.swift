import Domain
import Wire

/// Cuts a file of outcomes into requests.
struct OutcomeBatches {
  /// What one request takes, and what was met on the way that no request can.
  struct Batch: Sendable {
    var records: [OutcomeRecord] = []
    var unreadable: [UnreadableRow] = []

    var isEmpty: Bool { records.isEmpty && unreadable.isEmpty }
  }

  private let file: OutcomeFile
  /// The first row that counts.
  private let fromRow: Int
  /// Rows of these parts go out together, at the end; nil where each request sees what those before it stored.
  private let repeated: RepeatedParts?
  private var gathered = GatheredRows()
  private var isAtEnd = false

  /// A commit of so many outcomes holds up no answer for long, and few enough are sent again after a broken connection.
  static let rowsMax = 2000

  init(_ file: OutcomeFile, fromRow: Int, repeated: RepeatedParts? = nil) {
    self.file = file
    self.fromRow = fromRow
    self.repeated = repeated
  }

  /// The next batch, nil after the last.
  /// - Throws: `Failure` when the file cannot be read any further.
  mutating func next() throws -> Batch? {
    var batch = Batch()
    while !isAtEnd, batch.records.count + batch.unreadable.count < Self.rowsMax {
      do {
        guard let record = try file.next() else {
          isAtEnd = true
          break
        }
        guard record.row >= fromRow else { continue }
        if repeated?.holds(record.id) == true { gathered.add(record) } else { batch.records.append(record) }
      } catch let fault as UnreadableRow {
        if fault.row >= fromRow { batch.unreadable.append(fault) }
      }
    }
    if isAtEnd, batch.records.isEmpty { batch.records = gathered.next(Self.rowsMax) }
    return batch.isEmpty ? nil : batch
  }
}

/// Parts that a file names more than once: what becomes of their second row depends on the first.
struct RepeatedParts {
  private var seen: Set<Int> = []
  private var repeated: Set<Int> = []

  mutating func meet(_ id: String) {
    // Eight bytes a part instead of its name; two parts with one hash are taken for repeated, which harms nothing.
    let hash = id.hashValue
    if !seen.insert(hash).inserted { repeated.insert(hash) }
  }

  func holds(_ id: String) -> Bool { repeated.contains(id.hashValue) }
}

/// Rows by their part, parts in the order they were met.
private struct GatheredRows {
  private var rows: [[OutcomeRecord]] = []
  private var places: [String: Int] = [:]
  private var given = 0

  mutating func add(_ record: OutcomeRecord) {
    if let place = places[record.id] {
      rows[place].append(record)
    } else {
      places[record.id] = rows.count
      rows.append([record])
    }
  }

  /// Whole parts alone, some `limit` rows; one part has no more rows than one request takes, or is cut.
  mutating func next(_ limit: Int) -> [OutcomeRecord] {
    var taken: [OutcomeRecord] = []
    while given < rows.count, taken.isEmpty || taken.count + rows[given].count <= limit {
      let room = OutcomeItem.countMax - taken.count
      taken += rows[given].prefix(room)
      rows[given].removeFirst(min(room, rows[given].count))
      if rows[given].isEmpty { given += 1 }
    }
    return taken
  }
}
