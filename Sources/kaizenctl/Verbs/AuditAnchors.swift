import ArgumentParser
import ControlText
import Domain
import Wire

/// The audit trail for other programs, and against what the journal says of it.
extension Audit {
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write every audit entry with its hash to a file, one JSON object a line.",
      discussion: """
        Each hash is SHA-256 over, one after the other: the text "kaizend audit 1", the previous hash (an empty text for \
        the first entry), seq, time_us, uid, login, event, line, group, run, sentence. A field that is null is the byte 0; \
        any other is the byte 1, its length in 8 bytes (little-endian) and its bytes; a number is 8 bytes, little-endian. \
        Whoever has the file can so prove that nothing in it was changed, without kaizend.
        """)

    @OptionGroup var options: GlobalOptions
    @Option(help: ArgumentHelp("The file to write; it must not be there.", valueName: "file.jsonl")) var to: String

    func run() async throws {
      try await options.reporting {
        let file = try OutputFile(to)
        var rows = 0
        try await AuditTrail(daemon: options.daemon).forEachPage { bytes, count in
          try file.write(bytes)
          rows += count
        }
        let sha256 = try file.finish()
        let reply = AuditExportReply(file: to, rows: rows, sha256: sha256)
        try options.output.show(reply, json: OperatorCoding.bytes(reply))
      }
    }
  }
}

/// The whole trail as the daemon gives it.
struct AuditTrail {
  let daemon: Daemon

  /// - Parameter body: called with each page's lines and how many they are.
  func forEachPage(_ body: ([UInt8], Int) throws -> Void) async throws {
    var after: Int? = 0
    while let from = after {
      let answer = try await daemon.fetchThroughRestarts(.auditEntries(after: from))
      guard let count = Int(answer.headers[ExportPage.rowsHeader] ?? "") else {
        throw Daemon.unreadable("a page says not how many entries it has")
      }
      try body(answer.body, count)
      after = answer.headers[ExportPage.afterHeader].flatMap { Int($0) }
    }
  }

  /// The hash of each entry, by its number.
  func hashes() async throws -> [Int: String] {
    var hashes: [Int: String] = [:]
    try await forEachPage { bytes, _ in
      for line in bytes.split(separator: 0x0A) {
        let value = try JSONValue(parsing: Array(line))
        if case .integer(let sequence) = value["seq"], case .text(let hash) = value["hash"] {
          hashes[Int(sequence)] = hash
        }
      }
    }
    return hashes
  }
}

/// What the systemd journal says of the audit trail: each entry was told there too, with its number and hash.
struct JournalAnchors {
  private(set) var hashes: [Int: String] = [:]
  /// Numbers told without a hash, by versions before this one.
  private(set) var bare: Set<Int> = []

  /// - Parameter path: what `journalctl -o json` wrote; `-` is standard input.
  init(reading path: String) throws {
    let reader = try LineReader(path: path == "-" ? "/dev/stdin" : path, lineBytesMax: Self.lineBytesMax)
    while let line = try reader.next() {
      let value: JSONValue
      do { value = try JSONValue(parsing: line) } catch {
        throw Failure(
          .data, "\(path), line \(reader.lineNumber) is no entry of \"journalctl -o json\": \(error.sentence).",
          next: .other("journalctl -u kaizend -o json > FILE"))
      }
      guard case .text(let text) = value["KAIZEN_AUDIT_SEQ"], let sequence = Int(text) else { continue }
      // The first word counts: who can write to the journal today could not yesterday.
      guard hashes[sequence] == nil else { continue }
      if case .text(let hash) = value["KAIZEN_AUDIT_HASH"] { hashes[sequence] = hash } else { bare.insert(sequence) }
    }
  }

  /// A field of the journal may be long; an entry with all of systemd's own is some kilobytes.
  private static let lineBytesMax = 1 << 20

  /// The first number that the trail lacks, or has with another hash; nil where all fit.
  func firstDifference(from trail: [Int: String]) -> (sequence: Int, isMissing: Bool)? {
    for sequence in Set(hashes.keys).union(bare).sorted() {
      guard let stored = trail[sequence] else { return (sequence, true) }
      if let told = hashes[sequence], told != stored { return (sequence, false) }
    }
    return nil
  }
}
