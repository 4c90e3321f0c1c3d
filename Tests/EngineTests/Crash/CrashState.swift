import CSQLite
import Domain
import Engine
import Store
import Testing

/// What is found in a state directory by whoever starts after a crash.
struct CrashState {
  /// First feature of every part in the ledger.
  private(set) var parts: [PartName: Float] = [:]
  private(set) var labels: [PartName: Int] = [:]
  private(set) var auditCount = 0
  /// What must never be seen, in sentences.
  private(set) var faults: [String] = []

  /// Opens it as the daemon does, and takes the journal in.
  ///
  /// - Parameter withoutJournal: for what the databases hold by themselves.
  init(_ image: DiskImage, withoutJournal: Bool = false) throws {
    let folder = try TemporaryFolder()
    let kept = image.files.filter { !withoutJournal || !$0.key.hasPrefix("ledger-journal") }
    try DiskImage(files: kept).write(to: folder.path)
    // Its syncs cost nothing.
    let disk = ListedDisk().disk
    let registry = try SQLiteRegistry.open(stateDirectory: folder.path, disk: disk)
    switch try registry.verifyAudit() {
    case .intact(let rows): auditCount = rows
    case let other: faults.append("the audit trail is not intact: \(other)")
    }
    let opened = try SQLiteLedger.open(
      stateDirectory: folder.path, at: Timestamp(seconds: 0), bootID: "later", disk: disk)
    if let quarantined = opened.quarantined { faults.append("the ledger was put aside: \(quarantined.reason)") }
    _ = try LedgerJournal.open(stateDirectory: folder.path, bootID: "later", disk: disk).recover(into: opened.ledger)
    try read(try RawRows(folder.path + "/" + StoreFile.ledger))
    try check(folder.path)
  }

  private mutating func read(_ ledger: RawRows) throws {
    for row in try ledger.rows(
      "SELECT line.name, part, hex(input.features), predicted_class FROM prediction JOIN line ON line.id = line "
        + "LEFT JOIN input ON input.prediction = prediction.id")
    {
      let name = PartName(line: try LineID(row[0]), part: row[1])
      let x = Self.firstFloat(row[2])
      if parts.updateValue(x, forKey: name) != nil { faults.append("\(name) is there twice") }
      if row[3] != (x > 0 ? "1" : "0") { faults.append("\(name) has class \(row[3]) for x = \(x)") }
    }
    for row in try ledger.rows(
      "SELECT line.name, p.part, label FROM outcome AS o JOIN prediction AS p ON p.id = o.prediction "
        + "JOIN line ON line.id = p.line UNION ALL SELECT line.name, part, label FROM held_outcome "
        + "JOIN line ON line.id = line")
    {
      let name = PartName(line: try LineID(row[0]), part: row[1])
      if labels.updateValue(Int(row[2]) ?? -1, forKey: name) != nil { faults.append("\(name) has two outcomes") }
    }
    for row in try ledger.rows(
      "SELECT h.line, h.part FROM held_outcome AS h JOIN prediction AS p ON p.line = h.line AND p.part = h.part")
    {
      faults.append("a held outcome of a part that is there: \(row.joined(separator: ", "))")
    }
  }

  /// What `kaizenctl doctor` finds broken: pages, every total, references, training's index.
  private mutating func check(_ folder: String) throws {
    for finding in try StateCheck(stateDirectory: folder).run(LongWork()) where finding.state == .broken {
      faults.append("\(finding.subject): \(finding.sentence)")
    }
  }

  private static func firstFloat(_ hex: String) -> Float {
    var bits: UInt32 = 0
    for index in (0..<4).reversed() { bits = bits << 8 | (UInt32(hex.dropFirst(index * 2).prefix(2), radix: 16) ?? 0) }
    return Float(bitPattern: bits)
  }

  // MARK: - What was promised

  enum Promised {
    /// All that was answered.
    case everything
    /// All but the parts that were answered in the last 50 ms.
    case written
    /// Nothing for certain; what is there was asked for.
    case nothing
  }

  /// What is not as it was promised, in sentences.
  func broken(_ promises: Promises, _ promised: Promised) -> [String] {
    var broken = faults + promises.contradictions.map { "\($0) was answered as recorded for two different questions" }
    for (name, x) in parts where promises.parts[name]?.asked.contains(x) != true {
      broken.append("\(name) is there with x = \(x), and nobody asked for that")
    }
    for (name, label) in labels where promises.parts[name]?.allows(label) != true {
      if promised != .nothing || promises.parts[name]?.askedLabels.contains(label) != true {
        broken.append("\(name) has label \(label), which nobody may have given it")
      }
    }
    if auditCount < promises.audited {
      broken.append("the audit trail has \(auditCount) of \(promises.audited) entries")
    }
    guard promised != .nothing else { return broken }
    for (name, part) in promises.parts {
      if let x = part.recorded, promised == .everything || part.isWritten {
        if parts[name] == nil { broken.append("\(name) was answered as recorded and is not there") }
        if let found = parts[name], found != x {
          broken.append("\(name) was answered for \(x) and is there for \(found)")
        }
      }
      if part.label != nil, labels[name] == nil { broken.append("\(name) has lost its outcome") }
    }
    return broken
  }
}

/// A ledger without any of the store's care.
final class RawRows {
  private var handle: OpaquePointer?

  init(_ path: String) throws { try #require(sqlite3_open(path, &handle) == SQLITE_OK) }
  deinit { sqlite3_close(handle) }

  func rows(_ sql: String) throws -> [[String]] {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(handle, sql, -1, &statement, nil)
    try #require(code == SQLITE_OK, "\(String(cString: sqlite3_errmsg(handle))): \(sql)")
    defer { sqlite3_finalize(statement) }
    var rows: [[String]] = []
    while sqlite3_step(statement) == SQLITE_ROW {
      rows.append(
        (0..<sqlite3_column_count(statement)).map { column in
          sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "NULL"
        })
    }
    return rows
  }
}
