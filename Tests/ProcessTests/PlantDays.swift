import Domain
import NeuralNet
import Testing
import UnixSocket
import Wire

/// Whole days of the test line in event time: parts of both products and their outcomes, a request each.
struct PlantDays {
  private let daemon: TestedDaemon
  private var random = Generator(seed: 5)
  private var day = 0

  /// Parts of each product a day.
  static let partsPerDay = 80

  init(_ daemon: TestedDaemon) { self.daemon = daemon }

  /// A line that acts within days, on few rows. Its channel is declared: parts without an outcome, which a load adds, must
  /// not look like another way of choosing.
  static let settings = LineSettings(
    mode: .auto, time: .event, targetAccuracy: 0.9, maturityHours: 2, jobRowsMinimum: 300, gateRowsMinimum: 100,
    channels: [OutcomeChannel(name: "audit", samplingProbability: 1)])

  /// - Parameter flipped: on these days product B is good where x < 0, which its student does not know.
  mutating func stream(days: Int, flipped: Bool) async throws {
    let client = try await daemon.client()
    for _ in 0..<days {
      let parts = try makeParts(flipped: flipped)
      let answer = try await client.send(try infer(parts).outgoing)
      try #require(answer.isSuccess, "\(String(decoding: answer.body, as: UTF8.self))")
      let outcomes = parts.map {
        OutcomeItem(id: $0.id, label: .text($0.label), observedAt: $0.time.advanced(hours: 0.5), source: "audit")
      }
      let told = try await client.send(InferenceCall.outcomes(try TestLine.id(), outcomes).outgoing)
      try #require(told.isSuccess, "\(String(decoding: told.body, as: UTF8.self))")
      day += 1
    }
    await client.close()
  }

  private struct Part {
    let id: String
    let product: String
    let x: Float
    let label: String
    let time: Timestamp
  }

  private mutating func makeParts(flipped: Bool) throws -> [Part] {
    let start = try #require(Timestamp("2024-01-01")).advanced(hours: Double(day * 24))
    var parts: [Part] = []
    for index in 0..<Self.partsPerDay {
      for product in ["A", "B"] {
        let x = Float(random.uniform() * 2 - 1)
        // Four in a hundred are not what they look like, so that no student is perfect.
        let agrees = (random.uniform() < 0.96) != (flipped && product == "B")
        parts.append(
          Part(
            id: "d\(day)-\(product)\(index)", product: product, x: x, label: (x > 0) == agrees ? "good" : "bad",
            time: start.advanced(hours: 23 * Double(index) / Double(Self.partsPerDay))))
      }
    }
    return parts
  }

  private func infer(_ parts: [Part]) throws -> InferenceCall {
    func texts(_ name: String, _ values: [String]) -> Tensor {
      Tensor(name: name, shape: [values.count], datatype: .bytes, data: .bytes(values))
    }
    let request = InferRequest(inputs: [
      TestLine.features(parts.map(\.x)), texts("product", parts.map(\.product)), texts("part_id", parts.map(\.id)),
      texts(InferRequest.observedAtParameter, parts.map(\.time.description)),
    ])
    return .infer(try TestLine.id(), nil, request)
  }
}
