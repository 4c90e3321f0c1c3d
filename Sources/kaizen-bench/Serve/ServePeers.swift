import Foundation
import Glibc
import Teacher

/// Servers in Python beside kaizend: the same request, the same student, the same logging.
struct ServePeers {
  private let python: String
  private let script: String

  static let howTo = "'make bench-serve-peers' installs them, or name a Python that has them with --python"
  /// FastAPI and ONNX Runtime load for seconds from a cold disk.
  private static let startSeconds = 60.0
  /// ONNX Runtime adds in another order than we.
  private static let tolerance: Float = 1e-4

  /// - Throws: `BenchFailure` saying what is missing.
  init(python: String?) throws {
    guard let script = Peers.script("serve_peers.py") else {
      throw BenchFailure("serve_peers.py of the sources is not above this program's folder")
    }
    self.python = Peers.program(python, script: script)
    self.script = script.path
    guard access(self.python, X_OK) == 0 else { throw BenchFailure("there is no \(self.python); \(Self.howTo)") }
  }

  /// - Parameter folder: for its socket, its ledger and the student as ONNX.
  func start(_ subject: ServeSubject, bench: BenchLines, folder: String, placement: Placement, connections: [Int])
    async throws -> ServeEntrant
  {
    let base = "\(folder)/\(subject.rawValue)"
    try Data(bench.student.onnx()).write(to: URL(filePath: base + ".onnx"))
    let server = try ServerProcess(
      program: python,
      arguments: [
        script, subject.rawValue, "--model", base + ".onnx", "--ledger", base + ".db", "--socket", base + ".sock",
      ],
      environment: ["OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"], placement: placement)
    do {
      try server.waitUntilListening(base + ".sock", seconds: Self.startSeconds)
      let requests = try await Encoding.json.requests(bench, socket: base + ".sock", tolerance: Self.tolerance)
      return ServeEntrant(
        subject: subject, socket: base + ".sock", server: server, requests: requests, connections: connections)
    } catch {
      server.stop()
      throw BenchFailure("\(error); \(Self.howTo)")
    }
  }
}
