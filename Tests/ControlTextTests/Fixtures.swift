import ControlText
import Domain
import Wire

let plain = TextStyle(colours: false)

/// The longest line of a text, in columns.
func widest(_ text: String) -> Int { text.split(separator: "\n").map(\.count).max() ?? 0 }

let lagging = GroupRow(
  group: "product=A7,camera=2", state: "lagging", modelVersion: 4, accuracy: 0.881, lower: 0.832, upper: 0.919, n: 212,
  matured: 1240, labelled: 980, target: 0.9, evidence: 1.2,
  why: "88.1 % of 212 labelled parts were right, under the target of 90.0 %; evidence 1.2 times the lagging threshold.")
let unknown = GroupRow(
  group: "product=B1,camera=2", state: "unknown", modelVersion: 3, accuracy: nil, lower: nil, upper: nil, n: 0,
  matured: 14, labelled: 0, target: 0.9, evidence: nil, why: "No matured part has a label yet.")
let healthy = GroupRow(
  group: "product=A7,camera=1", state: "ok", modelVersion: 3, accuracy: 1, lower: 0.9823, upper: 1, n: 1000,
  matured: 58802, labelled: 41000, target: 0.9, evidence: 0.01, why: "All is well.")

let press = LineStatus(
  line: "press-3", mode: "auto", time: "clock", champion: 3, scoped: [4], groups: 41, lagging: 1, watch: 2,
  predictions: 58802, labelCoverage: 0.691, lastPredictionAt: "2026-11-23T06:30:00.123456Z", worst: lagging,
  activity: "collecting 120 of 375 labelled rows for product=A7,camera=2",
  advice: AdviceStatus(
    parts: 1000, manualCheckShare: 0.031, lowConfidenceShare: 0.02, unseenGroupShare: 0.009, outOfRangeShare: 0.002,
    notANumberShare: 0),
  adviceRules: ["student 3: parts below a confidence of 0.8312 go to manual check"])
let quiet = LineStatus(
  line: "weld", mode: "observe", time: "event", champion: 1, scoped: [], groups: 0, lagging: 0, watch: 0,
  predictions: 0, labelCoverage: nil, lastPredictionAt: nil, worst: nil, activity: nil)
let ledger = LedgerStatus(
  writable: true, predictions: 58802, outcomes: 41000, bytes: 31_240_000, unrecordedPredictions: 0, problem: nil)

let job = RunRow(
  run: 12, line: "press-3", kind: "retrain", state: "training", groups: ["product=A7,camera=2"],
  cells: ["product=A7,camera=2"], startedAt: "2026-11-23T06:31:07.5Z", endedAt: nil, by: "kaizend", chosenArm: nil,
  version: nil, progress: 0.4249, sentence: "Training on 412 labelled rows of one cell.")

let status = StatusReply(
  version: "0.1.0", startedAt: "2026-11-20T05:00:00Z",
  headline: "2 lines, 41 groups; worst press-3 product=A7,camera=2 88.1 % (n=212, lagging)", lines: [press, quiet],
  job: job, ledger: ledger)

let definitionRow = LineRow(
  line: "press-3", attributes: ["product", "camera"], outcomeInGroups: true, input: .vector(count: 2),
  features: ["x1", "x2"],
  classes: ["good", "bad"], mode: "auto", time: "clock", targetAccuracy: 0.9, maturityHours: 24, champion: 3,
  addedAt: "2026-11-01T00:00:00Z")

func key(_ values: [String], _ outcome: Int? = nil) -> GroupKey { GroupKey(cell: Cell(values), outcome: outcome) }

func weight(_ step: Int, _ group: GroupKey, _ weight: Double, limit: WeightLimit = .none) -> WeightRecord {
  WeightRecord(
    step: step, group: group, rows: 1200, loss: 0.5, relativeLoss: 1.8, weight: weight, limit: limit,
    selectCorrect: 40, selectTotal: 50)
}

let report = TrainingReport(
  folds: [],
  teacher: TeacherExamination(
    name: "trained here",
    scores: [GroupScore(group: key(["A7", "2"], 0), correct: 91, total: 100, lower: 0.836, upper: 0.958)],
    verdict: .trusted, sentence: "A wider network trained here, trusted: no group is more than 1 point behind labels."),
  arms: [
    ArmReport(
      name: "labels", skipped: nil, selectScore: 0.79, selectScores: [], steps: 650, seconds: 12.4, weights: [],
      reasons: []),
    ArmReport(
      name: "groupdistil-0.9", skipped: nil, selectScore: 0.8124, selectScores: [], steps: 1000, seconds: 75.2,
      weights: [
        weight(950, key(["A7", "1"], 0), 0.9), weight(1000, key(["A7", "1"], 0), 0.2, limit: .floor),
        weight(1000, key(["A7", "2"], 1), 0.8, limit: .cap),
      ], reasons: []),
    ArmReport(
      name: "unlabelled", skipped: "fewer than 200 unlabelled rows", selectScore: nil, selectScores: [], steps: 0,
      seconds: 0, weights: [], reasons: []),
  ], chosenArm: "groupdistil-0.9",
  heldOutScores: [
    GroupScore(group: key(["A7", "2"], 0), correct: 88, total: 100, lower: 0.7998, upper: 0.9364),
    GroupScore(group: key(["A7", "2"], 1), correct: 0, total: 0, lower: nil, upper: nil),
  ],
  pairs: [
    PairedCounts(
      group: key(["A7", "2"], 1), total: 160, championCorrect: 100, challengerCorrect: 130, wins: 40, losses: 10)
  ], seed: 7, instructionSet: "avx2", seconds: 90, remarks: ["3 groups had fewer than 20 rows and were merged."])
