import Domain
import NeuralNet
import Testing

/// One way for a day to end badly; everything in it follows from the seed.
struct CrashScenario: CustomStringConvertible, Sendable {
  enum Kind: Sendable, Equatable {
    case kill(Durability)
    /// Sectors are there whole, or not at all.
    case powerCut(Durability)
    /// Some are there in part.
    case tornPowerCut(Durability)
    /// A fault of the disk begins and goes away.
    case fault(DiskFault, Durability)
    /// The wall clock is at 1970, and decades ahead.
    case clock(Durability)
    /// A part of the ledger's file is overwritten.
    case damage
    /// The journal of the last run finds a disk that takes nothing.
    case faultAtStart(DiskFault, Durability)
  }

  let kind: Kind
  let seed: UInt64

  static let kinds: [Kind] =
    Durability.allCases.flatMap { [.kill($0), .powerCut($0), .tornPowerCut($0), .clock($0)] }
    + [Durability.commit, .power].flatMap { durability in
      [DiskFault.full, .writeError, .readOnly, .short].map { .fault($0, durability) }
    } + [
      .fault(.syncError, .power), .fault(.full, .relaxed), .fault(.writeError, .relaxed), .damage,
      .faultAtStart(.full, .commit), .faultAtStart(.readOnly, .power), .faultAtStart(.writeError, .relaxed),
    ]

  var description: String { "\(kind), seed \(seed)" }

  /// - Returns: what was found that must not be, in sentences.
  func run() async throws -> [String] {
    var random = Generator(seed: seed &* 2 &+ 1)
    switch kind {
    case .kill(let durability):
      let work = try await day(durability)
      return try work.count.findings + pointsOfTime(work, &random).flatMap { try kill(work, at: $0, durability) }
    case .powerCut(let durability):
      let work = try await day(durability)
      return try work.count.findings
        + pointsOfTime(work, &random).flatMap { try cutPower(work, at: $0, durability, isTearing: false, &random) }
    case .tornPowerCut(let durability):
      let work = try await day(durability)
      return try work.count.findings
        + pointsOfTime(work, &random).flatMap { try cutPower(work, at: $0, durability, isTearing: true, &random) }
    case .fault(let fault, let durability): return try await meet(fault, durability, &random)
    case .clock(let durability): return try await turnClock(durability, &random)
    case .damage: return try await damage(&random)
    case .faultAtStart(let fault, let durability): return try await start(on: fault, durability, &random)
    }
  }

  private static let rounds = 25
  private static let pointsOfTimeCount = 4

  private func day(_ durability: Durability) async throws -> CrashWorkload {
    let work = try CrashWorkload(seed: seed, durability: durability)
    try await work.register()
    try await work.run(rounds: Self.rounds)
    return work
  }

  /// Any change to the disk may be the last; one of these is among the first, when the files are made.
  private func pointsOfTime(_ work: CrashWorkload, _ random: inout Generator) -> [Int] {
    let count = work.disk.count
    return [Int.random(in: 0...count / 4, using: &random)]
      + (1..<Self.pointsOfTimeCount).map { _ in Int.random(in: count / 4...count, using: &random) }
  }

  // MARK: - Crashes

  private func promises(_ work: CrashWorkload, before end: Int) -> Promises {
    Promises(work.book.claims(on: work.disk, before: end))
  }

  private func kill(_ work: CrashWorkload, at end: Int, _ durability: Durability) throws -> [String] {
    let promised: CrashState.Promised = durability == .relaxed ? .written : .everything
    return try CrashState(work.disk.afterKill(at: end)).broken(promises(work, before: end), promised)
      .map { "killed at change \(end): \($0)" }
  }

  private func cutPower(
    _ work: CrashWorkload, at end: Int, _ durability: Durability, isTearing: Bool, _ random: inout Generator
  ) throws -> [String] {
    let promised: CrashState.Promised = durability == .power ? .everything : .nothing
    let state = try CrashState(work.disk.afterPowerCut(at: end, isTearing: isTearing, random: &random))
    var broken = state.broken(promises(work, before: end), promised)
    if let sync = work.disk.lastSync(of: "ledger.db-wal", before: end) {
      // What the ledger's log held when it was last synced.
      let synced = try CrashState(work.disk.afterKill(at: sync), withoutJournal: true)
      for (name, x) in synced.parts where state.parts[name] != x {
        broken.append("\(name) was synced and is not there")
      }
      for name in synced.labels.keys where state.labels[name] == nil {
        broken.append("\(name)'s outcome was synced and is not there")
      }
    }
    return broken.map { "power cut at change \(end): \($0)" }
  }

  // MARK: - Faults

  private func meet(_ fault: DiskFault, _ durability: Durability, _ random: inout Generator) async throws -> [String] {
    let work = try CrashWorkload(seed: seed, durability: durability)
    try await work.register()
    let begin = Int.random(in: 2...8, using: &random)
    let end = begin + Int.random(in: 1...8, using: &random)
    let after = Int.random(in: 0...12, using: &random)
    let count = random.chance(0.3) ? Int.random(in: 1...3, using: &random) : nil
    var times: [Int] = []
    try await work.run(rounds: Self.rounds) { round in
      if round == begin { work.disk.fail(fault, after: after, count: count) }
      if round == end { work.disk.release() }
      times.append(work.disk.count)
    }
    var broken = try await work.isWell() ? [] : ["not well after the disk was"]
    times = times.shuffled(using: &random).prefix(2) + [work.disk.count]
    for time in times {
      // While neither file takes rows, nothing that was answered first is safe.
      if durability == .relaxed, time < work.disk.count { continue }
      broken += try kill(work, at: time, durability)
      guard durability == .power else { continue }
      broken += try cutPower(work, at: time, durability, isTearing: random.chance(0.5), &random)
    }
    return broken
  }

  private func start(on fault: DiskFault, _ durability: Durability, _ random: inout Generator) async throws -> [String]
  {
    let work = try await day(durability)
    let end = Int.random(in: work.disk.count / 2...work.disk.count, using: &random)
    let image = work.disk.afterKill(at: end)
    let next = try CrashWorkload(seed: seed &+ 1_000_000, durability: durability, image: image) {
      $0.fail(fault, after: 0, count: nil)
    }
    next.inherit(work.book.claims(on: work.disk, before: end), isRelaxed: durability == .relaxed)
    next.knows(work)
    try await next.run(rounds: 6)
    next.disk.release()
    try await next.run(rounds: 6)
    var broken = try await next.isWell() ? [] : ["not well after the disk was"]
    broken += try kill(next, at: next.disk.count, durability)
    return broken
  }

  private func turnClock(_ durability: Durability, _ random: inout Generator) async throws -> [String] {
    let work = try CrashWorkload(seed: seed, durability: durability)
    try await work.register()
    let hours = [-56, 40, -10, 30].map { Double($0) * 8766 }.shuffled(using: &random)
    try await work.run(rounds: Self.rounds) { round in
      if round % 6 == 3 { work.clock.advance(hours: hours[round / 6 % hours.count]) }
    }
    var broken = try await work.isWell() ? [] : ["not well after the clock was set"]
    for time in pointsOfTime(work, &random) { broken += try kill(work, at: time, durability) }
    return broken
  }

  /// A ledger that is damaged is put aside or sound enough to be opened; either way the plant serves and records.
  private func damage(_ random: inout Generator) async throws -> [String] {
    let work = try await day(.commit)
    var image = work.disk.afterKill(at: work.disk.count)
    image.files["ledger.db-wal"] = nil
    guard var bytes = image.files["ledger.db"], bytes.count > 4096 else { return [] }
    let start = random.chance(0.3) ? 0 : Int.random(in: 0..<bytes.count - 2048, using: &random)
    for index in start..<start + 2048 { bytes[index] = UInt8.random(in: 0...255, using: &random) }
    image.files["ledger.db"] = bytes
    let next = try CrashWorkload(seed: seed &+ 1_000_000, durability: .commit, image: image)
    next.knows(work)
    try await next.run(rounds: 3)
    return try await next.isWell() ? [] : ["not well with a damaged ledger"]
  }
}

extension ListedDisk {
  /// The end of the last sync of a file that the disk confirmed.
  func lastSync(of file: String, before end: Int) -> Int? {
    for index in (0..<end).reversed() {
      if case .sync(file) = self[index] { return index + 1 }
    }
    return nil
  }
}
