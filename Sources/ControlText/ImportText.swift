import Domain
import Wire

/// What became of a file of outcomes; `kaizenctl outcomes import --json` prints it.
public struct ImportReply: Codable, Sendable, Equatable {
  public var schema = operatorSchema
  public var line: String
  public var file: String
  /// True: the file was read and checked, nothing was sent.
  public var dryRun: Bool
  public var rows: Int
  public var statuses: [StatusCount]
  /// At most `maximumRejections`; `rejectedRows` counts all.
  public var rejections: [Rejection]
  public var rejectedRows: Int

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
  public mutating func add(row: Int, id: String, label: String, status: OutcomeStatus) {
    rows += 1
    if let index = statuses.firstIndex(where: { $0.status == status.rawValue }) {
      statuses[index].rows += 1
    } else {
      statuses.append(StatusCount(status: status.rawValue, rows: 1))
    }
    guard let why = Self.rejection(status, label: label) else { return }
    rejectedRows += 1
    if rejections.count < Self.maximumRejections { rejections.append(Rejection(row: row, id: id, why: why)) }
  }

  private static func rejection(_ status: OutcomeStatus, label: String) -> String? {
    switch status {
    case .joined, .duplicate, .amended, .heldUnknownID: nil
    case .conflict: "another label is stored and this row does not amend it"
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
    if dryRun { lines.append("A dry run: nothing was sent.") }
    for status in OutcomeStatus.allCases {
      guard let count = statuses.first(where: { $0.status == status.rawValue }) else { continue }
      lines += detail("\(countText(count.rows)) \(Self.meaning(status))", style)
    }
    guard rejectedRows > 0 else { return lines.joined(separator: "\n") }
    lines += ["", style.paint("\(countText(rejectedRows, "row")) \(dryRun ? "would not be" : "not") stored:", .bad)]
    for rejection in rejections { lines += detail("row \(rejection.row) (\(rejection.id)): \(rejection.why)", style) }
    if rejectedRows > rejections.count {
      lines += detail("... and \(countText(rejectedRows - rejections.count)) more", style)
    }
    return lines.joined(separator: "\n")
  }

  private static func meaning(_ status: OutcomeStatus) -> String {
    switch status {
    case .joined: "joined to their predictions"
    case .duplicate: "known before, nothing changed"
    case .amended: "amended an earlier label"
    case .heldUnknownID: "held until their prediction comes"
    case .conflict: "in conflict with an earlier label"
    case .unknownLabel: "with an unknown label"
    }
  }
}
