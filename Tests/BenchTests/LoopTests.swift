import Foundation
import Testing
import kaizen_bench

/// How `kaizen-bench loop` judges.
@Suite struct LoopJudgementTests {
  @Test func `the worst group is taken day by day, the mean over parts`() {
    let score = CourseScore(
      accuracies: [[1, 0.5], [0.25, 0.75], [1, 1]], parts: [[10, 30], [20, 20], [1, 1]])
    #expect(abs(score.worst - (0.5 + 0.25 + 1) / 3) < 1e-12)
    #expect(abs(score.mean - (0.625 + 0.5 + 1) / 3) < 1e-12)
    #expect(score.endWorst == score.worst && score.endMean == score.mean, "three days are all within the last seven")
  }

  @Test func `the end is the last seven days`() {
    let days = Array(repeating: [0.5], count: 20) + Array(repeating: [0.9], count: 7)
    let score = CourseScore(accuracies: days, parts: days.map { _ in [1] })
    #expect(abs(score.endWorst - 0.9) < 1e-12)
    #expect(abs(score.worst - (20 * 0.5 + 7 * 0.9) / 27) < 1e-12)
  }

  @Test func `a newcomer is who first appears in a group, against who had most of its parts before`() {
    let days: [[Int: Double]] = [[1: 1], [1: 0.4, 2: 0.6], [2: 1], [:], [2: 0.9, 3: 0.1], [1: 1], [4: 1]]
    #expect(
      Newcomer.all(days).map { [$0.day, $0.old, $0.new] } == [[1, 1, 2], [4, 2, 3], [6, 1, 4]],
      "who comes back by a rollback is no newcomer")
    #expect(Newcomer.all([[1: 1], [1: 1]]).isEmpty)
    #expect(Newcomer.all([]).isEmpty)
  }

  @Test(
    arguments: [
      ([(1.0, 0.03), (0.1, 0.03)], true), ([(1.0, 0.03)], false), ([(1.0, 0.02), (1.0, 0.02)], false),
      (Array(repeating: (0.1, 0.5), count: 10), false), (Array(repeating: (0.1, 0.5), count: 11), true),
      ([(1.0, -0.3), (1.0, 0.021), (0.5, 0.021)], true),
    ] as [([(Double, Double)], Bool)])
  func `harm is more than two points for more than a day's worth of parts`(days: [(Double, Double)], isHarmful: Bool) {
    // A tenth is no sum of binary fractions; a hair's breadth more or less must not matter here.
    let told = days.map { NewcomerDay(share: $0.0 == 0.1 ? 0.0999 + (isHarmful ? 0.0002 : 0) : $0.0, loss: $0.1) }
    #expect(Newcomer.isHarmful(told) == isHarmful)
  }

  @Test(
    arguments: [
      ([1.0, 2.0], PairedVerdict.Verdict.better), ([-1, -0.1, -2], .worse), ([1, -1], .notToldApart),
      ([0, 0], .notToldApart),
      ([1, 0], .notToldApart), ([], .notToldApart),
      // Nine of ten: .011; eight of ten: .055.
      ([1, 1, 1, 1, 1, 1, 1, 1, 1, -1], .better), ([1, 1, 1, 1, 1, 1, 1, 1, -1, -1], .notToldApart),
      // Of equal seeds none counts: five of five is .031, four of four .0625.
      ([1, 1, 1, 1, 1, 0], .better), ([1, 1, 1, 1, 0], .notToldApart),
      ([-1, -1, -1, -1, -1, -1, -1, -1, -1, 1], .worse),
    ] as [([Double], PairedVerdict.Verdict)])
  func `better is in every seed or beyond chance, and else nothing is claimed`(
    differences: [Double], verdict: PairedVerdict.Verdict
  ) {
    #expect(PairedVerdict(differences).verdict == verdict)
  }

  @Test func `a replay's worst mold has enough parts to be named`() {
    var (right, parts) = ([[Int]](), [[Int]]())
    for day in 0..<40 {
      right.append([90, day < 12 ? 5 : 9, 0])
      parts.append([100, 10, 1])
    }
    let score = ReplayScore(right: right, parts: parts, molds: ["a", "b", "rare"])
    #expect(score.worstMold == "b" && abs(score.worst - Double(12 * 5 + 28 * 9) / 400) < 1e-12)
    #expect(abs(score.endWorst - 0.9) < 1e-12, "both have 90 % in the last 28 days")
    #expect(abs(score.endMean - Double(28 * 99) / Double(28 * 111)) < 1e-12)
  }
}

private struct Report: Decodable {
  struct Chapter: Decodable {
    struct Row: Decodable {
      let policy: String
      let accuracies: [[Double]]
    }
    struct Finding: Decodable {
      let measured: String
      let required: String?
      let isMet: Bool
    }
    let plant: String
    let rows: [Row]?
    let findings: [Finding]
    let skipped: String?
  }
  let seeds: Int
  let jobs: Int
  let harmfulJobs: Int
  let chapters: [Chapter]
}

/// The plants of `kaizen-bench loop`, tiny: through a real daemon.
@Suite struct LoopRunTests {
  private func report(_ words: [String]) throws -> (report: Report, errors: String) {
    let ended = try Bench.run(["loop", "--json"] + words)
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (try decoder.decode(Report.self, from: Data(ended.output.utf8)), ended.errors)
  }

  @Test
  func `nine quiet days through a daemon are served as well as by the frozen student, and the data may be missing`()
    throws
  {
    let (report, errors) = try report([
      "--seeds", "1", "--days", "9", "--scenario", "no-failure", "--scenario", "diecast", "--replay", "/nowhere.csv",
    ])
    #expect(errors.contains("no-failure, seed 1"), "\(errors)")
    #expect(report.chapters.map(\.plant) == ["no-failure", "diecast"])
    let quiet = try #require(report.chapters.first)
    let rows = Dictionary(uniqueKeysWithValues: try #require(quiet.rows).map { ($0.policy, $0.accuracies) })
    #expect(Set(rows.keys) == ["ours", "frozen", "erm-weekly", "erm-4weeks", "kd-weekly", "kd-4weeks", "oracle"])
    #expect(rows["ours"] == rows["frozen"] && rows["ours"] == rows["oracle"])
    #expect(rows.values.allSatisfy { $0[0].count == 1 && (90...100).contains($0[0][0]) })
    #expect(quiet.findings.allSatisfy(\.isMet) && report.jobs == 0 && report.harmfulJobs == 0)
    #expect(report.chapters[1].skipped?.contains("/nowhere.csv") == true)
  }

  @Test func `an unknown plant or policy is refused by name`() throws {
    let plant = try Bench.run(["loop", "--scenario", "flood"])
    #expect(plant.code == 64 && plant.errors.contains("flood") && plant.errors.contains("teacher-stale"))
    let policy = try Bench.run(["loop", "--policies", "frozen,hope"])
    #expect(policy.code == 64 && policy.errors.contains("hope") && policy.errors.contains("erm-weekly"))
  }
}
