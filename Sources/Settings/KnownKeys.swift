import Domain

/// What the daemon's files may say, before the defaults are laid under it.
struct DaemonDraft {
  var settings: DaemonSettings
  var defaults = LineOverrides()
}

/// Keys of `lines.d/NAME.toml`, and of the section `defaults`.
func lineKeys() -> [SettingKey<LineOverrides>] {
  [
    .choice("mode", \.mode),
    .choice("time", \.time),
    .number("target_accuracy", \.targetAccuracy, "a number above 0 and below 1") { $0 > 0 && $0 < 1 },
    .number("maturity_hours", \.maturityHours, "a number of hours from 0 to 720") { $0 >= 0 && $0 <= 720 },
    .number("cool_down_hours", \.coolDownHours, "a number of hours from 0 to 8760") { $0 >= 0 && $0 <= 8760 },
    .text(
      "quiet_hours", \.quietHours, "two different times of day such as \"22:00-06:00\", or \"\" for none",
      { $0.isEmpty || QuietHours($0) != nil }),
    .count("retrain_after_days", \.retrainAfterDays, 0...3650, unit: "days"),
    .count("job_rows_minimum", \.jobRowsMinimum, 2...1_000_000, unit: "rows"),
    .count("gate_rows_minimum", \.gateRowsMinimum, 1...1_000_000, unit: "rows"),
    .number("maximum_cell_loss", \.maximumCellLoss, "a number from 0 to 1") { $0 >= 0 && $0 <= 1 },
    .number("latency_ms_max", \.latencyMsMax, "a number of milliseconds from 0.01 to 1000") {
      $0 >= 0.01 && $0 <= 1000
    },
    .number("advice_error_max", \.adviceErrorMax, "a number from 0.0001 to 1") { $0 >= 0.0001 && $0 <= 1 },
    .choice("advice_range", \.adviceRange),
    .choice("advice_lagging", \.adviceLagging),
    .channels("channels", \.channels),
  ]
}

/// Keys of `kaizend.toml` and of the files in `conf.d`.
func daemonKeys() -> [SettingKey<DaemonDraft>] {
  let path = "an absolute path"
  return [
    .text("state_directory", \.settings.stateDirectory.some, path, isAbsolute),
    .text("trainer_path", \.settings.trainerPath.some, path, isAbsolute),
    .choice("log_level", \.settings.logLevel.some),
  ] + socketKeys("infer", \.settings.inferSocket) + socketKeys("grpc", \.settings.grpcSocket)
    + socketKeys("control", \.settings.controlSocket) + [
      .count("limits.body_bytes_max", \.settings.limits.bodyBytesMax.some, 1024...268_435_456, unit: "bytes"),
      .count("limits.connections_max", \.settings.limits.connectionsMax.some, 1...10_000, unit: "connections"),
      .count(
        "limits.request_deadline_ms", \.settings.limits.requestDeadlineMs.some, 1...60_000, unit: "milliseconds"),
      .count("limits.queue_rows_max", \.settings.limits.queueRowsMax.some, 16...1_000_000, unit: "rows"),
    ] + retentionKeys().map { $0.within("ledger", \.settings.retention) }
    + [.choice("ledger.durability", \.settings.durability.some)]
    + [
      .number(
        "monitoring.false_alarms_per_year", \.settings.monitoring.falseAlarmsPerYear.some,
        "a number from 0.01 to 52"
      ) { $0 >= 0.01 && $0 <= 52 },
      .choice("monitoring.teacher_sample", \.settings.monitoring.teacherSample.some),
    ]
    + trainingKeys().map { $0.within("training", \.settings.training) }
    + lineKeys().map { $0.within("defaults", \.defaults) }
}

/// What a retraining may take of the machine.
private func trainingKeys() -> [SettingKey<TrainingSettings>] {
  [
    // Less than 256 MiB holds neither a line's rows nor the arms.
    .count("memory_bytes_max", \.memoryBytesMax.some, (1 << 28)...(1 << 50), unit: "bytes"),
    .number("pause_p99_ms", \.pauseP99Ms.some, "a number of milliseconds from 0 (never) to 60000") {
      $0 >= 0 && $0 <= 60_000
    },
  ]
}

private func retentionKeys() -> [SettingKey<RetentionSettings>] {
  [
    .count("keep_days", \.keepDays.some, 0...36_500, unit: "days"),
    .count("keep_inputs_days", \.keepInputsDays.some, 0...36_500, unit: "days"),
    .count("inputs_per_group", \.inputsPerGroup.some, 500...10_000_000, unit: "parts"),
    .count("bytes_max", \.bytesMax.some, 0...(1 << 50), unit: "bytes"),
    .count("disk_free_bytes_min", \.diskFreeBytesMin.some, 0...(1 << 50), unit: "bytes"),
  ]
}

private func socketKeys(
  _ name: String, _ part: WritableKeyPath<DaemonDraft, SocketSettings>
) -> [SettingKey<DaemonDraft>] {
  let keys: [SettingKey<SocketSettings>] = [
    .text("path", \.path.some, "an absolute path of at most \(socketPathBytesMax) bytes") {
      isAbsolute($0) && $0.utf8.count <= socketPathBytesMax
    },
    SettingKey(
      name: "mode", rule: "four octal digits in quotes, such as \"0660\", that let the owner read and write",
      apply: { value, socket in
        guard case .string(let digits) = value, digits.utf8.count == 4, let mode = UInt32(digits, radix: 8),
          mode <= 0o777, mode & 0o600 == 0o600
        else { return false }
        socket.mode = mode
        return true
      },
      show: { socket in
        let digits = String(socket.mode, radix: 8)
        return .string(String(repeating: "0", count: max(4 - digits.utf8.count, 0)) + digits)
      }),
    SettingKey(
      name: "group", rule: "the name of a group, or \"\" for the daemon's own",
      apply: { value, socket in
        guard case .string(let name) = value, name.isEmpty || isGroupName(name) else { return false }
        socket.group = name.isEmpty ? nil : name
        return true
      },
      show: { .string($0.group ?? "") }),
  ]
  return keys.map { $0.within("sockets.\(name)", part) }
}

/// `sun_path` holds 108 bytes with the final zero.
private let socketPathBytesMax = 107

/// Longest path Linux resolves (PATH_MAX without the final zero).
private let pathBytesMax = 4095

private func isAbsolute(_ path: String) -> Bool {
  let bytes = Array(path.utf8)
  return bytes.first == UInt8(ascii: "/") && bytes.count <= pathBytesMax
    && bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
}

/// What useradd(8) accepts: at most 32 of a-z, 0-9, '-', '_', the first no digit and no '-'.
private func isGroupName(_ name: String) -> Bool {
  let bytes = Array(name.utf8)
  guard let first = bytes.first, bytes.count <= 32 else { return false }
  let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
  let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
  func isInner(_ byte: UInt8) -> Bool {
    letters.contains(byte) || digits.contains(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }
  return (letters.contains(first) || first == UInt8(ascii: "_")) && bytes.allSatisfy(isInner)
}

// Keys that always have a value, seen as optional: the shape keys without one need.
extension String {
  var some: String? {
    get { self }
    set { self = newValue ?? self }
  }
}
extension Int {
  var some: Int? {
    get { self }
    set { self = newValue ?? self }
  }
}
extension MonitoringSettings.TeacherSample {
  var some: MonitoringSettings.TeacherSample? {
    get { self }
    set { self = newValue ?? self }
  }
}
extension Double {
  var some: Double? {
    get { self }
    set { self = newValue ?? self }
  }
}
extension Durability {
  var some: Durability? {
    get { self }
    set { self = newValue ?? self }
  }
}
extension LogLevel {
  var some: LogLevel? {
    get { self }
    set { self = newValue ?? self }
  }
}
