import ControlText
import Testing

@Test(arguments: [(0.881, "88.1 %"), (0, "0.0 %"), (1, "100.0 %"), (0.8804999, "88.0 %"), (.nan, "- %")])
func `a percentage has one decimal`(fraction: Double, text: String) {
  #expect(percent(fraction) == text)
}

@Test func `an accuracy that is not known is words and never 0`() {
  #expect(accuracyText(nil, lower: nil, upper: nil) == "not enough labels yet")
  #expect(accuracyText(nil, lower: 0, upper: 1) == "not enough labels yet")
  #expect(accuracyText(0.881, lower: 0.832, upper: 0.919) == "88.1 % [83.2, 91.9]")
  #expect(accuracyText(0.5, lower: nil, upper: nil) == "50.0 %")
}

@Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (58802, "58,802"), (-1_234_567, "-1,234,567")])
func `counts have thousands separators`(count: Int, text: String) {
  #expect(countText(count) == text)
}

@Test func `the smallest integer does not overflow`() {
  #expect(countText(Int.min) == "-9,223,372,036,854,775,808")
}

@Test func `nouns follow their count`() {
  #expect(countText(1, "part") == "1 part")
  #expect(countText(2, "part") == "2 parts")
  #expect(countText(0, "part") == "0 parts")
}

@Test(arguments: [
  (0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (31_240_000, "31.2 MB"), (999_999_999, "1.0 GB"),
  (3_100_000_000, "3.1 GB"), (5_000_000_000_000, "5.0 TB"),
])
func `bytes come in powers of 1000`(bytes: Int, text: String) {
  #expect(bytesText(bytes) == text)
}

@Test(arguments: [
  (0.2, "under 1 s"), (42, "42 s"), (59.7, "1 min"), (185, "3 min 5 s"), (7200, "2 h"), (7800, "2 h 10 min"),
  (.infinity, "an unknown time"),
])
func `durations are said in the units a person would use`(seconds: Double, text: String) {
  #expect(durationText(seconds: seconds) == text)
}

@Test(arguments: [
  (0.8124, 3, "0.812"), (-0.5, 1, "-0.5"), (-0.04, 1, "0.0"), (12.5, 0, "13"), (0.005, 2, "0.01"), (1e300, 1, "-"),
])
func `decimals keep their places`(value: Double, places: Int, text: String) {
  #expect(decimal(value, places: places) == text)
}
