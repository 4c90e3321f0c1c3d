import Domain
import Policy
import Testing

private let today = Timestamp("2026-11-28") ?? Timestamp(seconds: 0)
private func days(_ count: Double) -> Timestamp { today.advanced(hours: 24 * count) }

@Suite struct RetentionClockTests {
  @Test func `a clock that goes on is followed, back too`() {
    for wall in [days(1), days(39), days(-3), days(-400)] {
      let clock = RetentionRule.clock(stored: today, wall: wall, sync: .unsynchronized)
      #expect(clock.now == wall && clock.stored == wall && clock.remark == nil)
    }
  }

  @Test(arguments: ClockSync.allCases) func `1970 makes nothing old and is forgotten`(sync: ClockSync) {
    let clock = RetentionRule.clock(stored: today, wall: Timestamp(seconds: 3600), sync: sync)
    #expect(clock.now == nil && clock.stored == today)
    #expect(clock.remark?.contains("1970-01-01") == true)
    #expect(RetentionRule.clock(stored: clock.stored, wall: days(1), sync: sync).now == days(1))
  }

  @Test(arguments: [ClockSync.unsynchronized, .unknown])
  func `a leap ahead makes nothing old until the clock is synchronised or somebody says it is right`(sync: ClockSync) {
    let far = days(20_000)
    let clock = RetentionRule.clock(stored: today, wall: far, sync: sync)
    #expect(clock.now == today && clock.stored == today)
    #expect(clock.remark?.contains("20000 days ahead") == true)
    #expect(RetentionRule.clock(stored: today, wall: far, sync: .synchronized).now == far)
    #expect(RetentionRule.clock(stored: today, wall: far, sync: sync, isTrusted: true).now == far)
  }

  @Test func `the first clock there is counts`() {
    #expect(RetentionRule.clock(stored: Timestamp(seconds: 0), wall: today, sync: .unknown).now == today)
  }
}

@Suite struct RetentionPressureTests {
  private let settings = RetentionSettings(bytesMax: 1000, diskFreeBytesMin: 100)
  private func room(_ used: Int, free: Int? = 5000, reusable: Int = 0) -> LedgerRoom {
    LedgerRoom(used: used, reusable: reusable, diskFree: free)
  }
  private func next(_ present: RetentionPressure, _ room: LedgerRoom, exhausted: Bool = false) -> RetentionPressure {
    RetentionRule.pressure(present, room: room, settings: settings, isExhausted: exhausted)
  }

  @Test func `it rises a step once a step has given all it can, and ends when there is room again`() {
    var pressure = RetentionPressure.none
    var steps: [RetentionPressure] = []
    for _ in 0..<8 {
      pressure = next(pressure, room(1001), exhausted: true)
      steps.append(pressure)
    }
    #expect(steps == [.inputs, .rows, .half, .quarter, .eighth, .eighth, .eighth, .eighth])
    #expect(next(.rows, room(1001)) == .rows, "it has more to give")
    #expect(next(.rows, room(970)) == .rows, "not at the bound itself")
    #expect(next(.rows, room(940)) == .none)
  }

  @Test func `a disk without room presses, unless the file has pages to take again`() {
    #expect(next(.none, room(10, free: 99)) == .inputs)
    #expect(next(.none, room(10, free: 99, reusable: 200)) == .none)
    #expect(next(.none, room(10, free: nil)) == .none)
    #expect(!RetentionRule.dropsNewInputs(room(10, free: 60), settings))
    #expect(RetentionRule.dropsNewInputs(room(10, free: 49), settings))
    #expect(!RetentionRule.dropsNewInputs(room(10, free: nil), settings))
  }

  @Test func `no bound, no pressure`() {
    let none = RetentionSettings(bytesMax: 0, diskFreeBytesMin: 0)
    #expect(
      RetentionRule.pressure(.none, room: room(1 << 40, free: 0), settings: none, isExhausted: true) == .none)
  }

  @Test func `each level gives up what it says`() throws {
    let press = try LineID("press-1")
    let lagging: Set = [RetentionOrder.GroupCell(line: press, cell: Cell(["A"]))]
    func order(_ pressure: RetentionPressure, clock: Timestamp? = today) -> RetentionOrder {
      RetentionRule.order(
        RetentionSettings(keepDays: 1000, keepInputsDays: 100, inputsPerGroup: 800), clock: clock, pressure: pressure,
        lagging: lagging, counted: [press: 7])
    }
    let ever = Timestamp(microseconds: .max)
    #expect(
      order(.none)
        == RetentionOrder(
          inputsBefore: days(-100), rowsBefore: days(-1000), countedRowsBefore: nil, heldBefore: days(-1000),
          inputsPerGroup: 800,
          spared: lagging, counted: [press: 7]))
    #expect(order(.none, clock: nil).inputsBefore == nil && order(.none, clock: nil).rowsBefore == nil)
    #expect(order(.inputs).inputsBefore == ever && order(.inputs).countedRowsBefore == nil)
    #expect(order(.rows).countedRowsBefore == ever && order(.rows).spared == lagging)
    #expect(order(.rows).heldBefore == days(-31))
    #expect(order(.half).inputsPerGroup == 400 && order(.half).spared.isEmpty)
    #expect(order(.eighth).inputsPerGroup == 100)
    let always = RetentionRule.order(
      RetentionSettings(keepDays: 0, keepInputsDays: 0), clock: today, pressure: .none, lagging: [], counted: [:])
    #expect(always.inputsBefore == nil && always.rowsBefore == nil)
    let together = RetentionRule.order(
      RetentionSettings(keepDays: 50, keepInputsDays: 0), clock: today, pressure: .none, lagging: [], counted: [:])
    #expect(together.inputsBefore == days(-50))
  }
}
