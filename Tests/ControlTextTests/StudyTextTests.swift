import ControlText
import Domain
import Testing
import Wire

private func seedResult(_ seed: UInt64, _ mean: Double, _ worst: Double) -> StudySeedResult {
  StudySeedResult(
    seed: seed, meanAccuracy: mean, worstGroupAccuracy: worst, worstGroup: "camera=2", seconds: 1.25, steps: 900,
    choice: nil)
}

private func result(_ method: StudyMethod, mean: StudyMeasure, worst: StudyMeasure) -> StudyResult {
  StudyResult(
    method: method, meanAccuracy: mean, worstGroupAccuracy: worst, worstGroup: "camera=2", worstGroupN: 50,
    seconds: 1.25, perSeed: [seedResult(1, 0.9, 0.7), seedResult(2, 0.9, 0.72)],
    groups: [
      StudyGroupResult(group: "camera=1", accuracy: StudyMeasure(mean: 0.95, sd: 0.01), lower: 0.91, upper: 0.976),
      StudyGroupResult(group: "camera=2", accuracy: worst, lower: 0.554, upper: 0.821),
      StudyGroupResult(group: "camera=3", accuracy: nil, lower: nil, upper: nil),
    ])
}

private let erm = result(
  .erm, mean: StudyMeasure(mean: 0.9012, sd: 0.004), worst: StudyMeasure(mean: 0.6, sd: 0.0213))
private let groupDistil = result(
  .groupDistil, mean: StudyMeasure(mean: 0.8991, sd: 0.006), worst: StudyMeasure(mean: 0.71, sd: 0.0141))

private let study = StudyReport(
  results: [erm, groupDistil],
  chosen: StudyChoice(
    method: .portfolio,
    perSeed: [
      StudyChoice.Kept(seed: 1, arm: "GroupDistil held-out", isIncumbent: false, why: "it was better"),
      StudyChoice.Kept(seed: 2, arm: "erm", isIncumbent: true, why: nil),
      StudyChoice.Kept(seed: 3, arm: "GroupDistil held-out", isIncumbent: false, why: nil),
    ],
    sentence: "the default recipe keeps one way of training by held-out rows"),
  differences: [
    StudyDifference(
      method: .groupDistil, baseline: .erm,
      meanAccuracy: PairedMeasure(mean: -0.0021, sd: 0.002, better: 0, worse: 2, pairs: 2),
      worstGroupAccuracy: PairedMeasure(mean: 0.11, sd: 0.0072, better: 2, worse: 0, pairs: 2), verdict: .leansBetter)
  ], sentences: ["2 seeds are too few to tell methods apart."], file: "press.csv",
  groups: [
    StudyGroup(name: "camera=1", train: 1500, select: 60, test: 200, teacherAccuracy: 0.97),
    StudyGroup(name: "camera=2", train: 40, select: 20, test: 50, teacherAccuracy: nil),
    StudyGroup(name: "camera=3", train: 3, select: 0, test: 0, teacherAccuracy: nil),
  ], student: StudyStudent(description: "vector 12, hidden layers 32, 2 classes", parameters: 2435),
  teacher: StudyTeacherReport(name: "columns t_*", verdict: .trusted, sentence: "trusted: good enough"),
  seeds: [1, 2], weights: [], instructionSet: "avx2", seconds: 93, remarks: ["a remark"])

@Test func `a study is shown in 80 columns with its spread, its signs and its sentences`() {
  let text = StudyText(study, page: "press.html").text(plain)
  #expect(widest(text) <= 80)
  #expect(
    text == """
      study of press.csv: 2 methods, 2 seeds; of the parts 1,543 train, 80 choose, 250
      judge

      % right      worst group  all parts  worst group is   n   time
      erm            60.0 ±2.1  90.1 ±0.4  camera=2        50  1.3 s
      groupdistil    71.0 ±1.4  89.9 ±0.6  camera=2        50  1.3 s

      points against erm  worst group  better  all parts  better
      groupdistil          +11.0 ±0.7  2/2     -0.2 ±0.2  0/2     leans better

      group     train  test  erm            groupdistil [95 %]
      camera=1  1,500   200  95.0 %         95.0 % [91.0, 97.6]
      camera=2     40    50  60.0 %         71.0 % [55.4, 82.1]
      camera=3      3     0  no test parts  no test parts

      2 seeds are too few to tell methods apart.

      chosen: the default recipe keeps one way of training by held-out rows
        GroupDistil held-out: seeds 1, 3
        erm: seed 2, no better challenger

      teacher: columns t_*, trusted: good enough
      student: vector 12, hidden layers 32, 2 classes; 2,435 parameters
      note: a remark
      took: 1 min 33 s
      page: press.html
      """)
}

@Test func `long group names and every method keep a study within 80 columns`() {
  let long = "product=A7-long-range-edition,camera=2,shift=night,operator=42,outcome=scratched"
  let group = StudyGroupResult(group: long, accuracy: StudyMeasure(mean: 1, sd: 0), lower: 0.9, upper: 1)
  let results = StudyMethod.allCases.map { method in
    StudyResult(
      method: method, meanAccuracy: StudyMeasure(mean: 1, sd: 0.25),
      worstGroupAccuracy: StudyMeasure(mean: 1, sd: 0.25),
      worstGroup: long, worstGroupN: 58_802, seconds: 4000, perSeed: [], groups: [group])
  }
  let report = StudyReport(
    results: results, chosen: nil, differences: [], sentences: [], file: "press.csv",
    groups: [StudyGroup(name: long, train: 58_802, select: 9_999, test: 58_802, teacherAccuracy: nil)],
    student: study.student, teacher: nil, seeds: [1], weights: [], instructionSet: "avx2", seconds: 4000, remarks: [])
  #expect(widest(StudyText(report).text(plain)) <= 80)
}

@Test func `one seed shows no spread, and a name cannot steer the terminal`() {
  let one = StudyResult(
    method: .erm, meanAccuracy: StudyMeasure(mean: 0.9, sd: nil), worstGroupAccuracy: nil, worstGroup: nil,
    worstGroupN: nil, seconds: 1, perSeed: [],
    groups: [StudyGroupResult(group: "g=\u{1B}[2J", accuracy: nil, lower: nil, upper: nil)])
  let report = StudyReport(
    results: [one], chosen: nil, differences: [], sentences: ["Said."], file: "a\u{07}.csv",
    groups: [StudyGroup(name: "g=\u{1B}[2J", train: 1, select: 1, test: 1, teacherAccuracy: nil)],
    student: study.student, teacher: nil, seeds: [1], weights: [], instructionSet: "avx2", seconds: 1, remarks: [])
  let text = StudyText(report).text(plain)
  #expect(text.contains("erm                -       90.0  no group is ranked  -  1.0 s"), "\(text)")
  #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
}

@Test func `the JSON of a study has the keys scripts read, and says null where no recipe was asked for`() throws {
  let json = String(decoding: try OperatorCoding.bytes(study), as: UTF8.self)
  for part in [
    #""schema":1"#, #""mean_accuracy":{"mean":0.9012,"sd":0.004}"#, #""worst_group_accuracy":{"mean":0.6,"sd":0.0213}"#,
    #""worst_group":"camera=2","worst_group_accuracy""#, #""worst_group_n":50"#, #""seconds":1.25"#, #""per_seed":[{"#,
    #""method":"groupdistil""#,
    #""chosen":{"method":"portfolio","per_seed":[{"arm":"GroupDistil held-out","is_incumbent":false,"seed":1,"why":"#,
    #""verdict":"leans-better""#,
  ] {
    #expect(json.contains(part), "\(part) is missing in \(json)")
  }
  #expect(try OperatorCoding.message(StudyReport.self, from: Array(json.utf8)) == study)
  let without = StudyReport(
    results: [], chosen: nil, differences: [], sentences: [], file: "", groups: [], student: study.student,
    teacher: nil,
    seeds: [], weights: [], instructionSet: "", seconds: 0, remarks: [])
  let bytes = try OperatorCoding.bytes(without)
  #expect(String(decoding: bytes, as: UTF8.self).contains(#""chosen":null"#))
  #expect(try OperatorCoding.message(StudyReport.self, from: bytes) == without)
}
