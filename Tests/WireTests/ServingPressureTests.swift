import Testing
import Wire

/// A daemon's histogram, second by second.
private struct Seconds {
  var total = LatencyHistogram()
  var pressure: ServingPressure

  init(p99Ms: Double = 20) {
    pressure = ServingPressure(p99Ms: p99Ms)
    _ = pressure.look(total)
  }

  /// - Parameters:
  ///   - answers: of one second.
  ///   - slow: how many of them took 40 ms instead of 1.
  mutating func pass(answers: Int, slow: Int) -> Bool? {
    for index in 0..<answers { total.record(index < slow ? 40_000_000 : 1_000_000) }
    return pressure.look(total)?.isHigh
  }
}

@Suite struct ServingPressureTests {
  @Test func `two slow answers in a hundred are too many, one is not`() {
    var calm = Seconds()
    #expect(calm.pass(answers: 100, slow: 1) == nil)
    var slow = Seconds()
    #expect(slow.pass(answers: 100, slow: 2) == true)
    #expect(slow.pass(answers: 100, slow: 2) == nil, "said once")
  }

  @Test func `few answers say nothing until enough of them have come`() {
    var seconds = Seconds()
    for _ in 0..<4 { #expect(seconds.pass(answers: 10, slow: 10) == nil) }
    #expect(seconds.pass(answers: 10, slow: 10) == true)
    var sparse = Seconds()
    for _ in 0..<100 { #expect(sparse.pass(answers: 4, slow: 4) == nil, "40 in ten seconds are too few") }
  }

  @Test func `it is gone after five good seconds in a row`() {
    var seconds = Seconds()
    #expect(seconds.pass(answers: 200, slow: 200) == true)
    for _ in 0..<4 { #expect(seconds.pass(answers: 200, slow: 0) == nil) }
    #expect(seconds.pass(answers: 200, slow: 200) == nil, "the count begins anew")
    for _ in 0..<4 { #expect(seconds.pass(answers: 200, slow: 0) == nil) }
    #expect(seconds.pass(answers: 200, slow: 0) == false)
    #expect(seconds.pass(answers: 200, slow: 200) == true)
  }

  @Test func `seconds without answers are good ones`() {
    var seconds = Seconds()
    #expect(seconds.pass(answers: 200, slow: 200) == true)
    var changes: [Bool] = []
    for _ in 0..<20 { if let change = seconds.pass(answers: 0, slow: 0) { changes.append(change) } }
    #expect(changes == [false])
  }

  @Test func `what stays slow while training stands still is not blamed on it`() {
    var seconds = Seconds()
    #expect(seconds.pass(answers: 60, slow: 60) == true)
    var changes: [Bool] = []
    for _ in 0..<2000 { if let change = seconds.pass(answers: 60, slow: 60) { changes.append(change) } }
    #expect(changes == [false])
    for _ in 0..<5 { #expect(seconds.pass(answers: 60, slow: 0) == nil) }
    #expect(seconds.pass(answers: 60, slow: 60) == true, "once it was quick, it counts again")
  }

  @Test func `zero milliseconds switch it off`() {
    var seconds = Seconds(p99Ms: 0)
    #expect(seconds.pass(answers: 1000, slow: 1000) == nil)
  }
}
