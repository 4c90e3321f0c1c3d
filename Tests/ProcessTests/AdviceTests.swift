import Domain
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  /// What a line controller hears of a part, from the daemon itself.
  @Suite struct AdviceTests {
    /// Shown to be right from a confidence of 0.6 on, which |x| = 0.41 has; x lies in -2...2.
    private static let bounds = AdviceBounds(
      confidence: ConfidenceLadder(
        rungs: [
          .init(threshold: 0.6, accepted: 800, wrong: 8),
          .init(threshold: 0, accepted: 1000, wrong: 150),
        ], total: 1000),
      range: TrainedRange(lowest: [-2, -1], highest: [2, 1], margin: 0.1, heldOut: 1000, outside: 4, ignored: []))

    private func parameters(_ answer: WireResponse) throws -> [String?] {
      let reply = try InferReply(parsing: answer.body)
      return [reply.parameters["advice"]?.text, reply.parameters["advice_reasons"]?.text]
    }

    @Test func `known parts are accepted, others go to manual check with their reasons, and status has the shares`()
      async throws
    {
      try await withDaemon { daemon in
        try await daemon.add(
          TestLine.addition(LineSettings(), name: "press-2", advice: Self.bounds))
        let line = try LineID("press-2")
        func ask(_ id: String, x: Float, product: String = "A") async throws -> [String?] {
          let request = InferRequest(
            id: id, parameters: ["product": .text(product)], inputs: [TestLine.features([x])])
          return try parameters(try await daemon.ask(.infer(line, nil, request)))
        }
        #expect(try await ask("known", x: 1) == ["accept", nil])
        #expect(try await ask("unsure", x: 0.1) == ["manual_check", "low_confidence"])
        #expect(try await ask("new", x: 1, product: "Z") == ["manual_check", "unseen_group"])
        #expect(try await ask("far", x: 3) == ["manual_check", "out_of_range"])
        #expect(try await ask("far", x: 3) == ["manual_check", "out_of_range"], "asked again")

        let batch = InferRequest(
          id: "tray", parameters: ["product": .text("A")], inputs: [TestLine.features([1, 0.1, 5])],
          outputs: ["advice", "advice_reasons"])
        let reply = try InferReply(parsing: try await daemon.ask(.infer(line, nil, batch)).body)
        #expect(
          reply.outputs.map(\.data.asTexts) == [
            ["accept", "manual_check", "manual_check"], ["", "low_confidence", "out_of_range"],
          ])

        let status = try #require(try await daemon.status().lines.first { $0.line == "press-2" })
        #expect(
          status.advice
            == AdviceStatus(
              parts: 7, manualCheckShare: 5.0 / 7, lowConfidenceShare: 2.0 / 7, unseenGroupShare: 1.0 / 7,
              outOfRangeShare: 2.0 / 7, notANumberShare: 0, weakGroupShare: 0))
        #expect(status.adviceRules.count == 2)
        #expect(status.adviceRules.first?.contains("below a confidence of 0.6000") == true)
      }
    }
  }
}
