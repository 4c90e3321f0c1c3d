import Foundation
import Statistics
import Testing

@Suite struct DetectorCodingTests {
  @Test func `a stored detector goes on where it stopped`() throws {
    var detector = ShiryaevRobertsDetector(nullAccuracy: 0.93)
    for day in Int64(0)..<9 { detector.observe(day: day, correct: 40, wrong: 5, designEffect: 1.1) }
    var restored = try JSONDecoder().decode(ShiryaevRobertsDetector.self, from: JSONEncoder().encode(detector))
    #expect(restored == detector)
    detector.observe(day: 9, correct: 30, wrong: 9, designEffect: 1)
    restored.observe(day: 9, correct: 30, wrong: 9, designEffect: 1)
    #expect(restored == detector)
  }

  @Test(arguments: [
    #"{"nullAccuracy":0.9,"restarts":0,"bets":[]}"#,
    #"{"nullAccuracy":7,"restarts":0,"bets":[BET,BET,BET,BET,BET,BET]}"#,
    #"{"nullAccuracy":0.9,"restarts":-1,"bets":[BET,BET,BET,BET,BET,BET]}"#,
    #"{"nullAccuracy":0.9,"restarts":1,"bets":[BET,BET,BET,BET,BET,{"logSum":1e9,"logLargest":0,"labels":0}]}"#,
  ])
  func `a state no outcomes lead to is refused`(text: String) {
    let bet = #"{"logSum":0,"logLargest":0,"labels":0}"#
    let data = Data(text.replacingOccurrences(of: "BET", with: bet).utf8)
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(ShiryaevRobertsDetector.self, from: data) }
  }
}
