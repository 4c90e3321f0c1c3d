import Domain
import Report
import Testing

private let hostile = "camera=2<script>alert(\"1\")</script>&amp;\u{1B}[2J"

private func groupResult(_ name: String, _ mean: Double?) -> StudyGroupResult {
  StudyGroupResult(
    group: name, accuracy: mean.map { StudyMeasure(mean: $0, sd: 0.01) }, lower: mean.map { $0 - 0.05 },
    upper: mean.map { min(1, $0 + 0.04) })
}

private func result(_ method: StudyMethod, _ worst: Double) -> StudyResult {
  StudyResult(
    method: method, meanAccuracy: StudyMeasure(mean: 0.93, sd: 0.01),
    worstGroupAccuracy: StudyMeasure(mean: worst, sd: 0.02), worstGroup: hostile, worstGroupN: 50, seconds: 0.4,
    perSeed: [1, 2].map { seed in
      StudySeedResult(
        seed: seed, meanAccuracy: 0.93, worstGroupAccuracy: worst, worstGroup: hostile, seconds: 0.4, steps: 100,
        choice: nil)
    }, groups: [groupResult("camera=1", 0.95), groupResult(hostile, worst), groupResult("camera=3", nil)])
}

private func report(_ methods: [StudyMethod], chosen: StudyChoice? = nil) -> StudyReport {
  let results = methods.enumerated().map { result($1, 0.6 + 0.05 * Double($0)) }
  return StudyReport(
    results: results, chosen: chosen,
    differences: results.dropFirst().map { result in
      StudyDifference(
        method: result.method, baseline: results[0].method,
        meanAccuracy: PairedMeasure(mean: 0, sd: 0, better: 0, worse: 0, pairs: 2),
        worstGroupAccuracy: PairedMeasure(mean: 0.05, sd: 0.01, better: 2, worse: 0, pairs: 2), verdict: .better)
    }, sentences: ["The first finding.", "The second <finding>."], file: "press.csv",
    groups: [
      StudyGroup(name: "camera=1", train: 900, select: 90, test: 200, teacherAccuracy: 0.97),
      StudyGroup(name: hostile, train: 30, select: 9, test: 50, teacherAccuracy: nil),
      StudyGroup(name: "camera=3", train: 3, select: 0, test: 0, teacherAccuracy: nil),
    ], student: StudyStudent(description: "vector 12", parameters: 2435),
    teacher: StudyTeacherReport(name: "columns", verdict: .trusted, sentence: "trusted"), seeds: [1, 2],
    weights: [
      StudyWeights(
        method: .groupDistil, seed: 1, steps: [50, 100],
        groups: [
          StudyWeights.Course(group: "camera=1", weights: [0.5, 0.2], reason: "cap never active"),
          StudyWeights.Course(group: hostile, weights: [0.5, 0.8], reason: nil),
        ])
    ], instructionSet: "avx2", seconds: 12, remarks: ["a remark"])
}

private let choice = StudyChoice(
  method: .portfolio, perSeed: [StudyChoice.Kept(seed: 1, arm: "erm", isIncumbent: true, why: "no group lags")],
  sentence: "it keeps one")

@Test func `a page is well formed and complete in itself`() throws {
  let page = StudyPage(report(StudyMethod.allCases, chosen: choice)).html
  let reading = PageReading(page)
  #expect(reading.fault == nil)
  #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>"))
  #expect(reading.elements["svg"] == 3, "methods, groups, weights")
  #expect(reading.elements["script"] == nil && reading.elements["link"] == nil && reading.elements["img"] == nil)
  #expect(addresses(in: page) == [])
  for words in ["prefers-color-scheme: dark", "@media print"] { #expect(page.contains(words)) }
}

@Test func `names and sentences from data are shown and not obeyed`() {
  let reading = PageReading(StudyPage(report([.erm, .groupDistil])).html)
  #expect(reading.fault == nil)
  #expect(reading.text.contains("The second <finding>."))
  #expect(reading.text.contains("2<script>alert(\"1\")</script>&amp;\u{FFFD}[2J"))
  #expect(!reading.attributes.contains { $0.name.hasPrefix("on") })
}

@Test func `every method is there with its figures, its name explained, and the reconstruction named so`() {
  let reading = PageReading(StudyPage(report(StudyMethod.allCases, chosen: choice)).html)
  for method in StudyMethod.allCases {
    #expect(reading.text.contains("\(method.rawValue): \(method.explanation)"))
  }
  for words in [
    "our reconstruction of arXiv 2311.00476", "The first finding.", "60.0 ± 2.0", "no better challenger",
    "It keeps one.", "the same in every seed", "cap never active", "2,435 parameters", "A remark.",
  ] {
    #expect(reading.text.contains(words), "\(words) is missing")
  }
}

@Test func `groups by several attributes are named by their values, and the attributes once`() {
  let names = ["product=A7,camera=1", "product=B2,camera=2"]
  let base = result(.erm, 0.6)
  let erm = StudyResult(
    method: .erm, meanAccuracy: base.meanAccuracy, worstGroupAccuracy: base.worstGroupAccuracy, worstGroup: names[1],
    worstGroupN: 50, seconds: 1, perSeed: [], groups: names.map { groupResult($0, 0.9) })
  let page = StudyPage(
    StudyReport(
      results: [erm], chosen: nil, differences: [], sentences: [], file: "a.csv",
      groups: names.map { StudyGroup(name: $0, train: 90, select: 50, test: 50, teacherAccuracy: nil) },
      student: StudyStudent(description: "vector 2", parameters: 6), teacher: nil, seeds: [1], weights: [],
      instructionSet: "avx2", seconds: 1, remarks: [])
  ).html
  for words in [">product · camera<", ">A7 · 1<", ">B2 · 2<"] { #expect(page.contains(words), "\(words) is missing") }
}

@Test func `marks stay within their drawings`() throws {
  let page = StudyPage(report(StudyMethod.allCases)).html
  try expectMarksInside(page)
}

@Test func `one method, one seed and no ranked group make a page without plots of what is not known`() {
  let lone = StudyResult(
    method: .erm, meanAccuracy: StudyMeasure(mean: 0.9, sd: nil), worstGroupAccuracy: nil, worstGroup: nil,
    worstGroupN: nil, seconds: 1, perSeed: [], groups: [groupResult("g=1", 0.9)])
  let page = StudyPage(
    StudyReport(
      results: [lone], chosen: nil, differences: [], sentences: ["Only one."], file: "a.csv",
      groups: [StudyGroup(name: "g=1", train: 9, select: 9, test: 9, teacherAccuracy: nil)],
      student: StudyStudent(description: "vector 2", parameters: 6), teacher: nil, seeds: [1], weights: [],
      instructionSet: "avx2", seconds: 1, remarks: [])
  ).html
  let reading = PageReading(page)
  #expect(reading.fault == nil)
  #expect(reading.elements["svg"] == 1)
  #expect(!page.contains("nan") && !page.contains("inf\""))
}
