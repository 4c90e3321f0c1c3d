import Domain
import Engine
import Foundation
import NeuralNet
import Testing

@Suite struct IntakeTests {
  private let a = Cell(["A"])

  private func parts(_ harness: Harness, _ names: [String], x: Float = 0.5, hour: Double = 0) throws -> ServedParts {
    try harness.plant.serving.predict(
      on: try #require(harness.plant.serving.snapshot(harness.line)), version: nil,
      parts: names.map {
        PartQuery(part: $0, cell: a, inputs: [x, 0], eventTime: harness.start.advanced(hours: hour))
      }, receipt: Receipt(wallClock: harness.clock.now, monotonicMicroseconds: 0, peerUID: 1000))
  }

  @Test func `a new part is answered at once, and is in the ledger for whoever asks next`() async throws {
    let journal = MemoryJournal()
    let harness = try await Harness(journal: journal)
    let answered = Answered()
    harness.plant.record(try parts(harness, ["S1"])) { answered.result = $0 }
    let part = try #require(answered.result?.get().first)
    #expect(part.recorded && !part.repeated)
    #expect(journal.rounds == 1)
    harness.outcome(part: "S1", label: "good", at: harness.start)
    await harness.plant.settle()
    let overview = await harness.plant.ledgerOverview()
    #expect(overview.totals == LedgerTotals(predictions: 1, outcomes: 1))
    #expect(journal.kept == 0)
  }

  @Test func `what is queued together is kept in one write`() async throws {
    let journal = MemoryJournal()
    let harness = try await Harness(journal: journal)
    let first = Answered()
    let second = Answered()
    harness.plant.queue(try parts(harness, ["S1", "S2"])) { first.result = $0 }
    harness.plant.queue(try parts(harness, ["S3"])) { second.result = $0 }
    #expect(first.result == nil)
    harness.plant.turn()
    #expect(try first.result?.get().count == 2 && second.result?.get().count == 1)
    #expect(journal.rounds == 1)
    await harness.plant.settle()
    #expect(await harness.plant.ledgerOverview().totals.predictions == 3)
  }

  @Test(arguments: [true, false])
  func `parts that are written after their deadline are marked late`(byJournal: Bool) async throws {
    let journal = MemoryJournal()
    let harness = try await Harness(journal: byJournal ? journal : nil)
    let answers = (0..<2).map { _ in Answered() }
    var late = try parts(harness, ["S1", "S2"])
    late.deadline = .now - .seconds(1)
    harness.plant.queue(late) { answers[0].result = $0 }
    var early = try parts(harness, ["S3"])
    early.deadline = .now + .seconds(3600)
    harness.plant.queue(early) { answers[1].result = $0 }
    harness.plant.turn()
    await harness.plant.settle()
    #expect(journal.rounds == (byJournal ? 1 : 0))
    let marks = try answers.map { try $0.result?.get().map(\.prediction.late) }
    #expect(marks == [[true, true], [false]])
    // As the ledger has them: asked again, they are answered from there.
    for (name, wasLate) in [("S1", true), ("S3", false)] {
      let again = try await harness.ask(part: name, cell: a, inputs: [0.5, 0], at: harness.start).get()
      #expect(again[0].repeated && again[0].prediction.late == wasLate, "\(name)")
    }
  }

  @Test func `a repeated part gets its first answer, from the journal as from the ledger`() async throws {
    let harness = try await Harness(journal: MemoryJournal())
    let first = try await harness.ask(part: "S5", cell: a, inputs: [0.5, 0], at: harness.start).get()
    #expect(!first[0].repeated)
    // Not settled: the row is in the journal alone when it is asked for again.
    let unsettled = Answered()
    harness.plant.record(try parts(harness, ["S6"])) { _ in }
    harness.plant.record(try parts(harness, ["S6"])) { unsettled.result = $0 }
    await harness.plant.settle()
    #expect(try #require(unsettled.result).get()[0].repeated)
    let again = try await harness.ask(part: "S5", cell: a, inputs: [0.5, 0], at: harness.start).get()
    #expect(again[0].repeated && again[0].prediction == first[0].prediction)
    let other = try await harness.ask(part: "S5", cell: a, inputs: [-0.5, 0], at: harness.start)
    #expect(other == .failure(.conflict(part: "S5")))
    #expect(await harness.plant.ledgerOverview().totals.predictions == 2)
  }

  @Test func `ids in any order are stored once each`() async throws {
    let harness = try await Harness(journal: MemoryJournal())
    var random = Generator(seed: 9)
    var names: Set<String> = []
    for _ in 0..<300 {
      let name = "part-\(Int(random.uniform() * 400))"
      names.insert(name)
      harness.plant.record(try parts(harness, [name])) { result in
        if case .failure(let fault) = result { Issue.record("\(name): \(fault.sentence)") }
      }
    }
    await harness.plant.settle()
    #expect(await harness.plant.ledgerOverview().totals.predictions == names.count)
  }

  @Test func `ids that differ only in how accents are written are two parts`() async throws {
    let harness = try await Harness(journal: MemoryJournal())
    // Equal for Swift, different bytes; the composed form has the greater bytes.
    for name in ["e\u{301}", "\u{E9}", "e\u{301}"] {
      _ = try await harness.ask(part: name, cell: a, inputs: [0.5, 0], at: harness.start).get()
    }
    #expect(await harness.plant.ledgerOverview().totals.predictions == 2)
  }

  @Test func `a full journal stops no answer: parts go straight to the ledger until it takes rows again`() async throws
  {
    let journal = MemoryJournal()
    let harness = try await Harness(journal: journal)
    journal.isFull = true
    let slow = try await harness.ask(part: "S1", cell: a, inputs: [0.5, 0], at: harness.start).get()
    #expect(slow[0].recorded && journal.rounds == 0)
    journal.isFull = false
    let recorded = try await harness.ask(part: "S2", cell: a, inputs: [0.5, 0], at: harness.start).get()
    #expect(recorded[0].recorded && journal.rounds == 1)
    let overview = await harness.plant.ledgerOverview()
    #expect(overview.problem == nil && overview.totals.predictions == 2 && overview.unrecordedPredictions == 0)
  }

  @Test func `a full ledger loses nothing of what the journal keeps`() async throws {
    let disk = DiskSwitch()
    let journal = MemoryJournal()
    let harness = try await Harness(ledger: try FillableLedger(disk), journal: journal)
    disk.isFull = true
    for number in 1...5 {
      let answer = try await harness.ask(part: "S\(number)", cell: a, inputs: [0.5, 0], at: harness.start).get()
      #expect(answer[0].recorded)
    }
    #expect(await harness.plant.ledgerOverview().problem?.contains("full") == true)
    #expect(journal.kept == 5)
    disk.isFull = false
    await harness.plant.settle()
    #expect(await harness.plant.ledgerOverview().totals.predictions == 5)
    #expect(await harness.plant.ledgerOverview().problem == nil)
    #expect(journal.kept == 0)
  }

  @Test func `while the ledger takes nothing the journal stays within its bound`() async throws {
    let disk = DiskSwitch()
    let journal = MemoryJournal()
    let harness = try await Harness(ledger: try FillableLedger(disk), journal: journal, queueRows: 20)
    disk.isFull = true
    for number in 10..<60 {
      let answer = try await harness.ask(part: "S\(number)", cell: a, inputs: [0.5, 0], at: harness.start).get()
      #expect(answer[0].recorded == (number < 30))
    }
    #expect(journal.kept == 20)
    #expect(await harness.plant.ledgerOverview().unrecordedPredictions == 30)
  }

  @Test func `an hour that turns is seen without anybody asking`() async throws {
    let harness = try await Harness(journal: MemoryJournal())
    for hour in 0..<200 {
      harness.plant.record(try parts(harness, ["S\(1000 + hour)"], hour: Double(hour))) { _ in }
    }
    await harness.plant.settle()
    // A day is the harness's maturity.
    #expect(try await harness.overview().groups.reduce(0) { $0 + $1.matured } > 100)
  }
}

@Suite struct SeenPartsTests {
  /// What was answered, in full: the truth that the small memory is held against.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `an id that is called new was never seen, in whatever order ids come`(seed: UInt64) async throws {
    let harness = try await Harness(journal: MemoryJournal())
    var random = Generator(seed: seed)
    var names: Set<String> = []
    let cell = Cell(["A"])
    for number in 0..<2500 {
      // Mostly a counter whose requests overtake each other, sometimes an old one again or one from far back.
      let back = random.uniform() < 0.1 ? random.uniform() * 2500 : random.uniform() * 40
      // Three gateways that count for themselves, one above the others.
      let gateway = ["A-", "B-", "7"][Int(random.uniform() * 3)]
      let name = "\(gateway)\(100_000 + max(0, number - Int(back)))"
      let isNew = names.insert(name).inserted
      let parts = try harness.plant.serving.predict(
        on: try #require(harness.plant.serving.snapshot(harness.line)), version: nil,
        parts: [PartQuery(part: name, cell: cell, inputs: [0.5, 0], eventTime: harness.start)],
        receipt: Receipt(wallClock: harness.clock.now, monotonicMicroseconds: 0, peerUID: 1000))
      harness.plant.record(parts) { result in
        #expect((try? result.get())?.map(\.repeated) == [!isNew], "\(name)")
      }
      if number % 97 == 0 { await harness.plant.settle() }
    }
    await harness.plant.settle()
    #expect(await harness.plant.ledgerOverview().totals.predictions == names.count)
  }
}

extension SeenPartsTests {
  @Test func `each gateway that counts for itself is answered from the journal after its first part`() async throws {
    let journal = MemoryJournal()
    let harness = try await Harness(journal: journal)
    for number in 0..<50 {
      for gateway in ["B-", "A-", "A-1", "7"] {
        _ = try await harness.ask(
          part: "\(gateway)\(1000 + number)", cell: Cell(["A"]), inputs: [0.5, 0], at: harness.start)
      }
    }
    // The ledger was empty, so that even the first of each was new.
    #expect(journal.rounds == 50 * 4)
    #expect(await harness.plant.ledgerOverview().totals.predictions == 200)
  }

  @Test func `after a start each gateway is back on the fast way with its second part`() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "intake-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let gateways = ["A-", "B-", "7"]
    do {
      let harness = try await Harness(folder: folder)
      for gateway in gateways {
        _ = try await harness.ask(
          part: "\(gateway)1000", cell: Cell(["A"]), inputs: [0.5, 0], at: harness.start)
      }
    }
    let journal = MemoryJournal()
    let harness = try await Harness(journal: journal, folder: folder, isRegistered: true)
    for number in 1001..<1050 {
      for gateway in gateways {
        _ = try await harness.ask(
          part: "\(gateway)\(number)", cell: Cell(["A"]), inputs: [0.5, 0], at: harness.start)
      }
    }
    // Every part but the first of the two gateways that lie below another.
    #expect(journal.rounds == 49 * 3 - 2)
    #expect(await harness.plant.ledgerOverview().totals.predictions == 150)
  }
}
