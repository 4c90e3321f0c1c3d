import Dispatch
import Domain
import Engine
import Logging
import Settings
import Synchronization
import Systemd
import UnixSocket
import Wire

/// Reads the configuration again and puts into force what a running daemon can change; all of it, or nothing.
final class Reloader: Sendable {
  /// Why nothing was changed.
  enum Fault: Error {
    /// The files are wrong: one fault a line.
    case configuration(String)
    case plant(OperatorFault)

    var wireFault: WireFault {
      switch self {
      case .configuration(let sentence): .refused(sentence)
      case .plant(let fault): kaizend.wireFault(fault)
      }
    }
  }

  private let configuration: Configuration
  private let plant: Plant
  private let limits: LimitsInForce
  private let threshold: LogThreshold
  private let notifier: Notifier
  private let logger: Logger
  /// Files are read here, one reload after the other, so that no slow disk holds up an answer.
  private let queue = DispatchQueue(label: "kaizend.reload")
  private let state: Mutex<State>

  private struct State {
    /// What is in force.
    var settings: DaemonSettings
    /// Reloads that have begun; systemd hears READY after the last.
    var pending = 0
  }

  init(
    settings: DaemonSettings, configuration: Configuration, plant: Plant, limits: LimitsInForce,
    threshold: LogThreshold, notifier: Notifier, logger: Logger
  ) {
    state = Mutex(State(settings: settings))
    self.configuration = configuration
    self.plant = plant
    self.limits = limits
    self.threshold = threshold
    self.notifier = notifier
    self.logger = logger
  }

  /// - Parameter reply: called from any thread, once, when the new settings hold or were refused.
  func reload(by actor: Principal, reply: @escaping @Sendable (Result<ReloadReply, Fault>) -> Void) {
    state.withLock { $0.pending += 1 }
    notifier.reloading()
    queue.async { [self] in
      let loaded = Result { () throws(DaemonFailure) in try configuration.load() }
      plant.ask { [self] plant in
        let result = Result { () throws(Fault) in try take(loaded, on: plant, by: actor) }
        let isLast = state.withLock { state in
          state.pending -= 1
          return state.pending == 0
        }
        if isLast { notifier.ready() }
        tell(result, actor)
        reply(result)
      }
    }
  }

  private func take(_ loaded: Result<DaemonSettings, DaemonFailure>, on plant: isolated Plant, by actor: Principal)
    throws(Fault) -> ReloadReply
  {
    let new: DaemonSettings
    switch loaded {
    case .success(let settings): new = settings
    case .failure(let failure): throw .configuration("the configuration is wrong:\n\(failure.sentence)")
    }
    let running = state.withLock { $0.settings }
    let applied = new.withoutRestart(running)
    let changes = running.changes(to: applied)
    do {
      let faults = try Self.lineFaults(of: applied, on: plant)
      guard faults.isEmpty else {
        throw Fault.configuration("the configuration is wrong:\n\(faults.joined(separator: "\n"))")
      }
      // What a line's own file says is told with the line.
      let shared = changes.filter { !$0.isOfLine }
      let told = shared.isEmpty ? nil : shared.map(\.description).joined(separator: ", ")
      let lines = try plant.reload(
        settings: Self.lineSettings(applied), queueRows: applied.limits.queueRowsMax, retention: applied.retention,
        monitoring: applied.monitoring, training: applied.training, told: told, by: actor)
      limits.set(applied.limits.sockets)
      threshold.level = applied.logLevel.loggerLevel
      state.withLock { $0.settings = applied }
      return ReloadReply(
        changes: changes.map(ChangedSetting.init), needsRestart: applied.changes(to: new).map(ChangedSetting.init),
        lines: lines.changed.map(\.line.text), reopened: lines.reopened.map(\.text), problems: lines.problems,
        sentence: changes.isEmpty
          ? "The configuration was read again: nothing in force has changed."
          : "The configuration was read again: \(counted(changes.count, "setting")) changed.")
    } catch let fault as OperatorFault {
      throw .plant(fault)
    } catch let fault as Fault {
      throw fault
    } catch {
      throw .plant(.storage("\(error)"))
    }
  }

  /// What a line would break that was stored with other values than the files expect.
  private static func lineFaults(of settings: DaemonSettings, on plant: isolated Plant) throws(OperatorFault)
    -> [String]
  {
    let effective = lineSettings(settings)
    return try plant.storedSettings().flatMap { stored in
      problems(of: effective(stored.line, stored.settings)).map { "line \(stored.line): \($0)" }
    }
  }

  /// The settings a line runs by, from those stored with it.
  static func lineSettings(_ settings: DaemonSettings) -> @Sendable (LineID, LineSettings) -> LineSettings {
    { line, stored in
      settings.lineSettings(for: line, stored: LineOverrides(stored, differingFrom: LineSettings()))
    }
  }

  private func tell(_ result: Result<ReloadReply, Fault>, _ actor: Principal) {
    switch result {
    case .success(let reply):
      var text = "\(reply.sentence) Asked for by \(actor.login)."
      for change in reply.needsRestart { text += " Needs a restart: \(change.text)." }
      logger.notice("\(text)")
    case .failure(let fault):
      logger.error(
        "\(fault.wireFault.sentence); asked for by \(actor.login); the settings before stay in force",
        metadata: ["event": "reload_refused"])
    }
  }
}

extension ChangedSetting {
  init(_ change: SettingsChange) { self.init(key: change.key, from: change.from, to: change.to) }
}

extension Limits {
  /// As the sockets take them.
  var sockets: SocketLimits {
    var limits = SocketLimits()
    limits.bodyBytesMax = bodyBytesMax
    limits.connectionsMax = connectionsMax
    limits.deadline = .milliseconds(requestDeadlineMs)
    return limits
  }
}

extension LogLevel {
  var loggerLevel: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}
