import Domain
import Wire

/// What became of a file of outcomes; `kaizenctl outcomes import --json` prints it.
public struct ImportReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var file: String
  /// True: the daemon said what it would make of each row, and stored none.
  public var dryRun: Bool
  /// Rows the daemon answered.
  public var rows: Int
  public var statuses: [StatusCount]
  /// At most `maximumRejections`; `rejectedRows` counts all.
  public var rejections: [Rejection]
  public var rejectedRows: Int
  /// Of these, rows that are no outcomes and were not sent.
  public var badRows = 0
  /// Rows that went out twice, because no answer came to the first time: what they stored then counts as known before.
  public var resentRows = 0

  /// More rejected rows than this would hide what is wrong with them.
  public static let maximumRejections = 200

  public init(line: String, file: String, dryRun: Bool) {
    self.line = line
    self.file = file
    self.dryRun = dryRun
    rows = 0
    statuses = []
    rejections = []
    rejectedRows = 0
  }

  /// Counts one answered row.
  /// - Returns: why it was not taken; nil where it was.
  @discardableResult
  public mutating func add(row: Int, id: String, label: String, status: OutcomeStatus) -> String? {
    rows += 1
    if let index = statuses.firstIndex(where: { $0.status == status.rawValue }) {
      statuses[index].rows += 1
    } else {
      statuses.append(StatusCount(status: status.rawValue, rows: 1))
    }
    guard let why = Self.rejection(status, label: label) else { return nil }
    reject(Rejection(row: row, id: id, why: why))
    return why
  }

  /// Counts a row that is no outcome.
  public mutating func addBad(row: Int, why: String) {
    badRows += 1
    reject(Rejection(row: row, id: "", why: why))
  }

  private mutating func reject(_ rejection: Rejection) {
    rejectedRows += 1
    if rejections.count < Self.maximumRejections { rejections.append(rejection) }
  }

  private static func rejection(_ status: OutcomeStatus, label: String) -> String? {
    switch status {
    case .joined, .duplicate, .amended, .heldUnknownID: nil
    case .conflict: "another label is in force, and this row does not replace it"
    case .unknownLabel: "\"\(label)\" is not a class of this line"
    }
  }
}

public struct StatusCount: Codable, Sendable, Equatable {
  public var status: String
  public var rows: Int

  public init(status: String, rows: Int) {
    self.status = status
    self.rows = rows
  }
}

/// A row the daemon did not store, by its number in the file.
public struct Rejection: Codable, Sendable, Equatable {
  public var row: Int
  public var id: String
  public var why: String

  public init(row: Int, id: String, why: String) {
    self.row = row
    self.id = id
    self.why = why
  }
}

extension ImportReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var lines = wrapped("\(countText(rows, "outcome")) of \(file) for \(line)", width: style.width)
      .map { style.paint($0, .strong) }
    if dryRun { lines.append("A dry run: nothing was stored.") }
    for status in OutcomeStatus.allCases {
      guard let count = statuses.first(where: { $0.status == status.rawValue }) else { continue }
      lines += detail("\(countText(count.rows)) \(Self.meaning(status))", style)
    }
    if badRows > 0 { lines += detail("\(countText(badRows)) that are no outcomes, passed over", style) }
    if resentRows > 0 {
      lines += wrapped(
        "\(countText(resentRows, "row")) went out twice, for the daemon did not answer the first time: what it had stored "
          + "of them counts as known before.", width: style.width)
    }
    guard rejectedRows > 0 else { return lines.joined(separator: "\n") }
    lines += ["", style.paint("\(countText(rejectedRows, "row")) \(dryRun ? "would not be" : "not") taken:", .bad)]
    for rejection in rejections {
      let id = rejection.id.isEmpty ? "" : " (\(rejection.id))"
      lines += detail("row \(rejection.row)\(id): \(rejection.why)", style)
    }
    if rejectedRows > rejections.count {
      lines += detail("... and \(countText(rejectedRows - rejections.count)) more", style)
    }
    return lines.joined(separator: "\n")
  }

  private static func meaning(_ status: OutcomeStatus) -> String {
    switch status {
    case .joined: "joined to their predictions"
    case .duplicate: "known before, nothing changed"
    case .amended: "replaced another label"
    case .heldUnknownID: "held until their prediction comes"
    case .conflict: "in conflict with the label in force"
    case .unknownLabel: "with an unknown label"
    }
  }
}
