import Wire

extension SlicesReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    let share = parts > 0 ? " (\(percent(Double(wrong) / Double(parts))))" : ""
    let title =
      "\(line): \(countText(wrong)) of \(countText(parts, "labelled part")) answered wrongly\(share), "
      + "\(countText(tested, "slice")) tested"
    var lines = wrapped(title, width: style.width).map { style.paint($0, .strong) }
    if findings.isEmpty {
      lines += wrapped("No slice is wrong more often than chance explains.", width: style.width)
    } else {
      lines += numbered(findings.map(\.sentence), width: style.width)
      lines += wrapped(
        "At most \(percent(rate)) of what is listed is there by chance, on average; q is the rate at which a finding "
          + "would still be listed.", width: style.width)
    }
    for remark in remarks { lines += wrapped("Note: \(remark).", width: style.width, indent: 2) }
    if !adopted.isEmpty {
      lines += ["", style.paint("Adopted", .strong)]
      for slice in adopted {
        lines += wrapped(slice.sentence, width: style.width, indent: 2).map { style.paint($0, slice.tone) }
      }
    }
    if let fresh = findings.first(where: { $0.state == nil || $0.state == "rejected" }) {
      lines.append("")
      lines.append("Next: \(style.commands.text("slices", line, "--adopt", fresh.slice))")
    }
    return lines.joined(separator: "\n")
  }
}

extension AdoptSliceReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    (wrapped("\(sentence).", width: style.width) + wrapped("Found: \(adopted.detail).", width: style.width, indent: 2)
      + ["Next: \(style.commands.text("slices", line))"]).joined(separator: "\n")
  }
}

extension SliceRow {
  fileprivate var sentence: String {
    let share = accuracyText(wrongShare, lower: lower, upper: upper)
    let rest = restShare.map { "\(percent($0)) of the other \(countText(restParts))" } ?? "no other parts"
    let more = max(1, Int(excess.rounded()))
    let known = state.map { " (\(Self.stateText($0)))" } ?? ""
    return "\(slice)\(known): \(share) wrong of \(countText(parts, "part")), elsewhere \(rest): "
      + "\(countText(more, "wrong part")) more than usual, q = \(Self.probability(q)). "
      + reasons.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }.joined(separator: " ")
  }

  private static func stateText(_ state: String) -> String {
    switch state {
    case "candidate": "adopted, waits for later parts"
    case "monitored": "monitored"
    case "rejected": "adopted before and not confirmed"
    default: state
    }
  }

  /// `0.004`, `0.25`, `under 0.0001`.
  private static func probability(_ value: Double) -> String {
    if value < 0.0001 { return "under 0.0001" }
    return decimal(value, places: value < 0.001 ? 4 : value < 0.1 ? 3 : 2)
  }
}

extension AdoptedSliceRow {
  fileprivate var tone: Tone {
    switch state {
    case "monitored": .good
    case "rejected": .faint
    default: .plain
    }
  }

  fileprivate var sentence: String {
    let asked = "adopted \(timeText(adoptedAt)) by \(by)" + (reason.isEmpty ? "" : ": \(reason)")
    let decided = decidedAt.map { " \(timeText($0))" } ?? ""
    return switch state {
    case "monitored": "\(slice): monitored since\(decided), \(detail) (\(asked))."
    case "rejected": "\(slice): not confirmed\(decided), \(detail) (\(asked))."
    default:
      "\(slice): waits for later parts, \(partsCome.map { countText($0) } ?? "some") of \(countText(partsNeeded)) have "
        + "come (\(asked)). Found: \(detail)."
    }
  }
}
