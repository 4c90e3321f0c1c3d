import Dispatch
import Domain
import Engine
import Glibc
import Logging
import Store
import Synchronization
import Wire

/// Work of minutes beside serving: backups and check-ups, one at a time, on a thread of its own.
final class Maintenance: Sendable {
  enum Kind: String, CaseIterable {
    case backup
    case doctor
  }

  /// How the one job stands.
  private enum State {
    case idle
    case running(MaintenanceJob)
  }

  private struct Record {
    var state = State.idle
    var number = 0
    /// The last of each kind that ended.
    var finished: [MaintenanceJob] = []
    var isStopping = false
  }

  private let stateDirectory: String
  private let plant: Plant
  private let clock: DaemonClock
  private let logger: Logger
  private let record = Mutex(Record())
  private let thread = QuietThread()

  init(stateDirectory: String, plant: Plant, clock: DaemonClock, logger: Logger) {
    self.stateDirectory = stateDirectory
    self.plant = plant
    self.clock = clock
    self.logger = logger
  }

  private func backups(_ health: PlantHealth) -> StateBackup {
    StateBackup(stateDirectory: stateDirectory, reserve: health.diskFreeBytesMin)
  }

  // MARK: - What is asked

  /// Begins a job and tells of it at once.
  /// - Throws: `refused` while another runs.
  func start(_ kind: Kind, by actor: Principal) throws(WireFault) -> MaintenanceReply {
    let now = clock.now().description
    let refusal = record.withLock { record -> WireFault? in
      if record.isStopping { return .notReady("kaizend stops") }
      if case .running(let job) = record.state {
        return .refused(
          "a \(job.kind) of \(job.by) runs since \(job.startedAt) (\(Int(job.fraction * 100)) %); one at a time, try "
            + "again when it is done")
      }
      record.number += 1
      record.state = .running(
        MaintenanceJob(
          number: record.number, kind: kind.rawValue, by: actor.login, startedAt: now, stage: "waiting", fraction: 0))
      return nil
    }
    if let refusal { throw refusal }
    // The plant first: what its journal holds goes into the ledger, and its health is told.
    plant.ask { [self] plant in
      let health = plant.health()
      thread.async { self.work(kind, health) }
    }
    return status()
  }

  func status() -> MaintenanceReply {
    record.withLock { record in
      if case .running(let job) = record.state { return MaintenanceReply(running: job, finished: record.finished) }
      return MaintenanceReply(running: nil, finished: record.finished)
    }
  }

  /// Ends the job under way and waits for it, but not past `limit`: what it leaves is removed at the next start.
  func stop(within limit: DispatchTimeInterval) async {
    record.withLock { $0.isStopping = true }
    await withCheckedContinuation { continuation in
      DispatchQueue.global().async { [thread] in
        let done = DispatchSemaphore(value: 0)
        thread.async { done.signal() }
        _ = done.wait(timeout: .now() + limit)
        continuation.resume()
      }
    }
  }

  // MARK: - On the thread

  private func work(_ kind: Kind, _ health: PlantHealth) {
    let long = LongWork(
      told: { [self] stage, fraction in
        record.withLock { record in
          guard case .running(var job) = record.state else { return }
          job.stage = stage
          job.fraction = fraction
          record.state = .running(job)
        }
      },
      isStopped: { [self] in record.withLock { $0.isStopping } })
    do throws(StorageFailure) {
      switch kind {
      case .backup:
        let row = try backUp(long, health)
        finish { $0.backup = row }
      case .doctor:
        let reply = try checkUp(long, health)
        finish { $0.doctor = reply }
      }
    } catch {
      finish { $0.problem = error.sentence }
      logger.warning("the \(kind.rawValue) was not finished: \(error.sentence)")
    }
  }

  private func finish(_ body: (inout MaintenanceJob) -> Void) {
    let end = clock.now().description
    record.withLock { record in
      guard case .running(var job) = record.state else { return }
      body(&job)
      job.endedAt = end
      job.fraction = 1
      record.finished = record.finished.filter { $0.kind != job.kind } + [job]
      record.state = .idle
    }
  }

  private func backUp(_ work: LongWork, _ health: PlantHealth) throws(StorageFailure) -> BackupRow {
    if let problem = health.ledgerProblem {
      throw StorageFailure("the ledger takes no rows, so a backup would lack them: \(problem)", mayPass: true)
    }
    let backups = backups(health)
    let manifest = try backups.make(at: clock.now(), kaizend: daemonVersion, host: hostName(), work)
    let row = backups.row(manifest)
    logger.notice(
      "backup \(row.stamp) is whole: \(row.bytes >> 20) MB in \(row.path)", metadata: ["event": "backup_made"])
    return row
  }

  private func checkUp(_ work: LongWork, _ health: PlantHealth) throws(StorageFailure) -> DoctorReply {
    let findings = try StateCheck(stateDirectory: stateDirectory).run(work) + Self.findings(health)
    let worst = findings.map(\.state).max() ?? .ok
    return DoctorReply(
      worst: worst.rawValue,
      checks: findings.map {
        DoctorRow(subject: $0.subject, state: $0.state.rawValue, sentence: $0.sentence, next: $0.next)
      })
  }
}

extension StateBackup {
  /// A backup that lies where the daemon makes them.
  func row(_ manifest: BackupManifest) -> BackupRow {
    BackupRow(manifest, path: path(of: manifest.stamp) ?? manifest.stamp)
  }
}

/// The machine's name; "unknown" where it has none.
func hostName() -> String {
  // HOST_NAME_MAX is 64 on Linux.
  var bytes = [CChar](repeating: 0, count: 65)
  guard gethostname(&bytes, bytes.count - 1) == 0 else { return "unknown" }
  return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
