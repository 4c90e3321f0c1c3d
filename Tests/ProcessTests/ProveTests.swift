import Foundation
import Glibc
import Testing
import UnixSocket

extension ProcessTests {
  @Suite struct ProveTests {
    private func prove(_ words: [String], in folder: Folder) async throws -> Ran {
      try await run(
        try Programs.path("kaizen-plant"), ["prove"] + words, environment: ["TMPDIR": folder.path])
    }

    @Test func `a small plant is streamed at a daemon of its own, and its failure is found`() async throws {
      let folder = try Folder()
      let ran = try await prove(["--seeds", "1", "--scenarios", "small", "--json"], in: folder)
      #expect(ran.end == .exited(0), "\(ran.errors)")
      #expect(ran.errors.isEmpty)
      let reply = try #require(try JSONSerialization.jsonObject(with: Data(ran.output.utf8)) as? [String: Any])
      let proofs = try #require(reply["proofs"] as? [[String: Any]])
      let plant = try #require((proofs.first?["plants"] as? [[String: Any]])?.first)
      #expect((plant["accused"] as? [String])?.isEmpty == true)
      let failure = try #require(plant["failure"] as? [String: Any])
      #expect(failure["group"] as? String == "product=A7,camera=2")
      let days = try #require(failure["days_to_lagging"] as? Double)
      #expect((1...9).contains(days), "a part counts after a day, and the stream ends nine days after the failure")
      #expect(try Folder.names(folder.path).allSatisfy { !$0.hasPrefix("kaizen-") }, "nothing is left")
    }

    @Test func `who is interrupted ends all daemons`() async throws {
      let folder = try Folder()
      let child = try Child(
        try Programs.path("kaizen-plant"), ["prove", "--seeds", "3", "--scenarios", "demo"],
        environment: ["TMPDIR": folder.path], output: folder.file("out"), errors: folder.file("err"))
      func sockets() throws -> [String] {
        try Folder.names(folder.path).map { "\($0)/run/infer.sock" }.filter(folder.has)
      }
      let two = try await eventually("two daemons") { try sockets().count == 2 ? try sockets() : nil }
      child.signal(SIGTERM)
      #expect(try await child.ended() == .exited(128 + SIGTERM))
      for socket in two {
        try await eventually("the end of a daemon") {
          let client = try? await HTTPUnixClient.connect(path: folder.file(socket))
          await client?.close()
          return client == nil ? true : nil
        }
      }
    }

    @Test func `a failure that is not found in time breaks the promise, and the daemon's state is left`() async throws {
      let folder = try Folder()
      let ran = try await prove(["--seeds", "1", "--scenarios", "demo", "--days", "29"], in: folder)
      #expect(ran.end == .exited(1), "\(ran.errors)")
      #expect(ran.errors.contains("demo, seed 1, never called product=B2,camera=2 lagging"), "\(ran.errors)")
      #expect(ran.output.contains("Promises that are broken:"), "\(ran.output)")
      let left = try Folder.names(folder.path).filter { $0.hasPrefix("kaizen-") }
      #expect(left.count == 1 && folder.has("\(left.first ?? "")/state.db"), "\(left)")
    }
  }
}
