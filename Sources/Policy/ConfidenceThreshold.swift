import Domain
import Statistics

/// Below which confidence a student's parts go to manual check, and why.
public struct ConfidenceThreshold: Sendable, Equatable {
  /// nil: no part is diverted for low confidence.
  public let threshold: Float?
  public let sentence: String
}

/// A threshold that accepts fewer parts than this is not looked for: a line whose every second part needs a person
/// needs another student, and a check that diverts most parts stops the line.
public let acceptedShareMinimum = 0.5

/// Chooses the lowest confidence at which accepted parts are shown, on held-out parts, to be wrong in at most
/// `errorMax` of all cases (95 % confidence over all thresholds tried, `lastShown`).
///
/// Where that cannot be shown no part is diverted: a made-up threshold would divert parts and guarantee nothing.
/// - Parameter ladder: nil for a student nobody measured so.
public func confidenceThreshold(_ ladder: ConfidenceLadder?, errorMax: Double) -> ConfidenceThreshold {
  func without(_ reason: String) -> ConfidenceThreshold {
    ConfidenceThreshold(threshold: nil, sentence: "no part goes to manual check for low confidence: " + reason)
  }
  let allowed = "advice_error_max \(percent(errorMax))"
  guard errorMax < 1 else { return without("advice_error_max 1 accepts any error") }
  guard let ladder else { return without("this student was not measured for it (imported, or of an older version)") }
  let wanted = partsNeeded(wrong: 0, errorMax: errorMax)
  guard ladder.total >= wanted else {
    return without("\(ladder.total) held-out parts cannot show \(allowed); \(wanted) without an error could")
  }
  // With one error the walk goes on; fewer parts than that would end it by a single unlucky one.
  let half = Int((acceptedShareMinimum * Double(ladder.total)).rounded(.up))
  let least = min(max(partsNeeded(wrong: 1, errorMax: errorMax), half), ladder.total)
  let rungs = ladder.rungs
  guard
    let last = lastShown(
      rungs: rungs.map { ($0.accepted, $0.wrong) }, errorMax: errorMax, acceptedMinimum: least)
  else {
    guard let first = rungs.first(where: { $0.accepted >= least }) else { return without("no threshold was measured") }
    let bound = errorBound(wrong: first.wrong, total: first.accepted).map { ", at most \(percent($0))" } ?? ""
    return without(
      "no threshold could be shown to keep \(allowed); even of the \(first.accepted) surest of \(ladder.total) held-out "
        + "parts \(first.wrong) were answered wrong\(bound)")
  }
  let chosen = rungs[last]
  let bound = errorBound(wrong: chosen.wrong, total: chosen.accepted) ?? 1
  let shown = "were answered wrong, at most \(percent(bound)) (95 % bound, \(allowed))"
  guard chosen.accepted < ladder.total else {
    return without("of all \(ladder.total) held-out parts \(chosen.wrong) \(shown)")
  }
  let diverted = Double(ladder.total - chosen.accepted) / Double(ladder.total)
  return ConfidenceThreshold(
    threshold: chosen.threshold,
    sentence: "parts below a confidence of \(decimal(Double(chosen.threshold), places: 4)) go to manual check, "
      + "\(percent(diverted)) of \(ladder.total) held-out parts; of the others \(chosen.wrong) of \(chosen.accepted) "
      + shown)
}

/// What is known of the numbers a student was trained on, as a sentence.
public func rangeSentence(_ range: TrainedRange?, name: (Int) -> String) -> String {
  guard let range else {
    return
      "no part goes to manual check for its numbers' range, which is not known of this student (imported, of an "
      + "older version, or trained on from such a one)"
  }
  var sentence =
    "parts with a number more than \(decimal(range.margin, places: 2)) widths outside the training rows' range go to "
    + "manual check, \(range.outside) of \(range.heldOut) held-out parts"
  if !range.ignored.isEmpty {
    let rest = range.ignored.count - ignoredNamesMaximum
    let names = range.ignored.prefix(ignoredNamesMaximum).map(name).joined(separator: ", ")
    sentence += "; not looked at, because they leave it by themselves: \(names)" + (rest > 0 ? " and \(rest) more" : "")
  }
  return sentence
}

/// More names than this are a table.
private let ignoredNamesMaximum = 5
