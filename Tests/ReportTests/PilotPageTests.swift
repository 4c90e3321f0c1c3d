import Domain
import Report
import Testing

private let hostile = "camera=2<script>alert(\"1\")</script>&amp;\u{1B}[2J"

private func time(_ text: String) -> Timestamp { Timestamp(text) ?? Timestamp(seconds: 0) }

/// Twelve weeks of a group: 100 judged parts a week, so many of them right by student 1 until `change`, then by another.
private func points(right: Int, change: Int = 99, after: Int = 0, version: Int = 2, judged: Int = 100) -> [PilotPoint] {
  (0..<12).map { week in
    let isAfter = week >= change
    return PilotPoint(
      day: time("2026-03-02").day + Int64(week) * 7, version: isAfter ? version : 1, parts: 2 * judged,
      labelled: judged + 10, judged: judged, right: isAfter ? after : right)
  }
}

private func job(_ number: Int, _ state: String, group: String, by login: String = "kaizend") -> PilotJob {
  var job = PilotJob(
    number: number, kind: "retrain", state: state, groups: [group], cells: [group], since: time("2026-03-16"),
    startedAt: time("2026-04-13T05:00:00Z"), endedAt: time("2026-04-13T05:10:00Z"), login: login,
    version: state == "promoted" ? 2 : nil, causes: ["the first <cause>"], verdict: ["the gate's last finding"])
  job.rows = PilotJob.Rows(train: 300, select: 100, gate: 150)
  job.arms = [
    PilotJob.Arm(name: "own head", skipped: nil, score: 0.91, steps: 400, seconds: 12, isKept: true),
    PilotJob.Arm(name: "GroupDistil clone", skipped: "no teacher", score: nil, steps: 0, seconds: 0, isKept: false),
    PilotJob.Arm(name: "an arm of later years", skipped: nil, score: 0.9, steps: 4, seconds: 1, isKept: false),
  ]
  job.pairs = [PilotJob.Pair(group: group, total: 150, before: 90, after: 140, wins: 52, losses: 2)]
  job.teacher = PilotJob.Teacher(
    name: "press.onnx", verdict: .trusted, sentence: "the teacher was right", correct: 190, total: 200,
    worst: (group, 90, 100), calibrationError: 0.03,
    gatePairs: [PilotJob.Pair(group: group, total: 150, before: 140, after: 141, wins: 4, losses: 3)])
  job.weights = PilotJob.Weights(steps: [10, 20], groups: [(group, [0.5, 0.8]), ("camera=1", [0.5, 0.2])])
  job.seconds = 610
  job.processorSeconds = 900
  return job
}

private func report(_ jobs: [PilotJob], groups: [PilotGroup]? = nil) -> PilotReport {
  var report = PilotReport(
    line: "press-1", hasOwnTime: false, mode: "auto", now: time("2026-05-25T08:00:00Z"),
    until: time("2026-05-24T08:00:00Z"), target: 0.9, maturityHours: 24, periodDays: 7, outcomeInGroups: false,
    groups: groups ?? [
      PilotGroup(name: "camera=1", cell: "camera=1", state: "ok", target: 0.9, points: points(right: 97)),
      PilotGroup(
        name: hostile, cell: hostile, state: "lagging", target: nil, points: points(right: 60, change: 6, after: 96)),
      PilotGroup(
        name: "camera=3", cell: "camera=3", state: nil, target: nil,
        points: [PilotPoint(day: time("2026-03-02").day, version: 1, parts: 9, labelled: 5, judged: 5, right: 1)]),
    ])
  report.jobs = jobs
  report.channels = [
    PilotChannel(name: "audit", outcomes: 900, conflicts: 7, isSilent: false),
    PilotChannel(name: "rework<", outcomes: 40, conflicts: 0, isSilent: true),
  ]
  report.events = [
    PilotEvent(
      time: time("2026-03-20"), event: "group_lagging", group: hostile, run: nil, login: "kaizend", sentence: "it lags"),
    PilotEvent(
      time: time("2026-04-02"), event: "retrain_proposed", group: hostile, run: nil, login: "kaizend", sentence: "p"),
    PilotEvent(
      time: time("2026-05-01"), event: "model_rolled_back", group: hostile, run: 2, login: "anna",
      sentence: "rolled back: the <lamp>"),
    PilotEvent(
      time: time("2026-04-14"), event: "promotion_approved", group: hostile, run: 2, login: "ken", sentence: "yes"),
    PilotEvent(
      time: time("2026-04-20"), event: "group_hopeless", group: "camera=1", run: nil, login: "kaizend",
      sentence: "three runs found nothing"),
    PilotEvent(
      time: time("2026-05-02"), event: "an_event_of_later_years", group: nil, run: nil, login: "anna", sentence: "x"),
  ]
  report.youngParts = 40
  report.droppedParts = 1234
  report.activity = "waits for more <labels>"
  return report
}

private let jobs = [
  job(2, "promoted", group: hostile), job(3, "kept", group: "camera=1", by: "anna"),
  job(4, "a_state_of_later_years", group: "camera=1", by: "anna"),
]

@Test(arguments: PilotLanguage.allCases)
func `a report is well formed, complete in itself, and in one language`(language: PilotLanguage) throws {
  let page = PilotPage(report(jobs), language: language).html
  let reading = PageReading(page)
  #expect(reading.fault == nil)
  #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"\(language.rawValue)\"><head><meta charset=\"utf-8\"/>"))
  #expect(addresses(in: page) == [])
  #expect(!reading.attributes.contains { $0.name.hasPrefix("on") })
  #expect(reading.elements["section"] == 7)
  #expect(page.contains("size: A4"))
  // All parts, three groups, what changed, a course of weights for each run; and four marks of the legend.
  #expect(reading.elements["svg"] == 4 + 1 + 3 + 4)
  #expect(reading.text.contains("2<script>alert(\"1\")</script>&amp;\u{FFFD}[2J"))
  for words in ["the first <cause>", "the gate's last finding", "an arm of later years", "waits for more <labels>"] {
    #expect(reading.text.contains(words), "\(words) is missing")
  }
  let isJapanese = page.unicodeScalars.contains { (0x3040...0x30FF).contains($0.value) }
  #expect(isJapanese == (language == .japanese))
  #expect(!page.contains("nan") && !page.contains("inf\""))
  try expectMarksInside(page)
}

@Test func `the summary says how much, what lagged, what was done, what it gave and what it cost`() {
  let summary = PilotPage(report(jobs), language: .english).summary
  #expect(
    summary == [
      "From 2 March 2026 to 24 May 2026 the line answered 4,809 parts of 3 groups; the outcome of 2,645 of them (55.0 %) "
        + "is known.",
      "Over all groups and the whole time, 87.4 % [86.0, 88.7] (n = 2,405) of the answers were right; the target for "
        + "every group is 90.0 %.",
      "One group fell behind: \(hostile).",
      "3 retrainings: 1 put a better student into service, 1 ended without a change, 1 failed or were "
        + "broken off and changed nothing.",
      "\(hostile), since student v2 (run 2): 60.0 % [55.0, 64.8] (n = 400) before, 96.0 % [94.1, 97.4] (n = 600) after; "
        + "better by +36.0 points [+31.0, +41.0]. On the same 150 later parts, which the gate had kept apart, the student before "
        + "gave 60.0 % and the new one 93.3 %.",
      "The retrainings read 1,650 labelled parts and took 30 min 30 s, 45 min 0 s of processor time.",
      "Lagging now: \(hostile).",
      "For 1 of 3 groups there is insufficient evidence: fewer than 30 judged parts.",
    ])
}

@Test func `dates, numbers and decisions are written as the language does`() {
  let english = PageReading(PilotPage(report(jobs), language: .english).html).text
  for words in [
    "2 March 2026 to 24 May 2026", "as of 25 May 2026", "60.0 %", "alone right 4, alone wrong 3 of 150",
    "an event of later years", "a_state_of_later_years", "1,234 older parts are no longer kept",
    "\"audit\" contradicts another in 7 of 900 outcomes", "chooses the parts it looks at", "insufficient evidence",
    "2 April 2026: a retraining for", "ken approved its student on 14 April 2026.",
    "anna took its student back on 1 May 2026.", "several retrainings found nothing better for camera=1",
  ] {
    #expect(english.contains(words), "\(words) is missing")
  }
  let japanese = PageReading(PilotPage(report(jobs), language: .japanese).html).text
  for words in [
    "2026年3月2日～2026年5月24日", "60.0%", "精度低下", "切替え判定", "データ不足", "最終層だけの再学習", "モデルを切り戻し",
    "旧モデル 60.0%、新モデル 93.3%", "10分10秒", "協定世界時", "2026年4月14日にkenが新しいモデルを承認しました",
  ] {
    #expect(japanese.contains(words), "\(words) is missing")
  }
  #expect(!japanese.contains(" %"))
}

@Test func `little evidence is called so, and no change is made of it`() {
  var late = job(2, "promoted", group: "camera=1")
  late.pairs = []
  let group = PilotGroup(
    name: "camera=1", cell: "camera=1", state: "ok", target: nil,
    points: points(right: 18, change: 11, after: 20, judged: 20))
  let page = PilotPage(report([late], groups: [group]), language: .english)
  #expect(
    page.summary.contains {
      $0.hasPrefix("camera=1, since student v2 (run 2): insufficient evidence (100 judged parts before, 20 after;")
    })
  #expect(PageReading(page.html).fault == nil)
}

@Test func `a student that is worse in service is said to be`() {
  let group = PilotGroup(
    name: "camera=1", cell: "camera=1", state: "ok", target: nil, points: points(right: 95, change: 6, after: 80))
  let page = PilotPage(report([job(2, "promoted", group: "camera=1")], groups: [group]), language: .english)
  #expect(page.summary.contains { $0.contains("after; worse by -15.0 points [") })
}

@Test(arguments: PilotLanguage.allCases)
func `a line without parts, jobs or labels makes a page that says so`(language: PilotLanguage) {
  for groups in [
    [],
    [
      PilotGroup(
        name: "a=1", cell: "a=1", state: nil, target: nil,
        points: [PilotPoint(day: 20_000, version: 1, parts: 3, labelled: 0, judged: 0, right: 0)])
    ],
  ] {
    let empty = PilotReport(
      line: "new", hasOwnTime: true, mode: "observe", now: time("2026-05-25"), until: time("2026-05-24"), target: nil,
      maturityHours: nil, periodDays: 1, outcomeInGroups: false, groups: groups)
    let page = PilotPage(empty, language: language)
    let reading = PageReading(page.html)
    #expect(reading.fault == nil)
    #expect(!page.summary.isEmpty && !page.html.contains("nan"))
  }
}

@Test func `more groups than can be compared are in the table alone`() {
  let groups = (0..<200).map {
    PilotGroup(name: "g=\($0)", cell: "g=\($0)", state: "ok", target: nil, points: points(right: 50 + $0 / 4))
  }
  let page = PilotPage(report([], groups: groups), language: .english).html
  let reading = PageReading(page)
  #expect(reading.fault == nil)
  #expect(reading.text.contains("188 further groups"))
  for group in groups { #expect(page.contains(">\(group.name)<"), "\(group.name) is missing") }
  #expect(page.utf8.count < 400_000)
}
