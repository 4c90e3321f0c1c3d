import Domain
import GroupDistil
import Testing

private let names = ["labels only", "GroupDistil alpha 0.5", "GroupDistil alpha 0.9"]

@Test func `the arm with the best score is kept`() throws {
  let choice = try #require(ArmChoice(names: names, scores: [0.61, 0.70, 0.68], tie: 0.01))
  #expect(choice.index == 1)
  #expect(choice.sentence.contains("\"GroupDistil alpha 0.5\" (select score 0.700; labels only 0.610"))
  #expect(!choice.sentence.contains("tie"))
}

@Test func `within one point the simpler arm wins`() throws {
  let choice = try #require(ArmChoice(names: names, scores: [0.695, 0.70, 0.704], tie: 0.01))
  #expect(choice.index == 0)
  #expect(choice.sentence.contains("the simpler arm wins a tie"))
  #expect(ArmChoice(names: names, scores: [0.69, 0.695, 0.704], tie: 0.01)?.index == 1)
}

@Test func `skipped arms are not chosen, and without any arm there is no choice`() {
  #expect(ArmChoice(names: names, scores: [nil, nil, 0.5], tie: 0.01)?.index == 2)
  #expect(
    ArmChoice(names: names, scores: [0.2, nil, nil], tie: 0.01)?.sentence.contains("the only arm trained") == true)
  #expect(ArmChoice(names: names, scores: [nil, nil, nil], tie: 0.01) == nil)
}

@Test func `a teacher as good as labels is trusted, one more than a point below is not`() {
  let labels = [GroupTally(correct: 800, total: 1000), GroupTally(correct: 90, total: 100)]
  func gate(_ first: Int, _ second: Int) -> TeacherGate {
    TeacherGate(
      teacher: [GroupTally(correct: first, total: 1000), GroupTally(correct: second, total: 100)], labelsOnly: labels,
      groupNames: ["mold=8412", "mold=8573"])
  }
  // 890 of 1100 are 80.9 %; a point less is 879.
  #expect(gate(800, 90).verdict == .trusted)
  #expect(gate(789, 90).verdict == .trusted)
  #expect(gate(789, 90).reasonNotToUse == nil)
  #expect(gate(788, 90).verdict == .weaker)
  #expect(gate(788, 90).reasonNotToUse == "the teacher is weaker than labels alone here")
  #expect(gate(788, 90).sentence.contains("weaker in mold=8412 (78.8 % against 80.0 %)"))
  let uneven = gate(950, 50)
  #expect(uneven.verdict == .trusted)
  #expect(uneven.sentence.contains("weaker in mold=8573 (50.0 % against 90.0 %)"))
  #expect(!uneven.sentence.contains("mold=8412"))
}

@Test func `without select rows no teacher is trusted`() {
  let none = [GroupTally(correct: 0, total: 0)]
  let gate = TeacherGate(teacher: none, labelsOnly: none, groupNames: ["a"])
  #expect(gate.verdict == .absent)
  #expect(gate.reasonNotToUse == "there were no select rows to examine the teacher on")
}
