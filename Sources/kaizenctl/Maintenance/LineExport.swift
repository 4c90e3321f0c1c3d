import ControlText
import Domain
import Wire

/// Writes a line's rows to files, page by page, through restarts of the daemon.
struct LineExport {
  let options: GlobalOptions
  let line: LineID
  let selection: ExportSelection
  let outcomes: Bool
  let folder: String

  private var suffix: String { selection.format.fileSuffix }

  func run(at time: Timestamp) async throws -> ExportManifest {
    let plan = try await options.daemon.ask(.exportPlan(line, selection), as: ExportPlanReply.self).reply
    try OutputFile.makeFolder(folder)
    let progress = ProgressDisplay(output: options.output)
    defer { progress.clear() }
    var files = [try await write("parts", [.parts], plan.parts, plan, progress)]
    if outcomes {
      // Nobody knows the group or the time of a part that has not come, nor what was amended under a filter.
      let tables = selection.isFiltered ? [ExportTable.inForce, .other] : ExportTable.outcomes
      files.append(try await write("outcomes", tables, plan.outcomes, plan, progress))
    }
    let manifest = ExportManifest(
      line: line.text, format: selection.format.rawValue, kaizend: plan.kaizend, exportedAt: time.description,
      since: selection.since?.description, until: selection.until?.description, group: selection.group,
      features: selection.features ? plan.features : nil, files: files)
    try OutputFile.replace("\(folder)/\(BackupManifest.name)", with: try OperatorCoding.bytes(manifest) + [0x0A])
    return manifest
  }

  private func write(
    _ name: String, _ tables: [ExportTable], _ columns: [ExportColumn], _ plan: ExportPlanReply,
    _ progress: ProgressDisplay
  ) async throws -> ExportedFile {
    let path = "\(name).\(suffix)"
    let file = try OutputFile("\(folder)/\(path)")
    try file.write(ExportRows.header(columns.map(\.name), selection.format))
    var rows = 0
    var ends: (first: Int64, last: Int64)?
    for table in tables {
      var page: ExportPage? = ExportPage(table: table, through: plan.through)
      while let wanted = page {
        let answer = try await options.daemon.fetchThroughRestarts(.export(line, selection, wanted))
        guard let count = Int(answer.headers[ExportPage.rowsHeader] ?? "") else {
          throw Daemon.unreadable("a page says not how many rows it has")
        }
        try file.write(answer.body)
        rows += count
        if table == .parts, count > 0 { ends = Self.ends(of: answer.body, selection.format, ends) }
        let after = answer.headers[ExportPage.afterHeader]
        page = after.map { ExportPage(table: table, after: $0, through: plan.through) }
        let done = Double(Int64(after?.prefix { $0 != "/" } ?? "") ?? plan.through) / Double(max(1, plan.through))
        progress.show(TrainingProgress(stage: "writing \(path)", fraction: min(1, done), secondsLeft: nil))
      }
    }
    let sha256 = try file.finish()
    return ExportedFile(
      path: path, rows: rows, bytes: file.byteCount, sha256: sha256, firstRow: ends?.first, lastRow: ends?.last,
      columns: columns)
  }

  /// The numbers that the first and the last row of a page begin with.
  private static func ends(
    of body: [UInt8], _ format: ExportFormat, _ before: (first: Int64, last: Int64)?
  ) -> (first: Int64, last: Int64)? {
    // A part's name may hold a line feed, in quotes: the last row is not simply after the last but one. In JSON it is.
    func number(_ bytes: ArraySlice<UInt8>) -> Int64? {
      let digits = bytes.drop { !(0x30...0x39 ~= $0) }.prefix { 0x30...0x39 ~= $0 }
      return Int64(String(decoding: digits, as: UTF8.self))
    }
    guard let first = number(body[...]) else { return before }
    var last = first
    var start = body.startIndex
    var isQuoted = false
    for (index, byte) in body.enumerated() {
      if byte == 0x22, format != .jsonl { isQuoted.toggle() }
      if byte == 0x0A, !isQuoted {
        last = number(body[start...index]) ?? last
        start = index + 1
      }
    }
    return (before?.first ?? first, last)
  }
}
