import Wire

extension LatencyReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    guard let requests = stages.first?.count, requests > 0 else {
      return "no part has been asked about since \(timeText(since))"
    }
    var table = Table(columns: [
      .init(title: "stage"), .init(title: "p50 us", alignment: .right), .init(title: "p99 us", alignment: .right),
      .init(title: "p99.9 us", alignment: .right), .init(title: "max us", alignment: .right), .init(title: ""),
    ])
    for row in stages {
      table.rows.append(
        [.init(row.stage.rawValue)] + [row.p50Us, row.p99Us, row.p999Us, row.maxUs].map { .init(microsecondsText($0)) }
          + [.init(row.stage.meaning, .faint)])
    }
    let head =
      "\(countText(requests, "request")) on infer.sock since \(timeText(since)), the client's share not counted"
    return (wrapped(head, width: style.width) + [""] + table.lines(style)).joined(separator: "\n")
  }
}

/// Whole microseconds from 100 on, one decimal below.
private func microsecondsText(_ value: Double?) -> String {
  guard let value else { return "-" }
  return value < 100 ? decimal(value, places: 1) : countText(Int(value.rounded()))
}

extension LatencyStage {
  fileprivate var meaning: String {
    switch self {
    case .read: "first byte to last"
    case .decode: "bytes to features"
    case .infer: "the student"
    case .commit: "until it is recorded"
    case .write: "answer to the kernel"
    case .total: "all of these"
    }
  }
}
