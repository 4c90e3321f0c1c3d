import Domain
import Engine
import Store
import Wire

/// Rows of a line as text: what `GET /v1/lines/L/export` answers.
struct ExportText {
  private let definition: LineDefinition
  private let selection: ExportSelection
  private let filter: ExportFilter

  /// Bytes of one page, more or less: some thousand rows of measurements, some hundred pictures.
  private static let pageBytesMax = 4 << 20

  /// - Throws: `badMessage` for a group that the line cannot have.
  init(_ definition: LineDefinition, _ selection: ExportSelection) throws(WireFault) {
    self.definition = definition
    self.selection = selection
    var group: GroupKey?
    if let text = selection.group {
      do throws(InvalidName) {
        group = try definition.schema.group(parsing: text, classNames: definition.classNames)
      } catch {
        throw .badMessage(error.sentence)
      }
    }
    filter = ExportFilter(
      since: selection.since, until: selection.until, cell: group?.cell, label: group?.outcome)
  }

  // MARK: - Columns

  func plan(through: Int64, rows: Int) -> ExportPlanReply {
    ExportPlanReply(
      line: definition.id.text, format: selection.format.rawValue, parts: partColumns, outcomes: Self.outcomeColumns,
      features: featureNames, through: through, rows: rows, kaizend: daemonVersion)
  }

  private static let time = "TIMESTAMP(MICROS,UTC)"

  private var featureNames: [String] { (0..<definition.featureCount).map { definition.featureName($0) } }

  private var partColumns: [ExportColumn] {
    var columns = [ExportColumn("row", "INT64"), ExportColumn("part", "STRING")]
    columns += definition.schema.attributes.map { ExportColumn("group_\($0)", "STRING") }
    columns += [
      ExportColumn("student", "INT32"), ExportColumn("predicted", "STRING"), ExportColumn("confidence", "DOUBLE"),
      ExportColumn("time", Self.time), ExportColumn("received_at", Self.time),
      ExportColumn("clock_synced", "BOOLEAN", nullable: true), ExportColumn("sender_uid", "INT64"),
      ExportColumn("advice", "STRING"), ExportColumn("advice_reasons", "STRING", nullable: true),
      ExportColumn("late", "BOOLEAN"), ExportColumn("label", "STRING", nullable: true),
      ExportColumn("channel", "STRING", nullable: true), ExportColumn("observed_at", Self.time, nullable: true),
      ExportColumn("arrived_at", Self.time, nullable: true), ExportColumn("probability", "DOUBLE", nullable: true),
    ]
    guard selection.features else { return columns }
    guard selection.format == .parquetCSV else { return columns + [ExportColumn("features", "JSON", nullable: true)] }
    return columns + featureNames.map { ExportColumn("feature_\($0)", "FLOAT", nullable: true) }
  }

  private static let outcomeColumns = [
    ExportColumn("part", "STRING"), ExportColumn("state", "STRING"), ExportColumn("label", "STRING"),
    ExportColumn("channel", "STRING"), ExportColumn("observed_at", time), ExportColumn("arrived_at", time),
    ExportColumn("probability", "DOUBLE", nullable: true), ExportColumn("sender_uid", "INT64"),
  ]

  // MARK: - Pages

  /// - Throws: `badMessage` for a text that no page before it can have told.
  static func cursor(_ text: String?) throws(WireFault) -> ExportCursor {
    guard let text else { return ExportCursor() }
    let pieces = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let row = Int64(pieces[0]) else { throw .badMessage("\"after\" is what the page before said") }
    return ExportCursor(row: row, part: pieces.count == 2 ? try PercentCoding.decode(String(pieces[1])) : "")
  }

  func page(
    _ page: ExportPage, after: ExportCursor, from reader: LedgerExport
  ) throws(StorageFailure) -> WireResponse {
    var rows = ExportRows(selection.format)
    let next: ExportCursor?
    let line = definition.id
    switch page.table {
    case .parts:
      next = try reader.parts(
        of: line, after: after, through: page.through, filter, features: selection.features
      ) { (part) throws(StorageFailure) in
        append(part, to: &rows)
        return rows.bytes.count < Self.pageBytesMax ? .more : .stop
      }
    case .inForce, .other:
      next = try reader.outcomes(
        of: line, inForce: page.table == .inForce, after: after, through: page.through, filter
      ) { (outcome) throws(StorageFailure) in
        append(outcome, page.table, to: &rows)
        return rows.bytes.count < Self.pageBytesMax ? .more : .stop
      }
    case .held:
      next = try reader.heldOutcomes(of: line, after: after) { (outcome) throws(StorageFailure) in
        append(outcome, page.table, to: &rows)
        return rows.bytes.count < Self.pageBytesMax ? .more : .stop
      }
    case .amended:
      next = try reader.amendedOutcomes(of: line, after: after) { (outcome) throws(StorageFailure) in
        append(outcome, page.table, to: &rows)
        return rows.bytes.count < Self.pageBytesMax ? .more : .stop
      }
    }
    var headers = WireHeaders([ExportPage.rowsHeader: String(rows.count)])
    if let next {
      let text = next.part.isEmpty ? String(next.row) : "\(next.row)/\(PercentCoding.encode(next.part))"
      headers.append(ExportPage.afterHeader, text)
    }
    return WireResponse(
      contentType: selection.format == .jsonl ? "application/x-ndjson" : "text/csv", headers: headers, body: rows.bytes)
  }

  private func className(_ number: Int) -> String {
    definition.classNames.indices.contains(number) ? definition.classNames[number] : String(number)
  }

  private func append(_ part: ExportedPart, to rows: inout ExportRows) {
    rows.begin()
    rows.add("row", .integer(part.row))
    rows.add("part", .text(part.part))
    for (name, value) in zip(definition.schema.attributes, part.cell.values) { rows.add("group_\(name)", .text(value)) }
    rows.add("student", .integer(Int64(part.version)))
    rows.add("predicted", .text(className(part.predictedClass)))
    rows.add("confidence", .number(part.confidence))
    rows.add("time", .text(part.time.description))
    rows.add("received_at", .text(part.receivedAt.description))
    rows.add("clock_synced", part.clock == .unknown ? .none : .flag(part.clock == .synchronized))
    rows.add("sender_uid", .integer(part.senderUID))
    rows.add("advice", .text(part.advice.verdict))
    rows.add("advice_reasons", part.advice.isEmpty ? .none : .text(part.advice.reasonNames))
    rows.add("late", .flag(part.late))
    rows.add("label", part.outcome.map { .text(className($0.label)) } ?? .none)
    rows.add("channel", part.outcome.map { .text($0.channel) } ?? .none)
    rows.add("observed_at", part.outcome.map { .text($0.observedAt.description) } ?? .none)
    rows.add("arrived_at", part.outcome.map { .text($0.arrivedAt.description) } ?? .none)
    rows.add("probability", part.outcome?.probability.map { .number($0) } ?? .none)
    if selection.features { append(part.features, to: &rows) }
    rows.end()
  }

  private func append(_ features: [Float]?, to rows: inout ExportRows) {
    guard selection.format == .parquetCSV else { return rows.add("features", features.map { .numbers($0) } ?? .none) }
    for index in 0..<definition.featureCount {
      guard let features, features.indices.contains(index) else {
        rows.add("", .none)
        continue
      }
      rows.add("", .single(features[index]))
    }
  }

  private func append(_ outcome: ExportedOutcome, _ table: ExportTable, to rows: inout ExportRows) {
    rows.begin()
    rows.add("part", .text(outcome.part))
    rows.add("state", .text(table.rawValue))
    rows.add("label", .text(className(outcome.label)))
    rows.add("channel", .text(outcome.channel))
    rows.add("observed_at", .text(outcome.observedAt.description))
    rows.add("arrived_at", .text(outcome.arrivedAt.description))
    rows.add("probability", outcome.probability.map { .number($0) } ?? .none)
    rows.add("sender_uid", .integer(outcome.senderUID))
    rows.end()
  }

  // MARK: - The audit trail

  static func page(auditEntries entries: [ExportedAuditEntry]) -> WireResponse {
    var rows = ExportRows(.jsonl)
    for entry in entries {
      rows.begin()
      rows.add("seq", .integer(entry.sequence))
      rows.add("time", .text(Timestamp(microseconds: entry.time).description))
      rows.add("time_us", .integer(entry.time))
      rows.add("uid", .integer(entry.uid))
      rows.add("login", .text(entry.login))
      rows.add("event", .text(entry.event))
      rows.add("line", entry.line.map { .text($0) } ?? .none)
      rows.add("group", entry.group.map { .text($0) } ?? .none)
      rows.add("run", entry.run.map { .integer($0) } ?? .none)
      rows.add("sentence", .text(entry.sentence))
      rows.add("hash", .text(entry.hash))
      rows.end()
    }
    var headers = WireHeaders([ExportPage.rowsHeader: String(rows.count)])
    if entries.count == OperatorCall.auditPageMax, let last = entries.last {
      headers.append(ExportPage.afterHeader, String(last.sequence))
    }
    return WireResponse(contentType: "application/x-ndjson", headers: headers, body: rows.bytes)
  }
}
