import Domain
import Synchronization
import UnixSocket
import Wire

/// Connections that ask without pause while students change, and remember when each answer was asked for and came.
final class HotLoad: Sendable {
  struct Answer: Sendable {
    let product: String
    let x: Float
    let sent: ContinuousClock.Instant
    let received: ContinuousClock.Instant
    let status: Int
    let version: Int?
    let label: String
  }

  private struct State {
    var answers: [Answer] = []
    /// Requests that were never answered.
    var lost: [String] = []
    var counts: [Int: Int] = [:]
  }

  private let state = Mutex(State())
  private let isOver = Atomic(false)
  private let connections: Int

  init(connections: Int) { self.connections = connections }

  var answers: [Answer] { state.withLock { $0.answers } }
  var lost: [String] { state.withLock { $0.lost } }
  func count(of version: Int) -> Int { state.withLock { $0.counts[version] ?? 0 } }
  func end() { isOver.store(true, ordering: .releasing) }

  /// Asks until `end()`.
  func run(_ daemon: TestedDaemon, prefix: String = "hot") async {
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<connections {
        group.addTask { await self.ask(daemon, prefix: "\(prefix)-\(number)") }
      }
    }
  }

  private func ask(_ daemon: TestedDaemon, prefix: String) async {
    var number = 0
    do {
      let client = try await daemon.client()
      while !isOver.load(ordering: .acquiring) {
        let product = number % 2 == 0 ? "A" : "B"
        let x: Float = number / 2 % 2 == 0 ? 0.8 : -0.8
        let sent = ContinuousClock.now
        let response = try await client.send(try TestLine.infer("\(prefix)-\(number)", x: x, product: product).outgoing)
        let told = try? PartAnswer(response)
        let answer = Answer(
          product: product, x: x, sent: sent, received: .now, status: response.status,
          version: told.flatMap { Int($0.version) }, label: told?.label ?? "")
        state.withLock { state in
          state.answers.append(answer)
          if let version = answer.version { state.counts[version, default: 0] += 1 }
        }
        number += 1
      }
      await client.close()
    } catch {
      state.withLock { $0.lost.append("\(prefix)-\(number): \(error)") }
    }
  }
}

/// Which student served which product, and when. A change may show from its call on, and must from its answer on.
final class ServiceBook: Sendable {
  private struct Period {
    let product: String
    let version: Int
    let from: ContinuousClock.Instant
    var until: ContinuousClock.Instant?
  }

  private let periods: Mutex<[Period]>

  init(products: [String] = ["A", "B"], version: Int = 1) {
    let now = ContinuousClock.now
    periods = Mutex(products.map { Period(product: $0, version: version, from: now) })
  }

  /// Runs `body`, after which `version` serves these products and no other does.
  @discardableResult
  func change<Result>(_ products: [String] = ["A", "B"], to version: Int, _ body: () async throws -> Result)
    async rethrows -> Result
  {
    let before = ContinuousClock.now
    let result = try await body()
    let after = ContinuousClock.now
    periods.withLock { periods in
      for index in periods.indices where products.contains(periods[index].product) && periods[index].until == nil {
        periods[index].until = after
      }
      periods += products.map { Period(product: $0, version: version, from: before) }
    }
    return result
  }

  /// Whether the version of an answer served its product at some moment between the request and the answer.
  func explains(_ answer: HotLoad.Answer) -> Bool {
    periods.withLock { periods in
      periods.contains {
        $0.product == answer.product && $0.version == answer.version && $0.from <= answer.received
          && ($0.until.map { $0 >= answer.sent } ?? true)
      }
    }
  }
}
