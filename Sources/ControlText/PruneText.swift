import Wire

extension PruneReply: TerminalText {
  public func text(_ style: TextStyle) -> String {
    var sentences: [String] = []
    let features = featuresBefore.map { "received before \(timeText($0))" } ?? "whatever their age"
    if featuresBefore == nil && labelledFeatures + unlabelledFeatures == 0 {
      sentences.append("No features go by age.")
    } else {
      sentences.append(
        "Features \(features): of \(countText(unlabelledFeatures, "part")) if nobody has labelled them, and of up to "
          + "\(countText(labelledFeatures, "labelled part")) beyond the newest \(countText(inputsPerGroup)) of a group."
      )
    }
    if let partsBefore {
      sentences.append(
        "Parts received before \(timeText(partsBefore)), with their outcomes: \(countText(parts)), unless their features "
          + "are kept.")
    } else if parts > 0 {
      sentences.append(
        "Parts that are counted and not needed for training, with their outcomes: up to \(countText(parts)).")
    } else {
      sentences.append("No parts go by age.")
    }
    var lines = sentences.flatMap { wrapped($0, width: style.width) }
    for remark in remarks {
      lines += wrapped(remark, width: style.width, indent: 2).map { style.paint($0, .warning) }
    }
    lines += wrapped(sentence, width: style.width).map { style.paint($0, .strong) }
    return lines.joined(separator: "\n")
  }
}
