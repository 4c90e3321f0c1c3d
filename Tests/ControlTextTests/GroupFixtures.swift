import Wire

/// Days ending on 2026-11-27 with that share of right answers, oldest first; nil for days without labels.
func days(_ shares: [Double?], labels: Int = 50) -> [DayRow] {
  shares.enumerated().compactMap { index, share in
    guard let share else { return nil }
    let number = 27 - (shares.count - 1 - index)
    let day = number >= 1 ? "2026-11-\(number < 10 ? "0" : "")\(number)" : "2026-10-\(31 + number)"
    let correct = Int((share * Double(labels)).rounded())
    return DayRow(day: day, correct: correct, wrong: labels - correct)
  }
}

/// A group that fell ten days ago, with everything that can be known of one.
let fallen: GroupRow = {
  var row = lagging
  row.kind = "group"
  row.since = "2026-11-23T06:00:00Z"
  row.coverage = 0.79
  row.lowest = 0.7
  row.highest = 0.91
  row.shrunk = 0.89
  row.trailsRest = true
  row.certain = true
  row.days = days(
    (0..<30).map { index in
      if [5, 6, 12, 13].contains(index) { return nil }
      return index < 20 ? 0.96 + Double(index % 3) * 0.02 : 0.84 - Double(index % 4) * 0.02
    })
  row.channels = [
    GroupChannelRow(channel: "audit", sampling: "representative", maturityHours: 24, labelled: 180, matured: 1240),
    GroupChannelRow(
      channel: "rework", sampling: "chosen", maturityHours: 168, labelled: 800, matured: 1100, voidSince: "2026-11-20"),
    GroupChannelRow(channel: "", sampling: "weighted", maturityHours: 30.5, labelled: 0, matured: 0),
  ]
  row.signs = [SignRow(kind: "drift", day: "2026-11-18", sentence: "force is distributed otherwise than before")]
  row.estimate = EstimateRow(accuracy: 0.853, parts: 412)
  return row
}()

/// The product above it, which lags for its sake.
let above: GroupRow = {
  var row = GroupRow(
    group: "product=A7", state: "lagging", modelVersion: 0, accuracy: 0.93, lower: 0.9, upper: 0.95, n: 1000,
    matured: 9000, labelled: 7000, target: 0.9, evidence: 1.05, why: "accuracy is below the target of 90.0 %")
  row.kind = "node"
  row.explainedBy = "product=A7,camera=2"
  row.days = days([0.95, 0.94, 0.9])
  return row
}()

/// The line, in order.
let whole: GroupRow = {
  var row = healthy
  row.group = "all"
  row.kind = "node"
  return row
}()

/// Nobody knows any more: its channel labels other parts.
let void: GroupRow = {
  var row = unknown
  row.group = "product=B1,camera=1"
  row.why = "channel rework labels 80 % of its parts instead of 30 %"
  row.channels = [
    GroupChannelRow(
      channel: "rework", sampling: "chosen", maturityHours: 24, labelled: 80, matured: 100, voidSince: "2026-11-20")
  ]
  return row
}()

/// On watch, seen and silenced.
let watched: GroupRow = {
  var row = GroupRow(
    group: "product=C3,camera=1", state: "watch", modelVersion: 3, accuracy: 0.912, lower: 0.88, upper: 0.94, n: 400,
    matured: 800, labelled: 400, target: 0.9, evidence: 0.4, why: "accuracy is below the target of 90.0 %")
  row.acknowledged = MarkRow(by: "anna", at: "2026-11-24T08:00:00Z", reason: "new lamp is on its way")
  row.silenced = MarkRow(by: "anna", at: "2026-11-24T08:01:00Z", reason: "until the lamp is here")
  row.silencedUntil = "2026-12-01T06:00:00Z"
  return row
}()
