import Domain
import Foundation
import NeuralNet
import Synchronization
import Wire

/// Clients that do what no good client does, beside the load, on a line of their own.
final class OddClients: Sendable {
  private struct State {
    var counts = OddClientCounts()
    var isOver = false
  }

  private let daemon: MeasuredDaemon
  private let bench: BenchLines
  private let seed: UInt64
  private let state = Mutex(State())
  private let running = DispatchGroup()

  /// Complaints that are kept; the first say what is wrong.
  private static let complaintsMax = 20
  /// Requests a slow reader sends before it begins to read.
  private static let pipelined = 16
  /// Bytes it then takes at once.
  private static let slowBytes = 7
  /// Between two turns of a client: they are odd, not many.
  private static let pauseMicroseconds: UInt32 = 20_000

  /// - Parameter bench: the line that is theirs.
  init(_ daemon: MeasuredDaemon, bench: BenchLines, seed: UInt64) {
    self.daemon = daemon
    self.bench = bench
    self.seed = seed
    let clients: [@Sendable () -> Void] = [
      { self.drop() }, { self.cutShort() }, { self.stopHalfway() }, { self.readSlowly() }, { self.poll() },
    ]
    for client in clients {
      running.enter()
      Thread { [self] in
        repeat {
          client()
          usleep(Self.pauseMicroseconds)
        } while !state.withLock(\.isOver)
        running.leave()
      }.start()
    }
  }

  /// Waits for their last turns, then asks for every part whose answer was dropped once more: each must be there once.
  /// - Returns: what they did, and how many rows their line must have.
  func stop() -> (counts: OddClientCounts, rows: Int) {
    state.withLock { $0.isOver = true }
    running.wait()
    let dropped = state.withLock { $0.counts.dropped }
    if let connection = connect() {
      for number in 0..<dropped {
        connection.write(request("dropped-\(number)", number))
        note(connection.readStatus() == 200, "dropped part \(number) was refused when it was sent again")
      }
    }
    return state.withLock { ($0.counts, $0.counts.dropped + $0.counts.readSlowly) }
  }

  private func request(_ id: String, _ number: Int) -> [UInt8] {
    let part = bench.parts[number % bench.parts.count]
    return InferMessage(json: part.request(id: id), line: bench.lines[0]).bytes
  }

  private func connect() -> RawConnection? {
    let connection = RawConnection(daemon.socket("infer"))
    note(connection != nil, "a connection was refused")
    return connection
  }

  private func note(_ isRight: Bool, _ complaint: @autoclosure () -> String) {
    guard !isRight else { return }
    let text = complaint()
    state.withLock { if $0.counts.complaints.count < Self.complaintsMax { $0.counts.complaints.append(text) } }
  }

  private func drop() {
    let number = state.withLock { $0.counts.dropped }
    guard let connection = connect() else { return }
    if connection.write(request("dropped-\(number)", number)) { state.withLock { $0.counts.dropped += 1 } }
  }

  private func cutShort() {
    let number = state.withLock { $0.counts.cutShort }
    guard let connection = connect() else { return }
    let bytes = request("cut-\(number)", number)
    var generator = Generator(seed: seed &+ UInt64(number))
    connection.write(bytes.prefix(generator.index(below: bytes.count)))
    state.withLock { $0.counts.cutShort += 1 }
  }

  private func stopHalfway() {
    guard let connection = connect() else { return }
    let bytes = request("half", 0)
    connection.write(bytes.prefix(bytes.count / 2))
    let status = connection.readStatus()
    note(status == 408, "half a request was answered \(status.map { "\($0)" } ?? "with nothing"), not 408")
    state.withLock { $0.counts.halfSent += 1 }
  }

  private func readSlowly() {
    let first = state.withLock { $0.counts.readSlowly }
    guard let connection = connect() else { return }
    for number in first..<first + Self.pipelined { connection.write(request("slow-\(number)", number)) }
    for number in first..<first + Self.pipelined {
      let status = connection.readStatus(atOnce: Self.slowBytes)
      note(status == 200, "slow reader's part \(number) was answered \(status.map { "\($0)" } ?? "with nothing")")
    }
    state.withLock { $0.counts.readSlowly += Self.pipelined }
  }

  private func poll() {
    guard let request = try? OperatorCall.status.outgoing(), let control = RawConnection(daemon.socket("control"))
    else { return note(false, "the control socket took no connection") }
    control.write(RequestBytes.http(request))
    let status = control.readStatus()
    note(status == 200, "status was answered \(status.map { "\($0)" } ?? "with nothing")")
    state.withLock { $0.counts.polls += 1 }
  }
}
