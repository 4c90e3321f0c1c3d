import Domain
import Testing

@Suite struct NamesTests {
  @Test(arguments: ["press-1", "a", "0", "die-casting", String(repeating: "x", count: 63)])
  func `a line's name that is safe everywhere is taken`(name: String) throws {
    #expect(try LineID(name).text == name)
  }

  @Test(arguments: ["", "-a", "Press", "a/b", "a b", "ü", "../x", String(repeating: "x", count: 64)])
  func `any other name is refused with the rule`(name: String) {
    let error = #expect(throws: InvalidName.self) { try LineID(name) }
    #expect(error?.sentence.contains("1 to 63") == true)
  }

  @Test func `outcome is not an attribute, and no name comes twice`() {
    #expect(throws: InvalidName.self) { try GroupSchema(attributes: ["mold", "outcome"], includesOutcome: true) }
    #expect(throws: InvalidName.self) { try GroupSchema(attributes: ["mold", "mold"], includesOutcome: false) }
    #expect(throws: InvalidName.self) { try GroupSchema(attributes: [], includesOutcome: false) }
    #expect(throws: InvalidName.self) { try GroupSchema(attributes: ["a=b"], includesOutcome: false) }
  }
}

@Suite struct GroupTextTests {
  let classes = ["pass", "fail"]

  @Test func `a group's text reads back to the same group, whatever its values hold`() throws {
    let schema = try GroupSchema(attributes: ["product", "camera"], includesOutcome: true)
    for values in [["A7", "2"], ["a,b=c%", "new\nline"], ["日本", "?"], ["%41", " "]] {
      for outcome in [nil, 0, 1] {
        let group = GroupKey(cell: Cell(values), outcome: outcome)
        let text = schema.text(group, classNames: classes)
        #expect(try schema.group(parsing: text, classNames: classes) == group, "\(text)")
      }
    }
  }

  @Test func `attributes may stand in any order, and a mistake is named`() throws {
    let schema = try GroupSchema(attributes: ["product", "camera"], includesOutcome: true)
    let group = try schema.group(parsing: "outcome=fail,camera=2,product=A", classNames: classes)
    #expect(group == GroupKey(cell: Cell(["A", "2"]), outcome: 1))
    for (text, word) in [
      ("product=A", "camera"), ("product=A,camera=2,color=red", "color"), ("product=A,product=B,camera=1", "twice"),
      ("product=A,camera=2,outcome=maybe", "maybe"), ("nonsense", "nonsense"),
    ] {
      let error = #expect(throws: InvalidName.self) { try schema.group(parsing: text, classNames: classes) }
      #expect(error?.sentence.contains(word) == true, "\(text)")
    }
  }

  @Test func `an attribute that was not sent is a question mark`() throws {
    let schema = try GroupSchema(attributes: ["product", "camera"], includesOutcome: false)
    #expect(schema.text(schema.cell(["camera": "2", "colour": "red"])) == "product=?,camera=2")
  }
}

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2019-01-02T07:00:00Z", 1_546_412_400), ("2000-02-29T23:59:59Z", 951_868_799),
    ("2100-03-01T00:00:00Z", 4_107_542_400), ("9999-12-31T23:59:59Z", 253_402_300_799),
  ])
  func `RFC 3339 reads and writes back`(text: String, seconds: Int) {
    #expect(Timestamp(text)?.microseconds == Int64(seconds) * 1_000_000)
    #expect(Timestamp(seconds: Int64(seconds)).description == text)
  }

  @Test func `offsets, fractions and bare dates are understood`() {
    #expect(Timestamp("2019-01-02T16:00:00+09:00") == Timestamp("2019-01-02T07:00:00Z"))
    #expect(Timestamp("2019-01-02 02:30:00.25-04:30")?.description == "2019-01-02T07:00:00.25Z")
    #expect(Timestamp("2019-01-02") == Timestamp("2019-01-02T00:00:00Z"))
    #expect(Timestamp("2019-01-02T00:00:00.123456789Z")?.microseconds == 1_546_387_200_123_456)
  }

  @Test(arguments: [
    "", "yesterday", "2019-13-01", "2019-02-29", "2019-01-02T24:00:00Z", "2019-01-02T07:00:00", "2019-01-02T07:00Z",
    "2019-01-02T07:00:00.Z", "2019-01-02T07:00:00Zx", "1969-12-31", "20190102", "2019-01-02T07:00:00+9",
  ])
  func `anything else is not a time`(text: String) { #expect(Timestamp(text) == nil) }

  @Test func `every day of eight centuries goes round`() {
    for day in stride(from: Int64(0), to: 292_000, by: 1) {
      let time = Timestamp(microseconds: day * Timestamp.microsecondsPerDay + 1)
      guard Timestamp(time.description) == time, time.day == day else {
        Issue.record("day \(day) became \(time)")
        return
      }
    }
  }

  @Test func `days before 1970 count down`() {
    #expect(Timestamp(microseconds: -1).day == -1)
    #expect(Timestamp(seconds: 0).advanced(hours: -24).day == -1)
  }
}

@Test(arguments: [
  (0.0, 0), (1, 0), (1.001, 1), (4, 1), (8, 2), (24, 3), (24.5, 4), (72, 5), (168, 6), (336, 7), (720, 8), (2160, 9),
  (2161, 10), (-5, 0),
])
func `delays fall into buckets whose upper bounds belong to them`(hours: Double, bucket: Int) {
  let answered = Timestamp(seconds: 1_000_000_000)
  #expect(OutcomeDelay(answered: answered, arrived: answered.advanced(hours: hours)).bucket == bucket)
}

@Test func `channels are read as the settings write them`() {
  #expect(OutcomeChannel("audit=0.05") == OutcomeChannel(name: "audit", samplingProbability: 0.05))
  #expect(OutcomeChannel("test bench")?.text == "test bench")
  #expect(OutcomeChannel("audit=0.05")?.text == "audit=0.05")
  for wrong in [
    "", "=1", "a=", "a=0", "a=1.5", "a=nan", "a=b=1", "a\nb", " a", "(other)", String(repeating: "x", count: 65),
  ] {
    #expect(OutcomeChannel(wrong) == nil, "\(wrong)")
  }
}
