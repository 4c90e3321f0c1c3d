import Domain
import NeuralNet
import Testing
import Wire
import PlantSimulation
import kaizen_plant

private let sick = Cell(["B2"])
private let well = Cell(["A7"])

private func parts(
  _ cell: Cell, hours: Range<Int64>, right: Int, by version: Int = 1, frozenRight: Int? = nil
) -> [StreamedPart] {
  hours.enumerated().map { order, hour in
    StreamedPart(
      line: 0, cell: cell, time: Timestamp(seconds: hour * 3600), label: 0, servedClass: order < right ? 0 : 1,
      servedVersion: version, frozenClass: order < frozenRight ?? right ? 0 : 1)
  }
}

private func line() throws -> StreamedLine {
  let shape = try StudentShape(inputCount: 1, hiddenWidths: [], classCount: 2)
  return StreamedLine(
    name: "press-1", attributes: ["product"], classNames: ["good", "bad"], frozenVersion: 1,
    frozen: Student(shape: shape, standardizer: Standardizer(identity: 1), seed: 1))
}

private func report(_ streamed: [StreamedPart], failing: Bool) throws -> LineReport {
  LineReport(
    streamed.sorted { $0.time < $1.time }, index: 0, line: try line(),
    schema: try GroupSchema(attributes: ["product"], includesOutcome: true),
    failure: failing ? (cell: sick, time: Timestamp(seconds: 100 * 3600)) : nil, runs: [])
}

private func mended() throws -> LineReport {
  try report(
    parts(sick, hours: 0..<100, right: 95) + parts(sick, hours: 100..<150, right: 30)
      + parts(sick, hours: 150..<250, right: 93, by: 2, frozenRight: 58) + parts(well, hours: 0..<250, right: 240),
    failing: true)
}

/// Columns without their padding.
private func singleSpaced(_ text: String) -> String {
  text.split(separator: " ").joined(separator: " ")
}

@Test func `the story of a failure holds its three accuracies and the worst of all groups beside them`() throws {
  let story = try #require(try mended().story)
  #expect(story.group == "product=B2")
  #expect(story.before?.accuracy == 0.95 && story.before?.n == 100)
  #expect(story.during?.accuracy == 0.6 && story.during?.n == 50)
  #expect(story.after?.accuracy == 0.93 && story.after?.frozenAccuracy == 0.58)
  #expect(story.worstDuring?.group == "product=B2")
  // The ten errors of the healthy group are its last ten parts: it is the worst one at the end.
  #expect(story.worstAfter?.group == "product=A7" && story.worstAfter?.accuracy == 0.9)
  #expect(story.promotedAt == "\(Timestamp(seconds: 150 * 3600))")
}

@Test func `a report of a mended failure says what changed and that nothing else did`() throws {
  let mended = try mended()
  #expect(mended.healthyChange == 0)
  let text = singleSpaced(ReportText.text(PlantReport(streaming: mended)))
  #expect(text.contains("Healthy groups' change: 0."))
  #expect(text.contains("Better than the frozen student: product=B2 (+14.0 points)."))
  #expect(text.contains("\nserved 95.0 % (n=100) 60.0 % (n=50) 93.0 % (n=100)"))
  #expect(text.contains("which is product=B2 product=B2 product=A7"))
  #expect(!text.contains("DIFFER"))
}

@Test func `tables of a report fit a terminal`() throws {
  let lines = ReportText.text(PlantReport(streaming: try mended())).split(separator: "\n")
  #expect(lines.allSatisfy { $0.count <= 80 })
}

@Test func `long names are broken after commas, and every column stays under its heading`() throws {
  let cell = Cell(["A7-long-range-edition", "2-above-the-belt", "night"])
  let streamed = parts(cell, hours: 0..<100, right: 95) + parts(cell, hours: 100..<150, right: 30, by: 2)
  let report = LineReport(
    streamed, index: 0, line: try line(),
    schema: try GroupSchema(attributes: ["product", "camera", "shift"], includesOutcome: true), failure: nil, runs: [])
  let lines = ReportText.text(PlantReport(streaming: report)).split(separator: "\n")
  #expect(lines.allSatisfy { $0.count <= 80 }, "\(lines.joined(separator: "\n"))")
  let row = try #require(lines.firstIndex { $0.hasPrefix("product=A7-long-range-edition,") })
  #expect(lines[row].contains("%"), "the figures stand beside the first line of the name")
  #expect(lines[row + 1] == " camera=2-above-the-belt,shift=night")
}

@Test func `times are told in whole seconds`() throws {
  let streamed = parts(sick, hours: 0..<100, right: 95) + parts(sick, hours: 100..<150, right: 30)
  let report = LineReport(
    streamed, index: 0, line: try line(), schema: try GroupSchema(attributes: ["product"], includesOutcome: false),
    failure: (cell: sick, time: Timestamp(microseconds: 100 * 3_600_000_000 + 123_456)), runs: [])
  #expect(report.story?.failedAt.contains(".123456") == true, "a program gets the time as it was")
  let text = ReportText.text(PlantReport(streaming: report))
  #expect(text.contains("It failed at 1970-01-05T04:00:00Z; no other student was promoted for it."))
  #expect(!text.contains(".123456"))
}

@Test(arguments: [
  ("promoted", "passed: every condition of the gate is met", "  run 2 promoted: every condition of the gate is met"),
  ("kept", "not passed: too few parts", "  run 2 kept: too few parts"),
  ("failed", "the trainer was killed", "  run 2 failed: the trainer was killed"),
])
func `a job's end is said once`(state: String, sentence: String, told: String) throws {
  var ended = try mended()
  ended.runs = [
    RunRow(
      run: 2, line: "press-1", kind: "retrain", state: state, groups: [], cells: [],
      startedAt: "2019-01-29T00:00:00Z", endedAt: nil, by: "kaizend", chosenArm: nil, version: nil, progress: nil,
      sentence: sentence)
  ]
  #expect(ReportText.text(PlantReport(streaming: ended)).contains("Jobs:\n\(told)\n"))
}

@Test func `paths below the reader are shown as the reader would type them`() {
  #expect(ShownPath.relative("/home/anna/plant/demo", to: "/home/anna/plant") == "demo")
  #expect(ShownPath.relative("/home/anna/plant2", to: "/home/anna/plant") == "/home/anna/plant2")
  #expect(ShownPath.relative("/home/anna/plant", to: "/home/anna/plant") == "/home/anna/plant")
  #expect(ShownPath.relative("/tmp/x", to: "/") == "tmp/x")
  #expect(ShownPath.program("/p/.build/release/kaizend", from: "/p") == ".build/release/kaizend")
  #expect(ShownPath.program("/usr/bin/kaizend", from: "/usr/bin") == "./kaizend")
}

@Test func `a report says so where nothing improved, and where it got worse`() throws {
  let unmoved = ReportText.text(PlantReport(streaming: try report(parts(well, hours: 0..<9, right: 9), failing: false)))
  #expect(unmoved.contains("No group was given another student"))
  #expect(!unmoved.contains("Healthy groups"))
  let harmed = try report(
    parts(sick, hours: 0..<50, right: 45) + parts(sick, hours: 150..<200, right: 20, by: 2, frozenRight: 30),
    failing: true)
  #expect(
    ReportText.text(PlantReport(streaming: harmed)).contains(
      "Worse than the frozen student: product=B2 (-10.0 points)."))
}

@Test func `groups are shown by cell and by cell and true class, with n`() throws {
  let report = try mended()
  #expect(report.groups.map(\.group) == ["product=A7", "product=B2"])
  #expect(report.groups.map(\.n) == [250, 250])
  #expect(report.groups.map(\.rerouted) == [0, 100])
  #expect(report.groupsByOutcome.map(\.group) == ["product=A7,outcome=good", "product=B2,outcome=good"])
}

@Test func `the advice is told with its reasons and with what it was worth`() throws {
  let advised: [StreamedPart] = (0..<1000).map { index in
    let advice: Advice = index < 20 ? .lowConfidence : index < 25 ? [.unseenGroup, .outOfRange] : []
    return StreamedPart(
      line: 0, cell: well, time: Timestamp(seconds: 0), label: 0,
      servedClass: index.isMultiple(of: index < 25 ? 5 : 39) ? 1 : 0, servedVersion: 1, frozenClass: 0, advice: advice)
  }
  let tally = AdviceTally(advised)
  #expect(tally.diverted == 25 && tally.divertedWrong == 5 && tally.accepted == 975 && tally.acceptedWrong == 25)
  #expect(tally.reasons == ["low_confidence": 20, "unseen_group": 5, "out_of_range": 5])
  let text = singleSpaced(ReportText.text(PlantReport(streaming: try report(advised, failing: false))))
    .replacing("\n ", with: " ")
  #expect(
    text.contains(
      "Advice: 2.5 % of the parts to manual check (low confidence 2.0 %, new group 0.5 %, out of range 0.5 %); wrong "
        + "were 2.6 % of the answers to accepted parts and 20.0 % to the others."), "\(text)")
}

@Test func `a ledger that differs from what was sent is said`() throws {
  var report = PlantReport(streaming: try mended())
  report.ledgerAgrees = false
  #expect(ReportText.text(report).contains("DIFFERS from what was sent"))
}

@Test(arguments: [
  (0.0, "0"), (0.123, "+12.3 points"), (-0.05, "-5.0 points"), (0.0001, "+<0.1 points"), (-1, "-100.0 points"),
])
func `changes are told in points`(fraction: Double, text: String) {
  #expect(ReportText.points(fraction) == text)
}

@Test func `accuracies are told in percent with one decimal`() {
  #expect(ReportText.percent(0.9523) == "95.2 %")
  #expect(ReportText.percent(1) == "100.0 %")
  #expect(ReportText.percent(0) == "0.0 %")
}

extension PlantReport {
  /// A report of one line and no ledger.
  fileprivate init(streaming line: LineReport) {
    let count = line.groups.reduce(0) { $0 + $1.n }
    self.init(
      parts: count, outcomesSent: count, outcomesLost: 0, outcomeStatuses: ["joined": count],
      ledgerPredictions: count, ledgerOutcomes: count, ledgerAgrees: true, seconds: 1, lines: [line])
  }
}
