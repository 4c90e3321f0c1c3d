import Domain
import GroupDistil
import Testing

/// Plays a study whose stages take `seconds` each, on two cores, and returns what was told at the end of every stage.
private func told(seconds: [Double], guesses: [Double], seedCount: Int, coreCount: Int = 2) -> [(
  now: Double, progress: TrainingProgress
)] {
  var schedule = StudySchedule(costs: guesses, seedCount: seedCount, coreCount: coreCount)
  var result: [(now: Double, progress: TrainingProgress)] = []
  var cores = Array(repeating: 0.0, count: coreCount)
  var events: [(now: Double, seed: Int, stage: Int?, done: Double)] = []
  for seed in 0..<seedCount {
    let core = cores.indices.min { cores[$0] < cores[$1] } ?? 0
    for (stage, duration) in seconds.enumerated() {
      for part in 0...4 {
        events.append((cores[core] + duration * Double(part) / 4, seed, stage, Double(part) / 4))
      }
      cores[core] += duration
    }
    events.append((cores[core], seed, nil, 1))
  }
  for index in events.indices.sorted(by: { (events[$0].now, $0) < (events[$1].now, $1) }) {
    let event = events[index]
    if let stage = event.stage {
      schedule.advance(seed: event.seed, stage: stage, done: event.done, now: event.now)
    } else {
      schedule.finish(seed: event.seed, now: event.now)
    }
    result.append((event.now, schedule.progress(now: event.now)))
  }
  return result
}

@Test func `the time left is right once one seed is over, although guesses were wrong`() throws {
  // Five seeds of 35 s on two cores: three rounds, 105 s.
  let told = told(seconds: [20, 5, 10], guesses: [1, 1, 1], seedCount: 5)
  #expect(told.last?.now == 105)
  for (now, progress) in told where now > 35 && now < 105 {
    let left = try #require(progress.secondsLeft)
    #expect(abs(left - (105 - now)) < 1, "at \(now) s: \(left) s left")
  }
}

@Test func `the last seed alone on its core is not shared out to both`() throws {
  let told = told(seconds: [10, 10], guesses: [1, 1], seedCount: 3)
  let atLast = try #require(told.first { $0.now == 20 && $0.progress.stage == "seed 3 of 3" })
  #expect(abs(try #require(atLast.progress.secondsLeft) - 20) < 1)
}

@Test func `the share never goes back and ends at one`() {
  let told = told(seconds: [1, 30, 2], guesses: [5, 1, 1], seedCount: 4)
  for (before, after) in zip(told, told.dropFirst()) {
    #expect(after.progress.fraction >= before.progress.fraction)
  }
  #expect(told.last?.progress.fraction == 1)
  #expect(told.allSatisfy { (0...1).contains($0.progress.fraction) })
  #expect(told.first?.progress.secondsLeft == nil, "nothing is known yet")
}

@Test func `running seeds are named`() {
  var schedule = StudySchedule(costs: [1, 1], seedCount: 5, coreCount: 2)
  #expect(schedule.progress(now: 0).stage == "training")
  schedule.advance(seed: 0, stage: 0, done: 0, now: 0)
  schedule.advance(seed: 1, stage: 0, done: 0, now: 0)
  #expect(schedule.progress(now: 1).stage == "seed 1 and 2 of 5")
}

@Test func `what has been trained for one method costs the next nothing again`() {
  let alone = StudySchedule.costs(of: [.portfolio], preparation: 3)
  let last = StudySchedule.costs(of: [.erm, .groupDRO, .kdBalanced, .groupDistil, .portfolio], preparation: 3)
  #expect(alone.count == 2 && last.count == 6)
  #expect(alone[0] == 3)
  #expect(last[5] < alone[1] / 2)
  #expect(StudySchedule.costs(of: [.kd, .kdBalanced, .dfr], preparation: 3)[3] < 0.1)
}
