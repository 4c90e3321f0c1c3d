import Domain
import Policy
import Testing

let day0 = Timestamp(seconds: 1_700_000_000)

func laggard(
  _ cell: String, outcome: Int? = nil, rows: [Int: Int] = [0: 300, 1: 200], fresh: Int? = nil, evidence: Double = 2,
  servedBy: Int = 1
) -> LaggingGroup {
  LaggingGroup(
    group: GroupKey(cell: Cell([cell]), outcome: outcome), name: "mold=\(cell)", evidence: evidence,
    suspectedChange: day0, sentence: "it fell", labelledRows: rows, rowsSinceLastJob: fresh,
    servedBy: ModelVersion(servedBy))
}

/// A job for one mold that ended so many hours ago.
func pastJob(_ cell: String, hoursAgo: Double, now: Timestamp, wasKept: Bool = true, rows: Int? = nil) -> PastJob {
  PastJob(
    cells: [Cell([cell])], endedAt: now.advanced(hours: -hoursAgo), reachedVerdict: true, wasKept: wasKept, rows: rows)
}

@Suite struct RetrainDecisionTests {
  let later = day0.advanced(hours: 240)

  func decide(
    _ lagging: [LaggingGroup], mode: RetrainMode = .auto, history: [PastJob] = [],
    standing: LineStanding = LineStanding(),
    quietHours: QuietHours? = nil, retrainAfterDays: Int = 0
  ) -> RetrainDecision {
    decideRetraining(
      lagging: lagging,
      settings: LineSettings(mode: mode, quietHours: quietHours, retrainAfterDays: retrainAfterDays), history: history,
      now: later, standing: standing)
  }

  /// The plan of a job that starts.
  func plan(_ decision: RetrainDecision) throws -> JobPlan {
    guard case .start(let plan) = decision else { throw Surprise("\(decision)") }
    return plan
  }

  /// What is waited for, one text.
  func waits(_ decision: RetrainDecision) throws -> String {
    guard case .wait(let reasons) = decision else { throw Surprise("\(decision)") }
    return reasons.joined(separator: "; ")
  }

  @Test func `1 nothing lags, nothing happens`() { #expect(decide([]) == .nothing) }

  @Test func `2 auto and propose start, observe says`() throws {
    let plan = try plan(decide([laggard("A")]))
    #expect(plan.scope == .scoped && plan.cells == [Cell(["A"])] && plan.since == day0)
    #expect(plan.reasons == ["mold=A: it fell"])
    #expect(decide([laggard("A")], mode: .propose) == decide([laggard("A")]))
    #expect(decide([laggard("A")], mode: .observe) == .observe(reasons: ["mold=A lags: it fell"]))
  }

  @Test func `3 too few rows wait, with the count`() {
    guard case .wait(let reasons) = decide([laggard("A", rows: [0: 100, 1: 20])]) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].contains("120 of 375"))
  }

  @Test func `4 rows of one class teach nothing apart`() {
    guard case .wait(let reasons) = decide([laggard("A", rows: [0: 900])]) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].contains("same outcome"))
  }

  @Test func `5 a lagging outcome needs rows of its own`() {
    guard case .wait(let reasons) = decide([laggard("A", outcome: 1, rows: [0: 900, 1: 12])]) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].contains("12 of 50"))
  }

  @Test func `5b nothing is tried again on the rows it was tried on`() throws {
    #expect(try waits(decide([laggard("A", fresh: 3)])).contains("3 of 30"))
  }

  @Test func `6 groups of the student with the strongest evidence go together, others wait their turn`() {
    let groups = [
      laggard("A", evidence: 2), laggard("B", evidence: 9, servedBy: 2), laggard("C", evidence: 3, servedBy: 2),
    ]
    guard case .start(let plan) = decide(groups) else { return #expect(Bool(false), "not started") }
    #expect(plan.cells == [Cell(["B"]), Cell(["C"])])
  }

  @Test func `7 a fresh job of the same cell cools down, another cell goes on`() throws {
    let job = pastJob("A", hoursAgo: 10, now: later)
    #expect(try waits(decide([laggard("A")], history: [job])).contains("62 h left"))
    #expect(try plan(decide([laggard("B")], history: [job])).cells == [Cell(["B"])])
  }

  @Test func `8 a job the machine broke off does not count`() throws {
    let job = PastJob(
      cells: [Cell(["A"])], endedAt: later.advanced(hours: -1), reachedVerdict: false, wasKept: false)
    #expect(try plan(decide([laggard("A")], history: [job])).cells == [Cell(["A"])])
  }

  @Test func `9 the fourth job in 14 days takes as many new labels as a gate`() throws {
    let jobs = [300.0, 200, 100].map { pastJob("A", hoursAgo: $0, now: later, wasKept: false) }
    let reason = try waits(decide([laggard("A", fresh: 149)], history: jobs))
    #expect(reason.contains("3 jobs for it ended in the last 14 days") && reason.contains("150 new labelled parts"))
    #expect(reason.contains("149 have come"))
    #expect(try plan(decide([laggard("A", fresh: 150)], history: jobs)).scope == .scoped)
    let older = [400.0, 200, 100].map { pastJob("A", hoursAgo: $0, now: later, wasKept: false) }
    #expect(try plan(decide([laggard("A", fresh: 149)], history: older)).scope == .scoped)
  }

  @Test func `10 no job starts in quiet hours, and status says which they are`() throws {
    let standing = LineStanding(isQuiet: true)
    let reason = try waits(decide([laggard("A")], standing: standing, quietHours: QuietHours("22:00-06:00")))
    #expect(reason == "no job starts in the quiet hours (22:00-06:00)")
    #expect(decide([], standing: standing) == .nothing)
  }

  @Test func `11 while a student is on trial for the whole line nothing else is tried`() throws {
    #expect(try waits(decide([laggard("A")], standing: LineStanding(isOnTrial: 7))).contains("run 7 is on trial"))
  }

  @Test func `12 a cell whose challenger waits for a yes waits with it, another goes on`() throws {
    let standing = LineStanding(awaiting: [Cell(["A"]): 12])
    let reason = try waits(decide([laggard("A")], standing: standing))
    #expect(reason == "mold=A waits: run 12 has a challenger for it that waits for 'kaizenctl approve 12'")
    #expect(try plan(decide([laggard("A"), laggard("B")], standing: standing)).cells == [Cell(["B"])])
  }

  @Test func `13 the fourth student is one for the whole line, for every group that is ready`() throws {
    let groups = [
      laggard("A", evidence: 2), laggard("B", evidence: 9, servedBy: 2), laggard("C", rows: [0: 3], servedBy: 2),
    ]
    let plan = try plan(decide(groups, standing: LineStanding(liveStudents: 3)))
    #expect(plan.scope == .whole)
    #expect(plan.cells == [Cell(["A"]), Cell(["B"])])
    #expect(
      plan.reasons.last
        == "the line has 3 students in service and at most 3: one for the whole line is trained to take their place")
    #expect(try self.plan(decide(groups, standing: LineStanding(liveStudents: 2))).scope == .scoped)
  }

  @Test func `14 a student whose cells are all retrained frees its place, one that keeps a cell does not`() throws {
    let groups = [laggard("B", servedBy: 2)]
    var standing = LineStanding(liveStudents: 3, scopedCells: [ModelVersion(2): [Cell(["B"])]])
    #expect(try plan(decide(groups, standing: standing)).scope == .scoped)
    standing.scopedCells = [ModelVersion(2): [Cell(["B"]), Cell(["C"])]]
    #expect(try plan(decide(groups, standing: standing)).scope == .whole)
  }

  @Test func `15 a student for the whole line waits until the pending yes is said`() throws {
    let standing = LineStanding(liveStudents: 3, awaiting: [Cell(["Z"]): 4])
    #expect(try waits(decide([laggard("A")], standing: standing)).contains("decided about run 4"))
  }

  @Test func `16 an old champion is trained anew where nothing lags, once in its age`() throws {
    var standing = LineStanding(championAgeDays: 90.5)
    let plan = try plan(decide([], standing: standing, retrainAfterDays: 90))
    #expect(plan.scope == .whole && plan.groups.isEmpty && plan.cells.isEmpty)
    #expect(plan.since == later.advanced(hours: -90.5 * 24))
    #expect(
      plan.reasons == ["the champion is 90 days old and is trained anew after 90, though no group lags"])
    #expect(decide([], standing: standing) == .nothing, "0 days: never")
    let tried = PastJob(
      scope: .whole, cells: [], endedAt: later.advanced(hours: -89 * 24), reachedVerdict: true, wasKept: true)
    #expect(decide([], history: [tried], standing: standing, retrainAfterDays: 90) == .nothing)
    standing.championAgeDays = 89
    #expect(decide([], standing: standing, retrainAfterDays: 90) == .nothing)
  }

  @Test func `17 age is no reason while a group lags`() throws {
    let standing = LineStanding(championAgeDays: 900)
    #expect(try plan(decide([laggard("A")], standing: standing, retrainAfterDays: 90)).scope == .scoped)
    #expect(
      try waits(decide([laggard("A", rows: [0: 9])], standing: standing, retrainAfterDays: 90)).contains("9 of 375"))
  }

  @Test func `18 but it is where nothing helps the groups that lag`() throws {
    let tried = (1...3).map { day in
      PastJob(
        cells: [Cell(["A"])], endedAt: later.advanced(hours: -24 * Double(20 + day)), reachedVerdict: true,
        wasKept: true,
        rows: 400)
    }
    let standing = LineStanding(championAgeDays: 900)
    let plan = try plan(decide([laggard("A")], history: tried, standing: standing, retrainAfterDays: 90))
    #expect(plan.scope == .whole && plan.groups.isEmpty)
    #expect(try waits(decide([laggard("A")], history: tried, standing: standing)).contains("A waits"))
  }
}

@Suite struct HopelessnessTests {
  let now = day0.advanced(hours: 24 * 200)
  let a = Cell(["A"])

  func jobs(_ kept: [Bool], rows: Int? = 400) -> [PastJob] {
    kept.enumerated().map {
      pastJob("A", hoursAgo: 2000 - 400 * Double($0.offset), now: now, wasKept: $0.element, rows: rows)
    }
  }

  func decide(_ group: LaggingGroup, _ history: [PastJob]) -> RetrainDecision {
    decideRetraining(
      lagging: [group], settings: LineSettings(), history: history, now: now, standing: LineStanding())
  }

  @Test func `1 three jobs in a row that helped nothing make a group hopeless, in any order they are told`() {
    #expect(hopelessness(cell: a, history: jobs([true, true])) == nil)
    let sentence = hopelessness(cell: a, history: jobs([true, true, true]).reversed())
    #expect(sentence?.contains("3 retrainings in a row led to no student that may serve it") == true)
    #expect(sentence?.contains("(it had 400)") == true)
    #expect(hopelessness(cell: Cell(["B"]), history: jobs([true, true, true])) == nil)
  }

  @Test func `2 one that helped begins the count anew`() {
    #expect(hopelessness(cell: a, history: jobs([true, true, true, false])) == nil)
    #expect(hopelessness(cell: a, history: jobs([false, true, true])) == nil)
    #expect(hopelessness(cell: a, history: jobs([false, true, true, true])) != nil)
  }

  @Test func `3 jobs that the machine broke off neither count nor begin anew`() {
    let broken = PastJob(cells: [a], endedAt: now, reachedVerdict: false, wasKept: false)
    #expect(hopelessness(cell: a, history: jobs([true, true]) + [broken]) == nil)
    #expect(hopelessness(cell: a, history: jobs([true, true, true]) + [broken]) != nil)
  }

  @Test func `4 a hopeless group is tried again with twice the labels, or as many new ones`() throws {
    let history = jobs([true, true, true])
    guard case .wait(let reasons) = decide(laggard("A", rows: [0: 500, 1: 299], fresh: 399), history) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].hasSuffix("or when an operator asks: 799 of 800 are there"))
    for group in [laggard("A", rows: [0: 500, 1: 300], fresh: 399), laggard("A", fresh: 400)] {
      guard case .start = decide(group, history) else { return #expect(Bool(false), "not started") }
    }
  }

  @Test func `5 a try whose rows nobody counted had the fewest a job can have`() {
    guard case .wait(let reasons) = decide(laggard("A", fresh: 100), jobs([true, true, true], rows: nil)) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].hasSuffix("500 of 750 are there"))
  }

  @Test func `6 the rows of a job for several cells are shared among them`() {
    let both = jobs([true, true, true]).map {
      PastJob(cells: $0.cells + [Cell(["B"])], endedAt: $0.endedAt, reachedVerdict: true, wasKept: true, rows: 600)
    }
    #expect(hopelessness(cell: a, history: both)?.contains("(it had 300)") == true)
    guard case .wait(let reasons) = decide(laggard("A", rows: [0: 300, 1: 299], fresh: 299), both) else {
      return #expect(Bool(false), "did not wait")
    }
    #expect(reasons[0].hasSuffix("599 of 600 are there"))
  }
}

/// A decision that a test did not expect.
struct Surprise: Error {
  let text: String
  init(_ text: String) { self.text = text }
}

@Suite struct SentenceTests {
  @Test func `numbers are written the same everywhere`() {
    #expect(percent(0.8814) == "88.1 %")
    #expect(percent(1) == "100.0 %")
    #expect(decimal(-0.04, places: 1) == "0.0")
    #expect(decimal(-1.25, places: 1) == "-1.3")
    #expect(decimal(.nan, places: 1) == "nan")
    #expect(decimal(1.005, places: 2).count == 4)
    #expect(factor(2.5) == "2.50x")
    #expect(factor(1234) == "1234x")
    #expect(dateText(17_918) == "2019-01-22")
  }
}
