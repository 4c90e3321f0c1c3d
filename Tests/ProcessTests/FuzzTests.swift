import Foundation
import Testing

extension ProcessTests {
  /// In a process of its own: a crash of a reader is then one failed test and not the end of all.
  @Suite struct FuzzTests {
    @Test func `thousands of mutants of every format give a result or a sentence, in little memory`() async throws {
      let ran = try await run(try Programs.path("kaizen-bench"), ["fuzz", "--count", "20000", "--seed", "5", "--json"])
      #expect(ran.end == .exited(0), "\(ran.errors)")
      let object = try #require(try JSONSerialization.jsonObject(with: Data(ran.output.utf8)) as? [String: Any])
      let formats = try #require(object["formats"] as? [[String: Any]])
      #expect(formats.compactMap { $0["format"] as? String } == ["onnx", "npz", "csv", "json", "raw"])
      for format in formats {
        let read = try #require(format["read"] as? Int)
        let refused = try #require(format["refused"] as? Int)
        #expect(read + refused == 4000)
        // The mutants are neither all harmless nor all turned away at the door.
        #expect(read > 40 && refused > 1000 && (format["sentences"] as? Int ?? 0) > 10, "\(format)")
      }
      #expect(try #require(object["peak_kilobytes"] as? Int) < 300_000)
    }
  }
}
