import Dispatch
import Domain
import Engine
import InferenceRPC
import Logging
import ServiceLifecycle
import Systemd
import UnixSignals
import UnixSocket
import Wire

/// Ends, and the whole daemon with it in its order, at the first signal that asks for it; systemd hears of it before
/// anything closes.
struct StopRequest: Service {
  let signals: UnixSignalsSequence
  let notifier: Notifier

  func run() async throws {
    for await _ in signals { break }
    notifier.stopping()
  }
}

/// SIGHUP is the old way to say `kaizenctl reload`; what came of it is in the journal.
struct HangupService: Service {
  let signals: UnixSignalsSequence
  let reloader: Reloader
  let principal: Principal

  func run() async throws {
    await cancelWhenGracefulShutdown {
      for await _ in signals { reloader.reload(by: principal) { _ in } }
    }
  }
}

/// Keeps a listener open until the daemon stops, then answers what was read.
struct SocketService: Service {
  let server: HTTPUnixServer

  func run() async throws {
    try? await gracefulShutdown()
    await server.shutdown(drain: Daemon.drainLimit)
  }
}

/// Serves gRPC until the daemon stops, then answers what was read.
struct RPCService: Service {
  let server: RPCServer
  /// Nil for a socket that systemd passed.
  let socket: ListeningSocket?

  func run() async throws {
    defer { socket?.remove() }
    try await withGracefulShutdownHandler {
      try await server.run()
    } onGracefulShutdown: {
      server.beginShutdown(drain: Daemon.drainLimit)
    }
  }
}

/// Ends the plant after the sockets: the job is stopped and everything queued is committed.
struct PlantService: Service {
  let plant: Plant

  func run() async throws {
    try? await gracefulShutdown()
    await plant.stopTraining()
    await plant.settle()
  }
}

/// Ends what runs beside serving before the plant ends.
struct MaintenanceService: Service {
  let maintenance: Maintenance

  /// A check of all pages of a large database cannot be interrupted; it changes nothing, so it is left then.
  private static let limit = DispatchTimeInterval.seconds(5)

  func run() async throws {
    try? await gracefulShutdown()
    await maintenance.stop(within: Self.limit)
  }
}

/// Once a second: lets clock lines count, tells systemd how things stand, and proves that the daemon can still answer.
struct Heartbeat: Service {
  let plant: Plant
  let clock: DaemonClock
  let watch: LogWatch
  let slices: SliceDesk
  let socketPath: String
  let notifier: Notifier
  let logger: Logger

  private static let period = Duration.seconds(1)

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var client: HTTPUnixClient?
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.period)
        if Task.isCancelled { break }
        clock.readSync()
        plant.tick()
        watch.look()
        slices.lookDaily()
        notifier.status(await headline())
        client = await proveServing(client)
      }
      await client?.close()
    }
  }

  /// The watchdog is fed only after a request has gone through the socket, its event loop, a student and the plant's
  /// queue: a timer that fires proves nothing about serving.
  private func proveServing(_ open: HTTPUnixClient?) async -> HTTPUnixClient? {
    do {
      let client: HTTPUnixClient
      if let open, open.isOpen { client = open } else { client = try await HTTPUnixClient.connect(path: socketPath) }
      let answer = try await client.send(method: .get, path: "/v2/health/ready")
      await plant.settle()
      if answer.isSuccess && plant.serving.answersItself() { notifier.watchdog() }
      return client
    } catch {
      logger.warning("the daemon could not reach its own socket: \(error)")
      return nil
    }
  }

  private func headline() async -> String {
    await withCheckedContinuation { continuation in
      plant.ask { plant in
        continuation.resume(returning: OperatorReplies.statusLine(plant))
      }
    }
  }
}
