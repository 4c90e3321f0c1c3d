import Domain
import Foundation
import NeuralNet
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  @Suite struct ModelFileTests {
    private func answers(_ daemon: TestedDaemon, _ name: String) async throws -> [PartAnswer] {
      var answers: [PartAnswer] = []
      for (index, x) in [-3, -0.4, 0.1, 2.5].enumerated() {
        for product in ["A", "B"] {
          let part = "\(name)-\(product)\(index)"
          answers.append(try PartAnswer(try await daemon.ask(try TestLine.infer(part, x: Float(x), product: product))))
        }
      }
      return answers
    }

    @Test func `a student goes out as ONNX, comes back and answers the same, until a rollback`() async throws {
      try await withDaemon(line: nil) { daemon in
        try await daemon.add(TestLine.addition(LineSettings(mode: .observe), width: 16))
        let file = daemon.folder.file("student.onnx")
        let exported = try await kaizenctl(daemon.folder, "models", "export", "press-1", file)
        #expect(exported.end == .exited(0), "\(exported.errors)")
        #expect(exported.output.hasPrefix("student 1 of line press-1 was written to"))
        let before = try await answers(daemon, "before")

        let imported = try await kaizenctl(
          daemon.folder, "models", "import", "press-1", file, "--activate", "--reason", "trial", "--json")
        #expect(imported.end == .exited(0), "\(imported.errors)")
        let reply: ImportedModelReply = try OperatorCoding.message(from: Array(imported.output.utf8))
        #expect(reply.model.version == 2 && reply.remarks.isEmpty)
        #expect(reply.activation?.changes.map(\.to) == [2, 2])
        let after = try await answers(daemon, "after")
        #expect(after.allSatisfy { $0.version == "2" })
        #expect(zip(before, after).allSatisfy { $0.label == $1.label && $0.confidence == $1.confidence })

        let models: ModelsReply = try await daemon.operate(.models(try TestLine.id()))
        #expect(models.models.map(\.role) == ["retired", "champion"])
        #expect(models.models[0].sha256 == models.models[1].sha256, "the same student, byte for byte")
        let back = try await kaizenctl(daemon.folder, "rollback", "press-1", "--reason", "trial over")
        #expect(back.end == .exited(0), "\(back.errors)")
        #expect(try await answers(daemon, "back").allSatisfy { $0.version == "1" })

        let trail = try await kaizenctl(daemon.folder, "audit", "show", "--json")
        for event in ["model_imported", "model_activated", "model_rolled_back"] {
          #expect(trail.output.contains("\"\(event)\""))
        }
      }
    }

    @Test func `a file that is no student of the line registers nothing and says why`() async throws {
      try await withDaemon { daemon in
        try daemon.folder.write("no.onnx", "class,temp\n1,2\n")
        let wrong = try await kaizenctl(daemon.folder, "models", "import", "press-1", daemon.folder.file("no.onnx"))
        #expect(wrong.end == .exited(65))
        #expect(wrong.errors.contains("the file is not ONNX"), "\(wrong.errors)")
        let missing = try await kaizenctl(daemon.folder, "models", "import", "press-1", daemon.folder.file("gone.onnx"))
        #expect(missing.end == .exited(66), "\(missing.errors)")
        let models: ModelsReply = try await daemon.operate(.models(try TestLine.id()))
        #expect(models.models.count == 1)
      }
    }
  }
}
