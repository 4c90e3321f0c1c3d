import Domain
import Foundation
import Glibc
import NeuralNet
import Testing
import UnixSocket
import Wire

extension ProcessTests {
  /// The daemon, the training process or both are killed at random moments of a job, from its start to the promotion.
  @Suite struct RetrainKillTests {
    /// Jobs that are broken; `KAIZEN_KILL_POINTS` asks for more than a test run has time for.
    private static let points = ProcessInfo.processInfo.environment["KAIZEN_KILL_POINTS"].flatMap(Int.init) ?? 6

    private enum Victim: CaseIterable { case daemon, trainer, both }

    @Test func `whatever is killed at whatever moment of a job, one whole student serves and the trail is whole`()
      async throws
    {
      let template = try await laggingPlant()
      var random = Generator(seed: 20)
      let whole = try await uninterruptedJob(of: template)
      var ends: [String: Int] = [:]
      for point in 0..<Self.points {
        let victim = Victim.allCases[point % Victim.allCases.count]
        let end = try await job(of: template, killing: victim, after: whole * (0.02 + 1.1 * random.uniform()))
        ends["\(victim) killed: \(end)", default: 0] += 1
      }
      for (end, count) in ends.sorted(by: { $0.key < $1.key }) { print("\(count) x \(end)") }
    }

    /// The state of a plant whose product B lags, and where nothing starts by itself.
    private func laggingPlant() async throws -> Folder {
      let folder = try Folder()
      let daemon = try TestedDaemon(folder)
      try await daemon.ready()
      var settings = PlantDays.settings
      settings.mode = .observe
      try await daemon.add(TestLine.addition(settings))
      var days = PlantDays(daemon)
      try await days.stream(days: 8, flipped: false)
      try await days.stream(days: 8, flipped: true)
      try await daemon.stop()
      return folder
    }

    private func copy(_ template: Folder) throws -> (folder: Folder, daemon: TestedDaemon) {
      let folder = try Folder()
      for name in try Folder.names(template.path) where name != "run" && !name.hasPrefix("daemon.") {
        try FileManager.default.copyItem(atPath: template.file(name), toPath: folder.file(name))
      }
      let trainer = try Programs.path("kaizen-trainer")
      try folder.write("config/kaizend.toml", "trainer_path = \"\(trainer)\"\n")
      // Now it acts: what lags is retrained at the start.
      try folder.write("config/lines.d/press-1.toml", "mode = \"auto\"\n")
      return (folder, try TestedDaemon(folder))
    }

    private func startedJob(_ daemon: TestedDaemon) async throws -> Int {
      try await daemon.ready()
      return try await eventually("the start of a job") {
        let reply: RunsReply = try await daemon.operate(.runs(try TestLine.id()))
        return reply.runs.first { $0.kind == "retrain" }?.run
      }
    }

    /// Seconds of a job that nobody breaks.
    private func uninterruptedJob(of template: Folder) async throws -> Double {
      let (_, daemon) = try copy(template)
      let run = try await startedJob(daemon)
      let start = ContinuousClock.now
      let row = try await ended(run, daemon)
      let time = ContinuousClock.now - start
      #expect(row.state == "promoted", "\(row.sentence)")
      try await daemon.stop()
      return Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    }

    private func ended(_ run: Int, _ daemon: TestedDaemon) async throws -> RunRow {
      try await eventually("the end of run \(run)") {
        let row: RunRow = try await daemon.operate(.run(run))
        return row.endedAt == nil ? nil : row
      }
    }

    /// - Parameter seconds: of the job, before the blow: the moment is what is tried here, not waited for.
    /// - Returns: how the run ended.
    private func job(of template: Folder, killing victim: Victim, after seconds: Double) async throws -> String {
      let (folder, first) = try copy(template)
      let run = try await startedJob(first)
      try await Task.sleep(for: .seconds(seconds))
      let trainers = Self.trainers(of: first.child.pid)
      if victim != .daemon { for trainer in trainers { kill(trainer, SIGKILL) } }
      var daemon = first
      if victim != .trainer {
        try await first.stop(SIGKILL)
        // One that lives on sees for itself that its daemon is gone.
        for trainer in trainers { try await eventually("the trainer's end") { kill(trainer, 0) != 0 ? true : nil } }
        daemon = try TestedDaemon(folder)
        try await daemon.ready()
      }
      let row = try await ended(run, daemon)
      #expect(["promoted", "failed", "interrupted"].contains(row.state), "\(row.state): \(row.sentence)")
      if victim == .daemon { #expect(row.state != "failed", "\(row.sentence)") }
      let isPromoted = row.state == "promoted"
      let healthy = try PartAnswer(try await daemon.ask(try TestLine.infer("after-a", x: 0.8, product: "A")))
      #expect(healthy.version == "1" && healthy.label == "good")
      let mended = try PartAnswer(try await daemon.ask(try TestLine.infer("after-b", x: 0.8, product: "B")))
      #expect(mended.version == (isPromoted ? "2" : "1") && mended.label == (isPromoted ? "bad" : "good"))
      let models: ModelsReply = try await daemon.operate(.models(try TestLine.id()))
      #expect(models.models.count == (isPromoted ? 2 : 1))
      #expect(try await kaizenctl(folder, "audit", "verify").end == .exited(0))
      let doctor = try await kaizenctl(folder, "doctor")
      #expect(doctor.end == .exited(0), "\(doctor.output)\(doctor.errors)")
      try await daemon.stop()
      return row.state
    }

    /// Training processes that this daemon has started.
    private static func trainers(of daemon: pid_t) -> [pid_t] {
      let numbers = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
      return numbers.compactMap { pid_t($0) }.filter { process in
        let stat = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        guard let end = stat.lastIndex(of: ")"), stat.contains("(kaizen-trainer)") else { return false }
        return stat[end...].split(separator: " ").dropFirst(2).first.flatMap { pid_t($0) } == daemon
      }
    }
  }
}
