import Domain
import Settings
import Testing

@Suite struct LayersTests {
  @Test func `without any file the defaults of the composition hold`() throws {
    let directory = try ConfigurationDirectory()
    #expect(try DaemonSettings.load(over: .service, from: directory.path) == .service)
    #expect(try DaemonSettings.load(over: .service, from: directory.path + "/absent") == .service)
  }

  @Test func `a state directory of one's own holds its sockets`() throws {
    let settings = DaemonSettings.forStateDirectory("/home/ann/try")
    #expect(settings.inferSocket.path == "/home/ann/try/run/infer.sock")
    #expect(settings.grpcSocket.path == "/home/ann/try/run/grpc.sock")
    #expect(settings.controlSocket.path == "/home/ann/try/run/control.sock")
    #expect(settings.inferSocket.mode == 0o600 && settings.inferSocket.group == nil)
    #expect(DaemonSettings.service.inferSocket.group == "kaizend-clients")
  }

  @Test func `later files override earlier ones key by key`() throws {
    let directory = try ConfigurationDirectory([
      "kaizend.toml": "log_level = \"debug\"\n[limits]\nqueue_rows_max = 100\nconnections_max = 7\n",
      "conf.d/10-site.toml": "limits.queue_rows_max = 200\n[defaults]\nmode = \"observe\"\n",
      "conf.d/20-last.toml": "limits.queue_rows_max = 300\n",
      "conf.d/30-ignored.toml~": "nonsense",
      "conf.d/.40-hidden.toml": "nonsense",
    ])
    let settings = try DaemonSettings.load(over: .service, from: directory.path)
    #expect(settings.logLevel == .debug)
    #expect(settings.limits.queueRowsMax == 300)
    #expect(settings.limits.connectionsMax == 7)
    #expect(settings.limits.bodyBytesMax == Limits().bodyBytesMax)
    #expect(settings.defaults.mode == .observe)
    #expect(settings.origins["limits.queue_rows_max"] == "\(directory.path)/conf.d/20-last.toml:1")
    #expect(settings.origins["limits.connections_max"] == "\(directory.path)/kaizend.toml:4")
    #expect(settings.origins["limits.body_bytes_max"] == nil)
  }

  @Test func `a line takes code, defaults, stored and its own file in this order`() throws {
    let directory = try ConfigurationDirectory([
      "kaizend.toml": "[defaults]\nmaturity_hours = 48\ncool_down_hours = 1\ntarget_accuracy = 0.8\n",
      "lines.d/press-3.toml": "target_accuracy = 0.97\n",
      "lines.d/weld.toml": "",
    ])
    let settings = try DaemonSettings.load(over: .service, from: directory.path)
    var stored = LineOverrides()
    stored.coolDownHours = 12
    stored.targetAccuracy = 0.9
    let press = settings.lineSettings(for: try LineID("press-3"), stored: stored)
    #expect(press.jobRowsMinimum == 375, "code")
    #expect(press.maturityHours == 48, "[defaults]")
    #expect(press.coolDownHours == 12, "stored")
    #expect(press.targetAccuracy == 0.97, "lines.d")
    let weld = settings.lineSettings(for: try LineID("weld"))
    #expect(weld.targetAccuracy == 0.8 && weld.coolDownHours == 1)
    #expect(settings.lines[try LineID("weld")] == LineOverrides())
  }

  @Test func `overrides that say everything replace everything`() {
    let settings = LineSettings(
      mode: .propose, time: .event, targetAccuracy: 0.5, maturityHours: 1, coolDownHours: 3,
      jobRowsMinimum: 40, gateRowsMinimum: 5, maximumCellLoss: 0.6, adviceErrorMax: 0.2,
      adviceRange: .ignore, channels: [OutcomeChannel(name: "audit", samplingProbability: 0.05)],
      quietHours: QuietHours("22:00-06:00"), retrainAfterDays: 90, latencyMsMax: 2.5, adviceLagging: .ignore)
    #expect(LineOverrides(settings).applied(to: LineSettings()) == settings)
    #expect(LineOverrides(LineSettings()).applied(to: settings).quietHours == nil, "none is said too")
    #expect(LineOverrides(settings, differingFrom: LineSettings()).applied(to: LineSettings()) == settings)
    #expect(LineOverrides().applied(to: settings) == settings)
  }

  @Test func `a line can have no quiet hours where all others have some`() throws {
    let directory = try ConfigurationDirectory([
      "kaizend.toml": "[defaults]\nquiet_hours = \"05:30-07:00\"\n", "lines.d/night.toml": "quiet_hours = \"\"\n",
    ])
    let settings = try DaemonSettings.load(over: .service, from: directory.path)
    #expect(settings.lineSettings(for: try LineID("press")).quietHours?.description == "05:30-07:00")
    #expect(settings.lineSettings(for: try LineID("night")).quietHours == nil)
    #expect(settings.entries.first { $0.key == "lines.night.quiet_hours" }?.value == "\"\"")
  }

  @Test func `every key of every type is taken`() throws {
    let directory = try ConfigurationDirectory([
      "kaizend.toml": """
      state_directory = '/srv/kaizend'
      trainer_path = "/opt/trainer"
      log_level = "error"
      sockets.infer = { path = "/srv/i.sock", mode = "0600", group = "" }
      sockets.grpc = { path = "/srv/g.sock", mode = "0666", group = "line" }
      [sockets.control]
      path = "/srv/c.sock"
      mode = "0640"
      group = "ops"
      [limits]
      body_bytes_max = 4_096
      connections_max = 0x10
      request_deadline_ms = 250
      queue_rows_max = 64
      [ledger]
      keep_days = 400
      keep_inputs_days = 40
      inputs_per_group = 600
      bytes_max = 0
      disk_free_bytes_min = 1
      durability = "relaxed"
      [monitoring]
      false_alarms_per_year = 2.5
      teacher_sample = "off"
      [training]
      memory_bytes_max = 268_435_456
      pause_p99_ms = 0
      [defaults]
      mode = "propose"
      time = "event"
      target_accuracy = 0.5
      maturity_hours = 0
      cool_down_hours = 0
      quiet_hours = "22:00-06:00"
      retrain_after_days = 30
      job_rows_minimum = 10
      gate_rows_minimum = 9
      maximum_cell_loss = 0
      latency_ms_max = 0.5
      advice_error_max = 0.01
      advice_range = "ignore"
      advice_lagging = "ignore"
      channels = [
        "audit=0.05", # one in twenty
        "test bench=1", "rework",
      ]
      """
    ])
    let settings = try DaemonSettings.load(over: .service, from: directory.path)
    #expect(settings.stateDirectory == "/srv/kaizend" && settings.trainerPath == "/opt/trainer")
    #expect(settings.logLevel == .error)
    #expect(settings.inferSocket == SocketSettings(path: "/srv/i.sock", mode: 0o600, group: nil))
    #expect(settings.grpcSocket == SocketSettings(path: "/srv/g.sock", mode: 0o666, group: "line"))
    #expect(settings.controlSocket == SocketSettings(path: "/srv/c.sock", mode: 0o640, group: "ops"))
    #expect(settings.limits.bodyBytesMax == 4096 && settings.limits.connectionsMax == 16)
    #expect(settings.limits.requestDeadlineMs == 250 && settings.limits.queueRowsMax == 64)
    #expect(settings.durability == .relaxed)
    #expect(settings.monitoring == MonitoringSettings(falseAlarmsPerYear: 2.5, teacherSample: .off))
    #expect(
      settings.retention
        == RetentionSettings(
          keepDays: 400, keepInputsDays: 40, inputsPerGroup: 600, bytesMax: 0, diskFreeBytesMin: 1))
    #expect(
      settings.defaults
        == LineSettings(
          mode: .propose, time: .event, targetAccuracy: 0.5, maturityHours: 0, coolDownHours: 0,
          jobRowsMinimum: 10, gateRowsMinimum: 9, maximumCellLoss: 0, adviceErrorMax: 0.01,
          adviceRange: .ignore,
          channels: [
            OutcomeChannel(name: "audit", samplingProbability: 0.05),
            OutcomeChannel(name: "test bench", samplingProbability: 1), OutcomeChannel(name: "rework"),
          ], quietHours: QuietHours("22:00-06:00"), retrainAfterDays: 30, latencyMsMax: 0.5, adviceLagging: .ignore))
    #expect(settings.training == TrainingSettings(memoryBytesMax: 1 << 28, pauseP99Ms: 0))
    let sources = settings.entries.map(\.origin)
    #expect(!sources.contains("default"), "the file above sets every key")
  }

  @Test func `a reload names what it changes`() throws {
    let before = try ConfigurationDirectory(["lines.d/a.toml": "maturity_hours = 3\n"])
    let after = try ConfigurationDirectory([
      "kaizend.toml": "log_level = \"debug\"\n[defaults]\ntarget_accuracy = 0.9\n",
      "lines.d/b.toml": "mode = \"observe\"\n",
    ])
    let old = try DaemonSettings.load(over: .service, from: before.path)
    let new = try DaemonSettings.load(over: .service, from: after.path)
    #expect(old.changes(to: old) == [])
    #expect(
      old.changes(to: new).map(\.description) == [
        "log_level: \"info\" -> \"debug\"", "defaults.target_accuracy: none -> 0.9",
        "lines.b.mode: none -> \"observe\"", "lines.a.maturity_hours: 3.0 -> none",
      ])
  }

  @Test func `what a running daemon cannot change stays until its restart, and is told each time`() throws {
    let files = try ConfigurationDirectory([
      "kaizend.toml": """
      trainer_path = "/opt/trainer"
      log_level = "debug"
      [sockets.infer]
      path = "/srv/i.sock"
      [sockets.grpc]
      path = "/srv/g.sock"
      [sockets.control]
      path = "/srv/c.sock"
      [limits]
      connections_max = 8
      [ledger]
      durability = "power"
      """
    ])
    let running = DaemonSettings.service
    let new = try DaemonSettings.load(over: .service, from: files.path)
    let applied = new.withoutRestart(running)
    #expect(
      running.changes(to: applied).map(\.description) == [
        "log_level: \"info\" -> \"debug\"", "limits.connections_max: 256 -> 8",
      ])
    let waiting = [
      "trainer_path", "sockets.infer.path", "sockets.grpc.path", "sockets.control.path", "ledger.durability",
    ]
    #expect(applied.changes(to: new).map(\.key) == waiting)
    #expect(applied.changes(to: new).map(\.key) == waiting, "a second reload finds the same")
  }
}
