import Domain
import Engine
import FoundationEssentials
import Glibc
import InferenceRPC
import Logging
import ServiceLifecycle
import Settings
import Store
import Systemd
import TrainerProcess
import UnixSignals
import UnixSocket
import Wire

/// The composition root: opens, composes, runs, and goes back the same way on SIGTERM.
struct Daemon {
  let settings: DaemonSettings
  let configuration: Configuration
  let clock = DaemonClock()
  /// Whom the audit names for what nobody asked for over a socket: the daemon's own decisions, and SIGHUP.
  let principal = Principal(uid: getuid(), login: "kaizend")

  /// Requests that have been read are answered within this when the daemon stops.
  static let drainLimit = Duration.seconds(10)
  /// What systemd grants a database that is brought up to date, again and again until it is.
  private static let migrationStep = Duration.seconds(60)

  func run() async throws(DaemonFailure) {
    // First of all: a stop that comes while the daemon starts is kept until it can be carried out in order.
    let stops = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    let hangups = await UnixSignalsSequence(trapping: .sighup)
    let notifier = Notifier()
    let threshold = LogThreshold(settings.logLevel.loggerLevel)
    let logger = makeLogger(threshold)
    let (plant, lock) = try open(notifier: notifier, logger: logger)
    let limits = LimitsInForce(settings.limits.sockets)
    let stages = StageHistograms()
    let reloader = Reloader(
      settings: settings, configuration: configuration, plant: plant, limits: limits, threshold: threshold,
      notifier: notifier, logger: logger)
    let inference = InferenceDesk(plant: plant, clock: clock)
    let directory = settings.stateDirectory
    let maintenance = Maintenance(stateDirectory: directory, plant: plant, clock: clock, logger: logger)
    let watch = LogWatch(path: "\(directory)/\(StoreFile.ledger)", logger: logger)
    let slices = SliceDesk(stateDirectory: directory, plant: plant, logger: logger)
    let operators = OperatorDesk(
      plant: plant, clock: clock, teachers: TeacherFolder(stateDirectory: directory), stages: stages,
      reloader: reloader, maintenance: maintenance, ledger: LedgerDesk(stateDirectory: directory, plant: plant),
      slices: slices, report: ReportDesk(stateDirectory: directory, plant: plant), watch: watch)
    let sockets = inheritedSockets()
    // Whoever waits for infer.sock finds the operators' socket open too.
    let controlServer = try await serve(
      settings.controlSocket, inherited: sockets["control"], limits: limits, logger: logger
    ) {
      operators.answer($0, from: $1, reply: $2)
    }
    let inferServer = try await serve(
      settings.inferSocket, inherited: sockets["infer"], limits: limits, logger: logger, stages: stages,
      afterRound: { plant.turn() }
    ) {
      inference.answer($0, from: $1, reply: $2)
    }
    let rpc = try rpcService(inherited: sockets["grpc"], limits: limits, logger: logger) {
      inference.answer($0, from: $1.uid, deadline: $1.deadline, reply: $2)
    }
    let heartbeat = Heartbeat(
      plant: plant, clock: clock, watch: watch, slices: slices, socketPath: settings.inferSocket.path,
      notifier: notifier, logger: logger)
    let pause = TrainingPause(stages: stages, p99Ms: settings.training.pauseP99Ms) {
      plant.setTrainingPaused($0, because: $1)
    }
    notifier.ready()
    logger.notice(
      "kaizend \(daemonVersion) serves \(counted(plant.serving.lineIDs.count, "line")) from \(settings.stateDirectory)",
      metadata: ["event": "ready"])
    // Ended from the last to the first. The heartbeat before the sockets: where systemd keeps them open, its next request
    // would wait in them for a daemon that starts when this one has ended.
    let services: [any Service] = [
      PlantService(plant: plant), pause, MaintenanceService(maintenance: maintenance),
      SocketService(server: controlServer), SocketService(server: inferServer), rpc,
      HangupService(signals: hangups, reloader: reloader, principal: principal), heartbeat,
    ]
    let stop = ServiceGroupConfiguration.ServiceConfiguration(
      service: StopRequest(signals: stops, notifier: notifier), successTerminationBehavior: .gracefullyShutdownGroup)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(services: services.map { .init(service: $0) } + [stop], logger: logger))
    do {
      try await group.run()
    } catch {
      throw DaemonFailure("a part of the daemon ended by itself: \(error)", exitCode: 70)
    }
    withExtendedLifetime(lock) {}
    let unrecorded = await plant.ledgerOverview().unrecordedPredictions
    let rest = unrecorded == 0 ? "everything answered is recorded" : "\(unrecorded) answers are not in the ledger"
    logger.notice("kaizend stopped; \(rest)", metadata: ["event": "stopped"])
  }

  private func open(notifier: Notifier, logger: Logger) throws(DaemonFailure) -> (Plant, StateLock) {
    let directory = settings.stateDirectory
    do {
      // Before any database: opening one may migrate it, which must not happen under a daemon that runs.
      let lock = try StateLock(directory: directory)
      try tidy(directory, logger: logger)
      let registry = try SQLiteRegistry.open(stateDirectory: directory)
      try tellRestore(directory, registry, logger: logger)
      let opened = try SQLiteLedger.open(
        stateDirectory: directory, at: clock.now(), durability: settings.durability,
        migrating: { notifier.extendTimeout(by: Self.migrationStep) })
      if let quarantined = opened.quarantined {
        logger.critical(
          "the ledger was damaged (\(quarantined.reason)) and is kept at \(quarantined.path); a new one was started",
          metadata: ["event": "ledger_quarantined"])
      }
      let journal = openJournal(directory, logger: logger)
      let clock = clock
      let ports = PlantPorts(
        ledger: opened.ledger, journal: journal, durability: settings.durability, registry: registry,
        trainer: ProcessTrainer(executable: trainerPath, stateDirectory: directory),
        examiner: ProcessExaminer(executable: trainerPath, stateDirectory: directory),
        settings: Reloader.lineSettings(settings), wallClock: { clock.now() }, clockSync: { clock.sync },
        retention: settings.retention, monitoring: settings.monitoring, training: settings.training,
        principal: principal, queueRows: settings.limits.queueRowsMax, logger: logger)
      return (try Plant(ports), lock)
    } catch let failure as OpenFailure {
      throw DaemonFailure(failure)
    } catch let failure as StorageFailure {
      throw DaemonFailure(failure)
    } catch let failure as DaemonFailure {
      throw failure
    } catch {
      throw DaemonFailure("the state directory \(directory) could not be opened: \(error)", exitCode: 74)
    }
  }

  /// Ends what was interrupted: a restore is carried through, a backup that is not whole is removed.
  private func tidy(_ directory: String, logger: Logger) throws(StorageFailure) {
    if let restored = try StateRestore(stateDirectory: directory).finish() {
      logger.notice(
        "backup \(restored.stamp) is in place: an interrupted restore was carried through")
    }
    let partial = StateBackup(stateDirectory: directory).removePartial()
    if !partial.isEmpty { logger.notice("removed backups that were not whole: \(partial.joined(separator: ", "))") }
  }

  /// A restore takes the trail back to where the backup was made, and the trail must say so.
  private func tellRestore(
    _ directory: String, _ registry: SQLiteRegistry, logger: Logger
  ) throws(StorageFailure) {
    let restore = StateRestore(stateDirectory: directory)
    guard let note = try restore.note() else { return }
    let sentence =
      "backup \(note.stamp) was put in the place of what was there, which is kept in quarantine/\(note.replaced) with the "
      + "audit trail's entries since the backup"
    let new = AuditEntry(
      time: clock.now(), actor: Principal(uid: note.uid, login: note.login), event: .stateRestored, line: nil,
      group: nil, run: nil, sentence: sentence)
    let entry = try registry.transaction { () throws(StorageFailure) in try registry.audit(new) }
    restore.forgetNote()
    logger.notice(
      "\(sentence)",
      metadata: [
        "event": "state_restored", "audit_seq": "\(entry.sequence)", "audit_hash": "\(entry.hash)",
      ])
  }

  /// Without its journal kaizend serves too.
  private func openJournal(_ directory: String, logger: Logger) -> LedgerJournal? {
    do throws(StorageFailure) {
      return try LedgerJournal.open(stateDirectory: directory)
    } catch {
      logger.error("kaizend serves without its journal, more slowly, until it starts again: \(error.sentence)")
      return nil
    }
  }

  private func serve(
    _ socket: SocketSettings, inherited: CInt?, limits: LimitsInForce, logger: Logger,
    stages: StageHistograms? = nil, afterRound: @escaping @Sendable () -> Void = {},
    handler: @escaping HTTPUnixServer.Handler
  ) async throws(DaemonFailure) -> HTTPUnixServer {
    let endpoint =
      inherited.map { Endpoint.inherited($0) } ?? .path(socket.path, mode: socket.mode, group: socket.group)
    if inherited == nil { makeFolder(of: socket.path) }
    do {
      return try await HTTPUnixServer.start(
        endpoint, limits: limits, logger: logger, stages: stages, afterRound: afterRound, handler: handler)
    } catch {
      throw DaemonFailure(error)
    }
  }

  private func rpcService(
    inherited: CInt?, limits: LimitsInForce, logger: Logger, handler: @escaping RPCServer.Handler
  ) throws(DaemonFailure) -> RPCService {
    let socket = settings.grpcSocket
    var made: ListeningSocket?
    if inherited == nil {
      makeFolder(of: socket.path)
      do {
        made = try ListeningSocket.open(path: socket.path, mode: socket.mode, group: socket.group)
      } catch {
        throw DaemonFailure(error)
      }
    }
    guard let descriptor = inherited ?? made?.descriptor else { preconditionFailure("a socket is inherited or made") }
    return RPCService(
      server: RPCServer(
        descriptor: descriptor, limits: { RPCLimits(limits.now) }, logger: logger, handler: handler), socket: made)
  }

  private func makeFolder(of path: String) {
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func makeLogger(_ threshold: LogThreshold) -> Logger {
    LoggingSystem.bootstrap { JournalLogHandler(label: $0, threshold: threshold) }
    return Logger(label: "kaizend")
  }

  /// The configured program, or the one that was built or installed beside the daemon.
  private var trainerPath: String {
    if settings.origins["trainer_path"] != nil { return settings.trainerPath }
    let executable =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/usr/bin/kaizend"
    let folder = executable.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    let candidates = ["\(folder)/kaizen-trainer", "\(folder)/../libexec/kaizend/kaizen-trainer", settings.trainerPath]
    return candidates.first { FileManager.default.isExecutableFile(atPath: $0) } ?? settings.trainerPath
  }
}

extension RPCLimits {
  /// What is written as the other sockets' limits holds for grpc.sock too.
  init(_ sockets: SocketLimits) {
    self.init()
    messageBytesMax = sockets.bodyBytesMax
    connectionsMax = sockets.connectionsMax
    refusalsMax = sockets.refusalsMax
    requestTimeout = sockets.requestTimeout
    deadline = sockets.deadline
    deadlineMax = sockets.deadlineMax
  }
}
