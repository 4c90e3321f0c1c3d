import Foundation
import Testing

extension ProcessTests {
  /// The description of the REST surface, and the daemon, held against each other.
  @Suite(.enabled(if: ClientProgram.python != nil, ClientProgram.missing)) struct RestSurfaceTests {
    /// Requests an operation, besides those at the edges of every value; `make fuzz-rest` asks for more.
    private static let requests = ProcessInfo.processInfo.environment["KAIZEN_REST_REQUESTS"] ?? "10"

    @Test func `schemathesis finds no answer that Config/openapi.yaml does not describe`() async throws {
      try await withDaemon { daemon in
        try await ClientProgram.expect(
          "rest_surface.py", [daemon.infer, ClientProgram.file("Config/openapi.yaml"), Self.requests],
          within: .seconds(600), checks: ["rest surface as published", "rest surface of one line"])
        #expect(daemon.child.end == nil)
        #expect(try await daemon.predictions() > 0, "requests that fit the line were made and answered")
      }
    }
  }
}
