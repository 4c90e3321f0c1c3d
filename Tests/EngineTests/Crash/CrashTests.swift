import Foundation
import Testing

/// Days of work that end in a crash, a fault or a wrong clock: some in each test run, as many as one likes with
/// KAIZEN_FAULT_SCENARIOS. KAIZEN_FAULT_SEED repeats one.
@Suite(.serialized) struct CrashTests {
  private static let numbers: Range<Int> = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["KAIZEN_FAULT_SEED"].flatMap({ Int($0) }) { return seed..<seed + 1 }
    return 0..<(environment["KAIZEN_FAULT_SCENARIOS"].flatMap { Int($0) } ?? 50)
  }()

  private static func findings(_ scenario: CrashScenario) async -> [String] {
    do {
      return try await scenario.run()
    } catch {
      return ["nobody could start: \(error)"]
    }
  }

  @Test func `whatever happens to the process, its disk or its power, what was promised is there`() async throws {
    var broken = 0
    for number in Self.numbers {
      let scenario = CrashScenario(
        kind: CrashScenario.kinds[number % CrashScenario.kinds.count], seed: UInt64(number))
      let findings = await Self.findings(scenario)
      guard !findings.isEmpty else { continue }
      broken += 1
      Issue.record("\(scenario): \(findings.prefix(5).joined(separator: "; "))")
      // The first few tell more than a thousand.
      if broken == 10 { break }
    }
    print("\(Self.numbers.count) days that ended badly, \(broken) of them broke a promise")
  }
}
