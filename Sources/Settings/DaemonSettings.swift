import Domain

/// Everything the daemon is told by its files, validated.
public struct DaemonSettings: Sendable, Equatable {
  /// Absolute directory of the ledger, the state database, teachers and the quarantine.
  public var stateDirectory: String
  /// Absolute path of the training program the daemon starts for a retraining.
  public var trainerPath: String
  public var logLevel: LogLevel
  /// Where predictions and outcomes come in.
  public var inferSocket: SocketSettings
  /// Where predictions come in over gRPC.
  public var grpcSocket: SocketSettings
  /// Where the operator's tools come in.
  public var controlSocket: SocketSettings
  public var limits: Limits
  /// When a part is answered.
  public var durability: Durability
  public var retention: RetentionSettings
  public var monitoring: MonitoringSettings
  /// What a retraining may take of the machine.
  public var training: TrainingSettings
  /// Settings of a line that says nothing itself.
  public var defaults: LineSettings
  /// What `lines.d/NAME.toml` lays over the settings stored with a line.
  public var lines: [LineID: LineOverrides]
  /// Keys a file has set, as `file:line`; every other key has the default of the code.
  public var origins: [String: String]

  /// The installed service: /etc/kaizend, /var/lib/kaizend, /run/kaizend.
  public static let service = DaemonSettings(
    stateDirectory: "/var/lib/kaizend",
    inferSocket: SocketSettings(path: "/run/kaizend/infer.sock", mode: 0o660, group: "kaizend-clients"),
    grpcSocket: SocketSettings(path: "/run/kaizend/grpc.sock", mode: 0o660, group: "kaizend-clients"),
    controlSocket: SocketSettings(path: "/run/kaizend/control.sock", mode: 0o660, group: "kaizend-operators"))

  /// A daemon in a user's own directory, for trying out: sockets in DIR/run for the user alone.
  public static func forStateDirectory(_ path: String) -> DaemonSettings {
    DaemonSettings(
      stateDirectory: path,
      inferSocket: SocketSettings(path: path + "/run/infer.sock", mode: 0o600, group: nil),
      grpcSocket: SocketSettings(path: path + "/run/grpc.sock", mode: 0o600, group: nil),
      controlSocket: SocketSettings(path: path + "/run/control.sock", mode: 0o600, group: nil))
  }

  init(
    stateDirectory: String, inferSocket: SocketSettings, grpcSocket: SocketSettings, controlSocket: SocketSettings
  ) {
    self.stateDirectory = stateDirectory
    self.inferSocket = inferSocket
    self.grpcSocket = grpcSocket
    self.controlSocket = controlSocket
    trainerPath = "/usr/libexec/kaizend/kaizen-trainer"
    logLevel = .info
    limits = Limits()
    durability = .commit
    retention = RetentionSettings()
    monitoring = MonitoringSettings()
    training = TrainingSettings()
    defaults = LineSettings()
    lines = [:]
    origins = [:]
  }

  /// Settings a line runs by: code <- [defaults] <- what was stored with the line <- `lines.d/NAME.toml`.
  public func lineSettings(for line: LineID, stored: LineOverrides = LineOverrides()) -> LineSettings {
    let added = stored.applied(to: defaults)
    return lines[line]?.applied(to: added) ?? added
  }
}

/// One Unix socket the daemon listens on when systemd does not hand it over.
public struct SocketSettings: Sendable, Equatable {
  /// Absolute, at most 107 bytes: the length of `sun_path`.
  public var path: String
  /// Permission bits of the socket file.
  public var mode: UInt32
  /// Group that owns the socket file; nil: the daemon's own.
  public var group: String?

  public init(path: String, mode: UInt32, group: String?) {
    self.path = path
    self.mode = mode
    self.group = group
  }
}

/// Bounds the operator may move; each keeps one client from taking the machine away from the others.
public struct Limits: Sendable, Equatable {
  /// Bytes of a request's body: 16 MiB hold 4096 rows of 1000 features.
  public var bodyBytesMax = 16 * 1024 * 1024
  /// Open connections of a socket: a plant has tens of clients, a leak has thousands.
  public var connectionsMax = 256
  /// Milliseconds a request may take when it names no deadline itself.
  public var requestDeadlineMs = 1000
  /// Rows waiting for the ledger: at 1000 rows a second eight seconds of a stalled disk.
  public var queueRowsMax = 8192

  public init() {}
}

/// The least severe event that is written to the log.
public enum LogLevel: String, Sendable, CaseIterable {
  case trace, debug, info, notice, warning, error, critical
}
