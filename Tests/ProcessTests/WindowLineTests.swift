import Domain
import Foundation
import NeuralNet
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  /// A line of windows from a file to a restart: two channels of 16 samples, slow waves good and fast ones bad.
  @Suite struct WindowLineTests {
    private static let line = "spindle"
    private static let channels = 2
    private static let length = 16

    /// `[2, 16]` row-major.
    private func wave(isBad: Bool, with random: inout Generator) -> [Float] {
      (0..<Self.channels).flatMap { _ in
        let phase = random.uniform() * 2 * .pi
        return (0..<Self.length).map { sample in
          Float(sin(Double(sample) * (isBad ? 1.9 : 0.5) + phase) + 0.2 * random.normal())
        }
      }
    }

    private func file(rows: Int, with random: inout Generator) -> String {
      let names = (0..<Self.channels * Self.length).map { "s\($0)" }
      var text = "seq,speed,label,\(names.joined(separator: ","))\n"
      for row in 0..<rows {
        let isBad = row % 2 == 1
        let values = wave(isBad: isBad, with: &random).map { "\($0)" }
        text += "\(row),\(row % 4 < 2 ? "low" : "high"),\(isBad ? "bad" : "good"),\(values.joined(separator: ","))\n"
      }
      return text
    }

    private func ask(_ daemon: TestedDaemon, _ shape: [Int], _ values: [Float]) async throws -> WireResponse {
      let tensor = Tensor(name: "signal", shape: shape, datatype: .fp32, data: .floats(values))
      return try await daemon.ask(
        .infer(try LineID(Self.line), nil, InferRequest(parameters: ["speed": .text("low")], inputs: [tensor])))
    }

    private func labels(_ answer: WireResponse) throws -> [String] {
      try InferReply(parsing: answer.body).outputs.first { $0.name == "label" }?.data.asTexts ?? []
    }

    @Test func `a line of windows is checked, made, asked in every shape and still there after a restart`() async throws
    {
      try await withDaemon(line: nil) { daemon in
        var random = Generator(seed: 3)
        try daemon.folder.write("parts.csv", file(rows: 400, with: &random))
        let options = [
          "--data", daemon.folder.file("parts.csv"), "--label", "label", "--groups", "speed", "--input", "window:2x16",
          "--student", Self.student,
        ]
        let checked = try await kaizenctl(daemon.folder, ["line", "check"] + options + ["--json"])
        #expect(checked.end == .exited(0), "\(checked.errors)")
        let check = try OperatorCoding.message(LineCheckReply.self, from: Array(checked.output.utf8)).check
        #expect(check.inputShape == .window(channels: 2, length: 16))
        #expect(check.student.layers == Self.student)
        #expect(check.labelledRows == 400)
        #expect(check.latency.passes >= 20 && check.latency.p99Microseconds >= check.latency.medianMicroseconds)
        #expect(check.trainingSeconds != nil)

        let added = try await kaizenctl(daemon.folder, ["line", "add", Self.line] + options)
        #expect(added.end == .exited(0), "\(added.errors)")
        #expect(added.output.contains("window 2x16, 32 numbers a part"), "\(added.output)")
        try await serves(daemon, with: &random)
        try await predictsByHand(daemon, with: &random)

        try await daemon.stop()
        let again = try TestedDaemon(daemon.folder)
        try await again.ready()
        try await serves(again, with: &random)
        try await again.stop()
      }
    }

    private static let student = "conv8k3,mean"

    private func serves(_ daemon: TestedDaemon, with random: inout Generator) async throws {
      let metadata = try await daemon.ask(.modelMetadata(try LineID(Self.line), nil))
      let told = String(decoding: metadata.body, as: UTF8.self)
      #expect(told.contains(#""shape":[-1,2,16]"#), "\(told)")
      let (good, bad) = (wave(isBad: false, with: &random), wave(isBad: true, with: &random))
      for shape in [[1, 2, 16], [2, 16], [32], [1, 32]] {
        #expect(try labels(try await ask(daemon, shape, good)) == ["good"], "\(shape)")
      }
      for shape in [[2, 2, 16], [2, 32]] {
        #expect(try labels(try await ask(daemon, shape, good + bad)) == ["good", "bad"], "\(shape)")
      }
      let refused = try await ask(daemon, [1, 16, 2], good)
      #expect(refused.status == 400)
      #expect(refused.errorSentence.contains("this line's [n, 2, 16] ([n, 32] will do)"), "\(refused.errorSentence)")
    }

    private func predictsByHand(_ daemon: TestedDaemon, with random: inout Generator) async throws {
      let row = try await kaizenctl(daemon.folder, "lines", Self.line)
      #expect(row.output.contains("window 2x16") && row.output.contains(Self.student), "\(row.output)")
      try daemon.folder.write("part.json", "\(wave(isBad: true, with: &random))")
      let asked = try await kaizenctl(
        daemon.folder, "predict", Self.line, "--attribute", "speed=low", "--json-inputs",
        daemon.folder.file("part.json"))
      #expect(asked.output.contains(": bad ("), "\(asked.output) \(asked.errors)")
    }
  }
}
