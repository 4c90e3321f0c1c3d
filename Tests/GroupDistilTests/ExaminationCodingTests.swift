import Domain
import FoundationEssentials
import Testing

@Test func `an examination written before calibration was known can still be read`() throws {
  let old = #"{"name":"oracle","scores":[],"verdict":"trusted","sentence":"trusted"}"#
  let read = try JSONDecoder().decode(TeacherExamination.self, from: Data(old.utf8))
  #expect(read.name == "oracle" && read.calibration == nil)
  let calibration = TeacherCalibration(
    expectedError: 0.05, expectedErrorAfter: 0.01, temperature: 1.5, worstGroup: GroupKey(cell: Cell(["A"])),
    worstGroupExcess: 0.1, rows: 300)
  let new = TeacherExamination(
    name: "a", scores: [], verdict: .trusted, sentence: "b", calibration: calibration)
  #expect(try JSONDecoder().decode(TeacherExamination.self, from: JSONEncoder().encode(new)) == new)
}
