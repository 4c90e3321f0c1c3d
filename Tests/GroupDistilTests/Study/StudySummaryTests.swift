import Domain
import GroupDistil
import Testing

/// Three groups: two to be ranked, one with too few test rows.
private let groups = [
  StudyGroup(name: "camera=1", train: 500, select: 60, test: 200, teacherAccuracy: nil),
  StudyGroup(name: "camera=2", train: 40, select: 20, test: 50, teacherAccuracy: 0.9),
  StudyGroup(name: "camera=3", train: 5, select: 2, test: 4, teacherAccuracy: nil),
]

private func run(
  _ method: StudyMethod, _ seed: UInt64, _ correct: [Int], groups: [StudyGroup] = groups, arm: String? = nil
) -> StudyRun {
  StudyRun(
    method: method, seed: seed, testTallies: zip(correct, groups).map { GroupTally(correct: $0, total: $1.test) },
    selectTallies: [], seconds: Double(seed), steps: 100, arm: arm, choice: nil, trace: [], reasons: [])
}

/// One run a seed; camera 1 has 190 of 200 right, camera 3 none of 4.
private func runs(_ method: StudyMethod, camera2: [Int]) -> [StudyRun] {
  camera2.enumerated().map { run(method, UInt64($0 + 1), [190, $1, 0]) }
}

private func findings(_ runs: [StudyRun], _ methods: [StudyMethod], unlabelled: Int = 0) -> String {
  StudyFindings(StudySummary(runs: runs, methods: methods, groups: groups), unlabelledRows: unlabelled)
    .sentences.joined(separator: "\n")
}

@Test func `means and deviations over seeds are those computed by hand`() throws {
  let summary = StudySummary(
    runs: [run(.kd, 2, [180, 40, 1]), run(.kd, 1, [160, 30, 2]), run(.kd, 4, [190, 35, 4])], methods: [.kd],
    groups: groups)
  let result = try #require(summary.results.first)
  // 192, 221 and 229 of 254; deviation with n - 1.
  #expect(abs(result.meanAccuracy.mean - 642.0 / 762) < 1e-12)
  #expect(abs(try #require(result.meanAccuracy.sd) - 0.0766_4536) < 1e-7)
  // 30, 40 and 35 of 50: the group of four rows, at 25 % in one seed, may not be the worst.
  let worst = try #require(result.worstGroupAccuracy)
  #expect(abs(worst.mean - 0.7) < 1e-12)
  #expect(abs(try #require(worst.sd) - 0.1) < 1e-12)
  #expect(result.worstGroup == "camera=2")
  #expect(result.worstGroupN == 50)
  #expect(result.perSeed.map(\.seed) == [1, 2, 4])
  #expect(result.perSeed.map(\.worstGroup) == ["camera=2", "camera=2", "camera=2"])
  #expect(result.seconds == 7.0 / 3)
  // Clopper-Pearson of 35 of 50 (R: binom.test(35, 50)).
  #expect(abs(try #require(result.groups[1].lower) - 0.5539_177) < 1e-6)
  #expect(abs(try #require(result.groups[1].upper) - 0.8213_822) < 1e-6)
  #expect(summary.differences.isEmpty)
  #expect(summary.chosen == nil)
}

@Test func `one seed has no deviation instead of none at all`() throws {
  let result = try #require(
    StudySummary(runs: runs(.erm, camera2: [30]), methods: [.erm], groups: groups).results.first)
  #expect(result.worstGroupAccuracy == StudyMeasure(mean: 0.6, sd: nil))
  #expect(result.meanAccuracy.sd == nil)
}

@Test func `the worst accuracy of a seed is that seed's own worst group`() throws {
  let summary = StudySummary(
    runs: [run(.erm, 1, [120, 40, 4]), run(.erm, 2, [200, 30, 4])], methods: [.erm], groups: groups)
  let result = try #require(summary.results.first)
  #expect(result.perSeed.map(\.worstGroup) == ["camera=1", "camera=2"])
  #expect(abs(try #require(result.worstGroupAccuracy?.mean) - 0.6) < 1e-12)
  // Over both seeds camera 2 has 70 % and camera 1 80 %.
  #expect(result.worstGroup == "camera=2")
}

@Test func `differences are taken seed by seed against plain training, and ties are neither better nor worse`() throws {
  let summary = StudySummary(
    runs: runs(.groupDistil, camera2: [35, 30, 28]) + runs(.erm, camera2: [30, 30, 30, 20]),
    methods: [.groupDistil, .erm], groups: groups)
  #expect(summary.results.map(\.method) == [.groupDistil, .erm])
  let difference = try #require(summary.differences.first)
  #expect(summary.differences.count == 1)
  #expect(difference.baseline == .erm)
  let worst = try #require(difference.worstGroupAccuracy)
  #expect(abs(worst.mean - 0.02) < 1e-12)
  #expect(abs(try #require(worst.sd) - 0.0721_1103) < 1e-7)
  #expect([worst.better, worst.worse, worst.pairs] == [1, 1, 3], "seed 4 has no partner")
  #expect(difference.verdict == .open)
}

@Test func `without plain training the first method is the baseline`() {
  let summary = StudySummary(
    runs: runs(.kd, camera2: [30]) + runs(.balanced, camera2: [31]), methods: [.kd, .balanced], groups: groups)
  #expect(summary.differences.map(\.baseline) == [.kd])
}

@Test(arguments: [
  ([40, 41, 42, 40, 41], StudyVerdict.better), ([20, 21, 22, 20, 21], .worse),
  ([31, 32, 41, 33, 34], .leansBetter), ([29, 30, 31, 29, 30], .leansWorse), ([40, 41, 42, 40, 29], .open),
  ([30, 31, 32, 30, 31], .open),
])
func `only five agreeing seeds without overlap are a finding`(camera2: [Int], verdict: StudyVerdict) {
  let plain = runs(.erm, camera2: [30, 31, 32, 30, 31])
  let summary = StudySummary(
    runs: plain + runs(.balanced, camera2: camera2), methods: [.erm, .balanced], groups: groups)
  #expect(summary.differences.map(\.verdict) == [verdict])
  let few = StudySummary(
    runs: plain.filter { $0.seed < 5 } + runs(.balanced, camera2: Array(camera2.prefix(4))),
    methods: [.erm, .balanced],
    groups: groups)
  #expect(few.differences.allSatisfy { $0.verdict != .better && $0.verdict != .worse }, "four seeds are too few")
}

@Test func `a clear gain is told with its price, its chance and what it does not say`() {
  let told = findings(
    runs(.erm, camera2: [30, 31, 32, 30, 31]) + runs(.balanced, camera2: [40, 41, 42, 40, 41])
      + runs(.kd, camera2: [30, 32, 29, 31, 30]), [.erm, .balanced, .kd])
  #expect(told.hasPrefix("In the worst group balanced (+20.0 points) did better than erm in all 5 seeds, and no seed"))
  #expect(told.contains("Not told apart from erm in the worst group: kd (-0.8 points)"))
  #expect(told.contains("Over all test rows these differ from erm by (points): balanced +3.9."))
  #expect(told.contains("The highest worst group on average is balanced's, 81.6 %, above every other method"))
  #expect(told.contains("2 comparisons were made; where nothing differs, all 5 signs agree by luck in one of 16"))
  #expect(told.contains("erm's camera=2 has 50 of them") || told.contains("kd's camera=2 has 50 of them"))
  #expect(told.contains("because of fewer than 20 test rows: camera=3 (4)."))
  #expect(told.contains("are between trainings on this one file"))
}

@Test func `nothing is claimed from few seeds, whatever they show`() {
  let told = findings(
    runs(.erm, camera2: [20, 20]) + runs(.groupDistil, camera2: [45, 46]), [.erm, .groupDistil])
  #expect(told.hasPrefix("2 seeds are too few to tell methods apart"))
  #expect(told.contains("groupdistil (+51.0 points) came out higher than erm in both seeds."))
  #expect(!told.contains("did better"))
  #expect(findings(runs(.erm, camera2: [20]) + runs(.kd, camera2: [30]), [.erm, .kd]).hasPrefix("1 seed is too few"))
}

@Test func `no gain is said first where there is none`() {
  let told = findings(
    runs(.erm, camera2: [30, 31, 32, 30, 31]) + runs(.kd, camera2: [31, 30, 32, 30, 33]), [.erm, .kd])
  #expect(told.hasPrefix("No method did better than erm in the worst group by more than the seeds vary."))
}

@Test func `rows without a label are named as a part of the difference`() {
  let both = runs(.erm, camera2: [30]) + runs(.kd, camera2: [31])
  #expect(findings(both, [.erm, .kd], unlabelled: 1730).contains("learned from 1730 rows without a label as well"))
  #expect(!findings(both, [.erm, .kd]).contains("without a label"))
}

@Test func `a study of one method, and one without a group to rank, say what they cannot say`() {
  #expect(findings(runs(.erm, camera2: [30]), [.erm]).hasPrefix("Only one method was run"))
  let small = [StudyGroup(name: "camera=3", train: 5, select: 2, test: 4, teacherAccuracy: nil)]
  let summary = StudySummary(
    runs: [run(.erm, 1, [2], groups: small), run(.kd, 1, [3], groups: small)], methods: [.erm, .kd], groups: small)
  #expect(summary.results.allSatisfy { $0.worstGroupAccuracy == nil && $0.worstGroup == nil })
  #expect(StudyFindings(summary).sentences.first?.hasPrefix("No group has 20 test rows") == true)
}

@Test func `what the recipe kept is told seed by seed, and where it kept plain training`() throws {
  let plain = runs(.erm, camera2: [30, 31])
  let some = try #require(
    StudySummary(
      runs: plain + [run(.portfolio, 1, [190, 40, 0], arm: "balanced"), run(.portfolio, 2, [190, 31, 0])],
      methods: [.erm, .portfolio], groups: groups
    ).chosen)
  #expect(some.perSeed.map(\.arm) == ["balanced", "erm"])
  #expect(some.perSeed.map(\.isIncumbent) == [false, true])
  #expect(some.sentence.contains("in 1 of 2 seeds there was no better challenger"))
  #expect(some.sentence.contains("+10.0 points in the worst group"))
  let none = try #require(
    StudySummary(
      runs: plain + [run(.portfolio, 1, [190, 30, 0]), run(.portfolio, 2, [190, 31, 0])],
      methods: [.erm, .portfolio], groups: groups
    ).chosen)
  #expect(none.sentence.hasSuffix("there was no better challenger in any seed, so the plain student (erm) stays"))
}

@Test func `weights are told where they moved, thinned to what a plot shows`() throws {
  let rows = try shortcutRows(300, share: 0.9, seed: 1)
  let select = try shortcutRows(100, share: 0.5, seed: 2)
  func trained(_ weighting: GroupWeighting) throws -> StudyRun {
    let student = try train(
      initial: newStudent(for: rows, seed: 3), rows: rows, select: select,
      parameters: parameters {
        $0.weighting = weighting
        ($0.stepCount, $0.evaluationInterval, $0.minimumStepCount) = (80, 2, 80)
      }, seed: 4, progress: { _ in .more })
    return StudyRun(
      method: .groupDistil, seed: 4, testTallies: student.selectTallies, selectTallies: student.selectTallies,
      seconds: 1, steps: student.steps, choice: nil, trace: student.trace, reasons: student.reasons)
  }
  let names = (0..<4).map { StudyGroup(name: "g=\($0)", train: 75, select: 25, test: 25, teacherAccuracy: nil) }
  let moved = StudySummary(runs: [try trained(.scaleFree(strength: 10))], methods: [.groupDistil], groups: names)
  let weights = try #require(moved.weights.first)
  #expect(weights.steps.count == StudyWeights.pointsMaximum)
  #expect(weights.steps.first == 2 && weights.steps.last == 80)
  #expect(weights.groups.map(\.group) == ["g=0", "g=1", "g=2", "g=3"])
  for step in weights.steps.indices {
    #expect(abs(weights.groups.reduce(0) { $0 + $1.weights[step] } - 1) < 1e-9)
  }
  #expect(weights.groups.allSatisfy { $0.reason?.isEmpty == false })
  let still = StudySummary(runs: [try trained(.none)], methods: [.groupDistil], groups: names)
  #expect(still.weights.isEmpty)
}
