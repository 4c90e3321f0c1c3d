import Domain
import Engine
import Policy
import Testing

@Suite struct EarlyWatchTests {
  @Test func `a measurement that moves in one cell is a sign there after two days, and ends after two quiet ones`()
    throws
  {
    var parts = try SimulatedParts()
    parts.stream(days: 20)
    #expect(parts.kinds().isEmpty)
    parts.stream(days: 1, SimulatedParts.Change(shift: 1))
    #expect(parts.kinds().isEmpty, "one day may have a coil of its own")
    parts.stream(days: 1, SimulatedParts.Change(shift: 1))
    #expect(parts.kinds() == ["drift"])
    #expect(parts.kinds(1).isEmpty)
    let sign = try #require(parts.watch.signs(of: parts.cells[0], definition: parts.definition).first)
    #expect(sign.day == 20)
    #expect(sign.sentence.contains("is not distributed as in the student's first 7 days, higher on average"))
    #expect(sign.sentence.contains("3 more measurements"), "\(sign.sentence)")
    parts.stream(days: 1)
    #expect(parts.kinds() == ["drift"], "one quiet day ends nothing")
    parts.stream(days: 1)
    #expect(parts.kinds().isEmpty)
  }

  @Test func `one odd day after another with quiet ones between is no sign`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 20)
    for _ in 0..<5 {
      parts.stream(days: 1, SimulatedParts.Change(shift: 1))
      #expect(parts.kinds().isEmpty)
      parts.stream(days: 1)
    }
  }

  @Test func `a student that gets less sure is a sign, one that gets surer is none`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 20)
    parts.stream(days: 4, SimulatedParts.Change(confidence: 0.99))
    #expect(parts.kinds().isEmpty)
    parts.stream(days: 3)
    parts.stream(days: 2, SimulatedParts.Change(confidence: 0.85))
    #expect(parts.kinds() == ["confidence"])
    let sign = try #require(parts.watch.signs(of: parts.cells[0], definition: parts.definition).first)
    #expect(sign.sentence.contains("less sure"), "\(sign.sentence)")
    #expect(sign.day == 27)
  }

  @Test func `a sensor that falls silent is a sign`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 20)
    parts.stream(days: 2, SimulatedParts.Change(silent: true))
    #expect(parts.kinds() == ["drift"])
    let sign = try #require(parts.watch.signs(of: parts.cells[0], definition: parts.definition).first)
    #expect(sign.sentence.hasPrefix("m0 "), "\(sign.sentence)")
  }

  @Test(arguments: [InputShape.window(channels: 2, length: 32), .image(height: 6, width: 6, channels: 1)])
  func `windows and pictures are watched by four summaries`(input: InputShape) throws {
    var parts = try SimulatedParts(input: input)
    parts.stream(days: 20, perDay: 120)
    #expect(parts.kinds().isEmpty)
    parts.stream(days: 2, perDay: 120, SimulatedParts.Change(shift: 0.5))
    #expect(parts.kinds() == ["drift"])
    let sign = try #require(parts.watch.signs(of: parts.cells[0], definition: parts.definition).first)
    #expect(sign.sentence.hasPrefix("the mean "), "\(sign.sentence)")
  }

  @Test func `sixty quiet days of twenty lines raise hardly any sign`() throws {
    var signs = 0
    for seed in 1...20 {
      var parts = try SimulatedParts(cells: 4, seed: UInt64(seed))
      var standing: Set<String> = []
      for _ in 0..<60 {
        parts.stream(days: 1, perDay: 150)
        let now = Set((0..<4).flatMap { (cell: Int) in parts.kinds(cell).map { "\(cell) \($0)" } } + parts.kinds(nil))
        signs += now.subtracting(standing).count
        standing = now
      }
    }
    // Twenty lines for the 46 days in which they are tested are 2.5 line-years, a third of a sign each.
    print("\(signs) false signs in sixty days of twenty lines")
    #expect(signs <= 3, "\(signs) signs")
  }

  @Test func `cells of few parts wait for a hundred, and then are heard`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 40, perDay: 40)
    #expect(parts.kinds().isEmpty)
    parts.stream(days: 9, perDay: 40, SimulatedParts.Change(shift: 1))
    #expect(parts.kinds() == ["drift"])
  }

  @Test func `the estimate moves with confidence, from what matured labels said`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 3)
    #expect(parts.watch.estimate(of: parts.cells[0]) == nil)
    parts.mature(labels: 199, accuracy: 0.9, confidence: 0.95)
    #expect(parts.watch.estimate(of: parts.cells[0]) == nil, "200 labels are needed")
    parts.mature(labels: 300, accuracy: 0.9, confidence: 0.95)
    let usual = try #require(parts.watch.estimate(of: parts.cells[0]))
    #expect(abs(usual.accuracy - 0.9) < 0.02)
    #expect(usual.parts == 200, "only days whose outcomes have not matured")
    parts.stream(days: 2, SimulatedParts.Change(confidence: 0.8))
    parts.mature(labels: 1, accuracy: 0.9, confidence: 0.95)
    let now = try #require(parts.watch.estimate(of: parts.cells[0]))
    #expect(abs(now.accuracy - 0.75) < 0.02, "\(now)")
    #expect(parts.watch.estimate(of: parts.cells[1]) == nil, "no labels of its own")
    #expect(parts.watch.estimate(of: nil) != nil)
  }

  @Test func `a matured row that is read for two channels counts once`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 3)
    let rows = (1...250).map {
      MaturedPrediction(
        row: Int64($0), cell: parts.cells[0], version: parts.version, predictedClass: 1, label: $0 % 10 == 0 ? 0 : 1,
        time: parts.start, confidence: 0.95)
    }
    parts.watch.absorb(matured: Array(rows[..<150]), until: 1) { _ in ModelVersion(1) }
    parts.watch.absorb(matured: Array(rows[..<150]), until: 1) { _ in ModelVersion(1) }
    #expect(parts.watch.estimate(of: parts.cells[0]) == nil, "150 labels and not 300")
    parts.watch.absorb(matured: Array(rows[100...]), until: 1) { _ in ModelVersion(1) }
    let estimate = try #require(parts.watch.estimate(of: parts.cells[0]))
    #expect(abs(estimate.accuracy - 0.9) < 0.02)
  }

  @Test func `another student starts anew, in its cells and for the line`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 20)
    parts.mature(labels: 500, accuracy: 0.9, confidence: 0.95)
    parts.mature(cell: 1, labels: 500, accuracy: 0.9, confidence: 0.95)
    parts.stream(days: 2, SimulatedParts.Change(shift: 1))
    #expect(parts.kinds() == ["drift"])
    parts.watch.reset(cells: [parts.cells[0]])
    #expect(parts.kinds().isEmpty)
    #expect(parts.watch.estimate(of: parts.cells[0]) == nil)
    #expect(parts.watch.estimate(of: parts.cells[1]) != nil)
    #expect(parts.watch.estimate(of: nil) == nil)
    parts.stream(days: 12, SimulatedParts.Change(shift: 1))
    #expect(parts.kinds().isEmpty, "what was there from the new student's first day is its beginning")
    let before = parts.watch
    parts.version = ModelVersion(2)
    let rows = [
      FreshPrediction(
        row: 1 << 40, cell: parts.cells[0], version: ModelVersion(1), predictedClass: 0, confidence: 1,
        time: parts.start)
    ]
    parts.watch.absorb(fresh: RecentPredictions(rows: rows, last: before.cursor), now: parts.start) { _ in
      ModelVersion(2)
    }
    #expect(parts.watch == before, "what another student answered is not counted")
  }

  @Test func `more cells than are watched count for the line alone, until one falls silent`() throws {
    var parts = try SimulatedParts(cells: 70, measurements: 2)
    parts.stream(days: 8, perDay: 5)
    parts.mature(cell: 69, labels: 500, accuracy: 0.9, confidence: 0.95)
    #expect(parts.watch.estimate(of: parts.cells[69]) == nil)
    #expect(parts.watch.estimate(of: nil) != nil)
  }

  @Test func `a day that has ended is told once, with its rows`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 1)
    var ended = parts.watch.takeFinishedDay()
    #expect(ended?.day == 0 && ended?.after == 0 && ended?.through == 600, "\(String(describing: ended))")
    ended = parts.watch.takeFinishedDay()
    #expect(ended == nil)
    parts.stream(days: 1)
    ended = parts.watch.takeFinishedDay()
    #expect(ended?.day == 1 && ended?.after == 600 && ended?.through == 1200, "\(String(describing: ended))")
  }

  @Test func `a clock that is wrong by years ends no day`() throws {
    var parts = try SimulatedParts()
    parts.stream(days: 3)
    _ = parts.watch.takeFinishedDay()
    let late = FreshPrediction(
      row: 5000, cell: parts.cells[0], version: parts.version, predictedClass: 0, confidence: 1,
      time: Timestamp(seconds: 4_000_000_000))
    let version = parts.version
    parts.watch.absorb(fresh: RecentPredictions(rows: [late], last: 5000), now: parts.start) { _ in version }
    let ended = parts.watch.takeFinishedDay()
    #expect(ended == nil)
    #expect(parts.watch.cursor == 5000)
  }
}

@Suite struct DisagreementTests {
  private func report(_ day: Int64, agreed: [Int], parts: Int = 60, cells: [Cell]) -> AgreementReport {
    AgreementReport(
      day: day, dayParts: 6000,
      cells: zip(cells, agreed).map {
        AgreementReport.CellCount(cell: $0, version: ModelVersion(1), parts: parts, agreed: $1)
      }, absent: nil)
  }

  @Test func `student and teacher that drift apart are a sign in their cell`() throws {
    var parts = try SimulatedParts(cells: 2)
    parts.stream(days: 2)
    for day in 0..<30 {
      parts.watch.absorb(report(Int64(day), agreed: [56, 56], cells: parts.cells)) { _ in ModelVersion(1) }
    }
    #expect(parts.kinds().isEmpty && parts.kinds(1).isEmpty && parts.kinds(nil).isEmpty)
    for day in 30..<34 {
      parts.watch.absorb(report(Int64(day), agreed: [45, 56], cells: parts.cells)) { _ in ModelVersion(1) }
    }
    #expect(parts.kinds() == ["disagreement"])
    #expect(parts.kinds(1).isEmpty)
    let sign = try #require(parts.watch.signs(of: parts.cells[0], definition: parts.definition).first)
    #expect(sign.day == 30, "\(sign)")
    #expect(sign.sentence.contains("agree on 75.0 % of 240 parts"), "\(sign.sentence)")
    parts.watch.absorb(report(34, agreed: [0, 0], cells: parts.cells)) { _ in ModelVersion(2) }
    #expect(parts.kinds(1).isEmpty, "of another student")
    var damaged = parts.watch
    damaged.absorb(report(35, agreed: [-5, 700], cells: parts.cells)) { _ in ModelVersion(1) }
    #expect(damaged == parts.watch, "a report that cannot be is not counted")
  }
}
