import Domain
import Foundation
import Testing
import Wire

extension ProcessTests {
  @Suite struct ReportTests {
    private func report(_ daemon: TestedDaemon, since: Timestamp? = nil) async throws -> ReportReply {
      try await daemon.operate(.report(try TestLine.id(), since: since))
    }

    @Test func `a line's days are counted, and its report is a page in both languages`() async throws {
      var settings = PlantDays.settings
      settings.mode = .observe
      try await withDaemon(line: settings) { daemon in
        let folder = daemon.folder
        let empty = try await report(daemon)
        #expect(empty.groups.isEmpty && empty.runs.map(\.run.kind) == ["first"])

        var days = PlantDays(daemon)
        try await days.stream(days: 5, flipped: false)
        try await days.stream(days: 2, flipped: true)
        let reply = try await report(daemon)
        #expect(reply.groups.map(\.group) == ["product=A", "product=B"] && reply.periodDays == 1)
        for group in reply.groups {
          let series = group.series
          #expect(series.days == (1...7).map { "2024-01-0\($0)" })
          #expect(series.versions.allSatisfy { $0 == 1 } && series.judged == series.parts)
          // Two hours of the last day have not matured.
          #expect(series.parts.dropLast().allSatisfy { $0 == PlantDays.partsPerDay })
        }
        let counted = reply.groups.reduce(0) { $0 + $1.series.parts.reduce(0, +) }
        #expect(counted + reply.youngParts == 2 * 7 * PlantDays.partsPerDay)
        let right = try #require(reply.groups.last).series.right
        #expect(right.prefix(5).allSatisfy { $0 > 65 } && right[5] < 15, "product B is turned from the sixth day on")

        let later = try await report(daemon, since: Timestamp("2024-01-06"))
        #expect(later.groups.allSatisfy { $0.series.days.first == "2024-01-06" })

        for (language, words) in [("en", "What this report cannot say"), ("ja", "要約")] {
          let page = folder.file("report-\(language).html")
          let ran = try await kaizenctl(folder, "report", "press-1", "--html", page, "--lang", language)
          #expect(ran.end == .exited(0), "\(ran.errors)")
          let html = try String(contentsOfFile: page, encoding: .utf8)
          #expect(html.contains(words) && html.contains("<html lang=\"\(language)\">"))
          #expect(html.contains("product=B"))
        }
        let unknown = try await kaizenctl(folder, "report", "press-9")
        #expect(unknown.end == .exited(66), "\(unknown.errors)")
      }
    }
  }
}
