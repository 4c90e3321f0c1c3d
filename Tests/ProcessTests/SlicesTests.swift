import Domain
import Foundation
import Testing
import Wire

extension ProcessTests {
  @Suite struct SlicesTests {
    private func slices(_ daemon: TestedDaemon) async throws -> SlicesReply {
      try await daemon.operate(.slices(try TestLine.id(), anyDependence: false))
    }

    @Test func `a slice is found, adopted, and monitored once later parts have confirmed it`() async throws {
      var settings = PlantDays.settings
      settings.mode = .observe
      try await withDaemon(line: settings) { daemon in
        let folder = daemon.folder
        var days = PlantDays(daemon)
        try await days.stream(days: 5, flipped: true)
        let found = try await slices(daemon)
        #expect((700...800).contains(found.parts), "two hours of the last day have not matured")
        #expect(found.findings.map(\.slice).contains("product=B"))
        #expect(found.findings.first { $0.slice == "product=B" }?.state == "monitored", "it is a group of the line")
        let shown = try await kaizenctl(folder, "slices", "press-1")
        #expect(shown.end == .exited(0) && shown.output.contains("product=B (monitored)"), "\(shown.errors)")

        for slice in ["product=B,x>=0", "x>=0"] {
          let ran = try await kaizenctl(folder, "slices", "press-1", "--adopt", slice, "--reason", "asked for")
          #expect(ran.end == .exited(0), "\(ran.errors)")
        }
        for (slice, sentence) in [
          ("product=B", "monitored already"), ("x>=0", "waits for later parts"), ("x>=100", "30 are needed"),
          ("colour=red", "not an attribute"),
        ] {
          let ran = try await kaizenctl(folder, "slices", "press-1", "--adopt", slice)
          #expect(ran.end == .exited(65) && ran.errors.contains(sentence), "\(ran.errors)")
        }
        #expect(try await slices(daemon).adopted.map(\.state) == ["candidate", "candidate"])

        try await days.stream(days: 4, flipped: true)
        let adopted = try await slices(daemon).adopted
        #expect(adopted.map(\.slice) == ["product=B,x>=0.0", "x>=0.0"])
        #expect(adopted.map(\.state) == ["monitored", "candidate"])
        #expect(adopted[0].partsNeeded == 100 && adopted[0].detail.contains("of 100 later parts are wrong"))
        // Half of the 160 parts of a day, less than those that have not matured.
        #expect(adopted[1].partsNeeded == 1000 && (240...360).contains(adopted[1].partsCome ?? 0))
        let trail = try await kaizenctl(folder, "audit", "show", "--line", "press-1")
        #expect(trail.output.contains("product=B,x>=0.0 is confirmed and monitored from now on"), "\(trail.output)")
      }
    }
  }
}
