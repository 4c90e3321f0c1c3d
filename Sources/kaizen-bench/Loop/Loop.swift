import ArgumentParser
import Dispatch
import Foundation
import Glibc
import PlantSimulation
import Policy
import Synchronization
import Wire

/// `kaizen-bench loop`: whether retraining and promotion make plants better, and never worse.
struct Loop: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loop",
    abstract: "Plants through the running daemon, beside what other policies would have made of them.",
    discussion: """
      Each plant of each seed is streamed at a daemon of its own in event time (kaizen-plant beside this program), and the \
      same parts are served by a frozen student, by weekly retraining of everything (on labels, and distilled from the \
      line's teacher) and by an oracle. Accuracies are the generator's truth, taken over thousands of fresh parts of each \
      group and day; a plant takes about a minute. With the die-casting data beside the project, the same on its own parts.
      Exit code: 0 when every requirement is met, 1 when one is missed, 64 for a wrong option.
      """)

  @Option(help: "Seeds of every plant.") var seeds = 10
  @Option(help: "The first seed; the next have the next ones.") var firstSeed: UInt64 = 1
  @Option(
    help: ArgumentHelp(
      "A plant; may be given several times. There are \(Self.names.joined(separator: ", ")).", valueName: "name"))
  var scenario: [String] = []
  @Option(
    help: ArgumentHelp(
      "Policies beside ours; else all: \(LoopPolicy.allCases.dropFirst().map(\.rawValue).joined(separator: ", ")).",
      valueName: "a,b,..."))
  var policies: String?
  @Option(help: "The die-casting data.") var replay = DieCasting.usualPath
  @Option(help: "Days to stream, when not the scenario's own.") var days: Int?
  @Option(help: "Plants at a time; each takes a processor.") var jobs = 2
  @Flag(help: "Print one JSON object.") var json = false

  static let diecast = ["diecast", "diecast-outcomes"]
  static let names = Scenario.loopNames + diecast

  func validate() throws {
    guard (1...1000).contains(seeds) else { throw ValidationError("--seeds is 1 to 1000") }
    guard firstSeed <= 1_000_000 else { throw ValidationError("--first-seed is at most 1000000") }
    guard (1...64).contains(jobs) else { throw ValidationError("--jobs is 1 to 64") }
    guard days.map({ (1...365).contains($0) }) ?? true else { throw ValidationError("--days is 1 to 365") }
    for name in scenario where !Self.names.contains(name) && Scenario.named(name) == nil {
      throw ValidationError("there is no plant \"\(name)\"; take \(Self.names.joined(separator: ", "))")
    }
    guard Set(scenario).count == scenario.count else { throw ValidationError("a plant is named twice") }
    _ = try chosenPolicies()
  }

  private func chosenPolicies() throws -> Set<LoopPolicy> {
    guard let policies else { return Set(LoopPolicy.allCases) }
    let named = try policies.split(separator: ",").map { name in
      guard let policy = LoopPolicy(rawValue: String(name)) else {
        throw ValidationError(
          "there is no policy \"\(name)\"; take \(LoopPolicy.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return policy
    }
    return Set(named + [.ours])
  }

  func run() throws {
    let began = ContinuousClock.now
    let policies = try chosenPolicies()
    let seedNumbers = (0..<UInt64(seeds)).map { firstSeed + $0 }
    let chapters = (scenario.isEmpty ? Self.names : scenario).map { name in
      let chapter = chapter(name, policies, seedNumbers, since: began)
      // A run of all plants takes hours: what is known is told.
      if !json {
        print(chapter.text + "\n")
        fflush(nil)
      }
      return chapter
    }
    let report = LoopReport(
      seeds: seeds, seconds: Double((ContinuousClock.now - began).components.seconds), chapters: chapters)
    if json {
      FileHandle.standardOutput.write(Data(try OperatorCoding.bytes(report)) + Data("\n".utf8))
    } else {
      print(report.summary)
    }
    guard report.isMet else { throw ExitCode(1) }
  }

  private func chapter(
    _ name: String, _ policies: Set<LoopPolicy>, _ seeds: [UInt64], since began: ContinuousClock.Instant
  ) -> LoopChapter {
    @Sendable func tell(_ seed: UInt64, _ jobs: [RecordedRun], _ stream: Double, _ others: Double) {
      let promoted = jobs.count { $0.state == "promoted" }
      let words = [
        "loop: \(name), seed \(seed): streamed in \(Int(stream)) s, \(jobs.count) jobs, \(promoted) promoted",
        "other policies \(Int(others)) s", "\((ContinuousClock.now - began).components.seconds) s in all",
      ]
      FileHandle.standardError.write(Data((words.joined(separator: "; ") + "\n").utf8))
    }
    do {
      if Self.diecast.contains(name) {
        guard FileManager.default.isReadableFile(atPath: replay) else {
          return LoopChapter(skipped: "there is no \(replay); --replay names the die-casting data", plant: name)
        }
        let outcomeInGroups = name != Self.diecast[0]
        let results = try onWorkers(jobs, seeds) { seed in
          let plant = LoopReplay(path: replay, seed: seed, policies: policies, outcomeInGroups: outcomeInGroups)
          let result = try plant.run()
          tell(seed, result.jobs, result.streamSeconds, result.policySeconds)
          return result
        }
        return LoopChapter(results, outcomeInGroups: outcomeInGroups)
      }
      guard let named = Scenario.named(name) else { throw BenchFailure("there is no plant \(name)") }
      let scenario = days.map { named.lasting(days: $0) } ?? named
      let results = try onWorkers(jobs, seeds) { seed in
        let result = try LoopPlant(scenario: scenario, seed: seed, policies: policies).run()
        tell(seed, result.jobs, result.streamSeconds, result.policySeconds)
        return result
      }
      return LoopChapter(scenario, results, policies: policies)
    } catch {
      return LoopChapter(failed: "\(error)", plant: name)
    }
  }
}

/// Does `work` on all pieces, so many at a time; results in the order of the pieces.
/// - Throws: what the first piece that failed threw, after all.
private func onWorkers<Piece: Sendable, Outcome: Sendable>(
  _ count: Int, _ pieces: [Piece], _ work: @Sendable (Piece) throws -> Outcome
) throws -> [Outcome] {
  let next = Mutex(0)
  let results = Mutex<[Int: Result<Outcome, BenchFailure>]>([:])
  DispatchQueue.concurrentPerform(iterations: min(count, pieces.count)) { _ in
    while true {
      let index = next.withLock { next in
        defer { next += 1 }
        return next
      }
      guard index < pieces.count else { return }
      let result: Result<Outcome, BenchFailure>
      do {
        result = .success(try work(pieces[index]))
      } catch {
        result = .failure(BenchFailure("\(error)"))
      }
      results.withLock { $0[index] = result }
    }
  }
  return try results.withLock { results in try pieces.indices.compactMap { try results[$0]?.get() } }
}

/// All chapters and what is required of all of them together.
struct LoopReport: Sendable, Encodable {
  var schema = 1
  var scenario = "loop"
  let seeds: Int
  let seconds: Double
  let chapters: [LoopChapter]
  let jobs: Int
  let harmfulJobs: Int
  let isMet: Bool

  /// Share of jobs after which a group may be worse.
  static let harmfulShareMaximum = 0.01

  init(seeds: Int, seconds: Double, chapters: [LoopChapter]) {
    self.seeds = seeds
    self.seconds = seconds
    self.chapters = chapters
    jobs = chapters.reduce(0) { $0 + $1.jobCount }
    harmfulJobs = chapters.reduce(0) { $0 + $1.harmfulJobs }
    isMet =
      chapters.allSatisfy(\.isMet) && Double(harmfulJobs) <= Self.harmfulShareMaximum * Double(jobs)
  }

  /// What holds of all chapters together.
  var summary: String {
    let share = Double(harmfulJobs) <= Self.harmfulShareMaximum * Double(jobs) ? "ok" : "MISSED"
    let all = chapters.flatMap(\.findings).filter { $0.required != nil }
    return """
      all plants: \(harmfulJobs) harmful promotions of \(jobs) jobs | required: at most 1 % | \(share)
      \(all.count(where: \.isMet)) requirements ok, \(all.count { !$0.isMet }) missed in \(Int(seconds)) s; accuracies in %, \
      mean +- sd over seeds
      """
  }
}
