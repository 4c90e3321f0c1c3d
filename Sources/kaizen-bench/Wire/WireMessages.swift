import Domain
import NeuralNet
import Wire

/// The messages of one part, as clients and the daemon send them.
public struct WireMessages {
  /// What is done to a message, timed for one.
  public enum Step: String, CaseIterable, Sendable {
    case readJSON = "read JSON"
    case readJSONLong = "read JSON, 17 digits"
    case readBinary = "read binary"
    case routeJSON = "route and read JSON"
    case routeBinary = "route and read binary"
    case batch = "fit to the line"
    case writeJSON = "write JSON"
    case writeBinary = "write binary"

    /// Microseconds it may take; nil where nothing was promised.
    public var microsecondsMax: Double? {
      switch self {
      case .readJSON: 3
      case .readBinary: 1
      case .writeJSON: 1.5
      default: nil
      }
    }
  }

  private let definition: LineDefinition
  private let request: InferRequest
  private let json: [UInt8]
  /// Floats as Python prints them: as the doubles they become there.
  private let jsonLong: [UInt8]
  private let binary: BinaryMessage
  private let reply: InferReply
  /// Decoded once for a connection that asks for the same again.
  private let target: WireTarget

  private static let classNames = ["good", "crack", "pore", "short", "flash", "cold"]

  public init(features count: Int, seed: UInt64) throws {
    var generator = Generator(seed: seed)
    let values = (0..<count).map { _ in Float(generator.normal()) }
    definition = LineDefinition(
      id: try LineID("die-casting"),
      schema: try GroupSchema(attributes: ["product", "camera"], includesOutcome: false),
      input: .vector(count: count), featureNames: [], classNames: Self.classNames)
    target = try WireTarget("/v2/models/die-casting/infer")
    request = InferRequest(
      id: "SN-20261125-000123", parameters: ["product": .text("A7"), "camera": .text("2")],
      inputs: [InputTensor(name: InferBatch.featuresName, shape: [1, count], datatype: .fp32, data: .floats(values))])
    json = request.bytes
    binary = request.message(binary: true)
    let digits = values.map { Double($0).description }.joined(separator: ", ")
    jsonLong = Array(
      """
      {"id": "SN-20261125-000123", "parameters": {"product": "A7", "camera": "2"}, "inputs": [{"name": "features", \
      "shape": [1, \(count)], "datatype": "FP32", "data": [\(digits)]}]}
      """.utf8)
    reply = Self.reply(id: "SN-20261125-000123", generator: &generator)
  }

  private static func reply(id: String, generator: inout Generator) -> InferReply {
    let weights = classNames.map { _ in Float.random(in: 0.01...1, using: &generator) }
    let total = weights.reduce(0, +)
    return InferReply(
      modelName: "die-casting", modelVersion: "3", id: id,
      parameters: [
        "prediction_id": .text(id), "latency_us": .integer(41), "recorded": .flag(true),
        "group": .text("product=A7,camera=2"), "model_version": .integer(3),
        "confidence": .number(Double(weights[0] / total)), "advice": .text("accept"),
      ],
      outputs: [
        OutputTensor(name: "label", shape: [1], datatype: .bytes, data: .bytes(["good"])),
        OutputTensor(
          name: "probabilities", shape: [1, classNames.count], datatype: .fp32,
          data: .floats(weights.map { $0 / total })),
      ])
  }

  /// Bytes of the message that a step reads or writes.
  public func byteCount(_ step: Step) throws -> Int {
    switch step {
    case .readJSON, .routeJSON: json.count
    case .readJSONLong: jsonLong.count
    case .readBinary, .routeBinary: binary.body.count
    case .batch: 0
    case .writeJSON: reply.response.body.count
    case .writeBinary: reply.response(BinaryOutputs(byDefault: true)).body.count
    }
  }

  /// Does a step `count` times.
  /// - Returns: a number that depends on every result, so that none may be left out.
  public func run(_ step: Step, count: Int) throws -> Int {
    var sum = 0
    switch step {
    case .readJSON: for _ in 0..<count { sum += try InferRequest(parsing: json).inputs.count }
    case .readJSONLong: for _ in 0..<count { sum += try InferRequest(parsing: jsonLong).inputs.count }
    case .readBinary:
      for _ in 0..<count {
        sum += try InferRequest(parsing: binary.body, headerLength: binary.headerLength).inputs.count
      }
    case .routeJSON: for _ in 0..<count { sum += try route(json, WireHeaders()) }
    case .routeBinary: for _ in 0..<count { sum += try route(binary.body, binary.headers) }
    case .batch: for _ in 0..<count { sum += try InferBatch(request, definition: definition).cells.count }
    case .writeJSON: for _ in 0..<count { sum += reply.response.body.count }
    case .writeBinary: for _ in 0..<count { sum += reply.response(BinaryOutputs(byDefault: true)).body.count }
    }
    return sum
  }

  /// With the header fields that every client sends.
  private func route(_ body: [UInt8], _ special: WireHeaders) throws -> Int {
    var headers = WireHeaders(capacity: 4)
    for (name, value) in zip(special.names, special.values) { headers.append(name, value) }
    headers.append("Host", "localhost")
    headers.append("Content-Type", "application/json")
    headers.append("Content-Length", "700")
    let received = WireRequest(method: .post, target: target, headers: headers, body: body)
    guard case .infer(_, _, let request) = try InferenceCall.decode(received) else { return 0 }
    return request.inputs.count
  }
}
