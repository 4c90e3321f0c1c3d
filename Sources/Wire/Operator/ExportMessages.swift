import Domain

/// How exported rows are written.
public enum ExportFormat: String, Sendable, CaseIterable, Codable {
  /// RFC 4180; features as one JSON array.
  case csv
  /// One JSON object a line; features as an array.
  case jsonl
  /// RFC 4180 with one typed column for each feature: what reads Parquet's types reads it without guessing.
  case parquetCSV = "parquet-csv"

  public var fileSuffix: String { self == .jsonl ? "jsonl" : "csv" }
}

/// Where the rows of an export come from, in the order of the files.
public enum ExportTable: String, Sendable, CaseIterable {
  /// Answered parts, each with the truth in force.
  case parts
  /// Outcomes: those in force, what other channels say, those whose part has not come, and those that were amended.
  case inForce = "in_force"
  case other
  case held
  case amended

  public static let outcomes: [ExportTable] = [.inForce, .other, .held, .amended]
}

/// What is wanted of a line's rows.
public struct ExportSelection: Sendable, Equatable {
  public var format: ExportFormat
  public var features: Bool
  /// From this time on, in the line's time.
  public var since: Timestamp?
  /// Before this time.
  public var until: Timestamp?
  public var group: String?

  public init(
    format: ExportFormat = .csv, features: Bool = false, since: Timestamp? = nil, until: Timestamp? = nil,
    group: String? = nil
  ) {
    self.format = format
    self.features = features
    self.since = since
    self.until = until
    self.group = group
  }

  public var isFiltered: Bool { since != nil || until != nil || group != nil }

  var query: [(name: String, value: String?)] {
    [
      ("format", format.rawValue), ("features", features ? "1" : nil), ("since", since?.description),
      ("until", until?.description), ("group", group),
    ]
  }

  init(_ query: [String: String]) throws(WireFault) {
    func time(_ name: String) throws(WireFault) -> Timestamp? {
      guard let text = query[name] else { return nil }
      guard let time = Timestamp(text) else { throw .badMessage("\"\(name)\" is a time in RFC 3339 (got \"\(text)\")") }
      return time
    }
    guard let format = ExportFormat(rawValue: query["format"] ?? ExportFormat.csv.rawValue) else {
      let known = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw .badMessage("\"format\" is one of \(known) (got \"\(query["format"] ?? "")\")")
    }
    self.format = format
    features = query["features"] == "1"
    since = try time("since")
    until = try time("until")
    group = query["group"]
  }
}

/// One page of one table.
public struct ExportPage: Sendable, Equatable {
  public var table: ExportTable
  /// As the page before told it; nil for the first.
  public var after: String?
  /// The last row that belongs to this export.
  public var through: Int64

  public init(table: ExportTable, after: String? = nil, through: Int64) {
    self.table = table
    self.after = after
    self.through = through
  }

  /// Rows of the page's body.
  public static let rowsHeader = "Kaizen-Rows"
  /// Where the next page begins; absent on the last.
  public static let afterHeader = "Kaizen-After"

  var query: [(name: String, value: String?)] {
    [("table", table.rawValue), ("after", after), ("through", String(through))]
  }

  init(_ query: [String: String]) throws(WireFault) {
    guard let table = ExportTable(rawValue: query["table"] ?? "") else {
      let known = ExportTable.allCases.map(\.rawValue).joined(separator: ", ")
      throw .badMessage("\"table\" is one of \(known)")
    }
    guard let through = Int64(query["through"] ?? "") else { throw .badMessage("\"through\" is a row's number") }
    self.table = table
    self.through = through
    after = query["after"]
  }
}

public struct ExportColumn: Codable, Sendable, Equatable {
  public var name: String
  /// As Parquet calls it: INT32, INT64, FLOAT, DOUBLE, BOOLEAN, STRING, TIMESTAMP(MICROS,UTC), JSON.
  public var type: String
  /// nil: every row has a value.
  public var nullable: Bool?

  public init(_ name: String, _ type: String, nullable: Bool = false) {
    self.name = name
    self.type = type
    self.nullable = nullable ? true : nil
  }
}

/// What an export of a line will hold.
public struct ExportPlanReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var format: String
  public var parts: [ExportColumn]
  public var outcomes: [ExportColumn]
  /// Names of the features in their order.
  public var features: [String]
  /// The line's last row at this moment.
  public var through: Int64
  /// Rows of the line, whatever the filter says.
  public var rows: Int
  public var kaizend: String

  public init(
    line: String, format: String, parts: [ExportColumn], outcomes: [ExportColumn], features: [String], through: Int64,
    rows: Int, kaizend: String
  ) {
    self.line = line
    self.format = format
    self.parts = parts
    self.outcomes = outcomes
    self.features = features
    self.through = through
    self.rows = rows
    self.kaizend = kaizend
  }
}

/// What `kaizenctl export` has written, beside its files.
public struct ExportManifest: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var format: String
  public var kaizend: String
  public var exportedAt: String
  public var since: String?
  public var until: String?
  public var group: String?
  public var features: [String]?
  public var files: [ExportedFile]

  public init(
    line: String, format: String, kaizend: String, exportedAt: String, since: String?, until: String?, group: String?,
    features: [String]?, files: [ExportedFile]
  ) {
    self.line = line
    self.format = format
    self.kaizend = kaizend
    self.exportedAt = exportedAt
    self.since = since
    self.until = until
    self.group = group
    self.features = features
    self.files = files
  }
}

public struct ExportedFile: Codable, Sendable, Equatable {
  public var path: String
  public var rows: Int
  public var bytes: Int
  public var sha256: String
  /// The ledger's numbers of the first and the last row; nil for none, and for outcomes.
  public var firstRow: Int64?
  public var lastRow: Int64?
  public var columns: [ExportColumn]

  public init(
    path: String, rows: Int, bytes: Int, sha256: String, firstRow: Int64?, lastRow: Int64?, columns: [ExportColumn]
  ) {
    self.path = path
    self.rows = rows
    self.bytes = bytes
    self.sha256 = sha256
    self.firstRow = firstRow
    self.lastRow = lastRow
    self.columns = columns
  }
}
