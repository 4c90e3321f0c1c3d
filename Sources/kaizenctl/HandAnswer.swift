import ControlText
import Wire

/// The request for one part, and its answer as a person reads it.
extension HandPart {
  static func request(
    id: String?, attributes: [(name: String, value: String)], inputs: [Float], of line: LineRow
  ) -> InferRequest {
    var parameters = Parameters()
    for (name, value) in attributes { parameters[name] = .text(value) }
    let tensor = InputTensor(
      name: InferBatch.featuresName, shape: [1] + line.shape, datatype: .fp32, data: .floats(inputs))
    return InferRequest(id: id, parameters: parameters, inputs: [tensor])
  }

  static func reply(_ bytes: [UInt8], of line: LineRow) throws -> PredictReply {
    let answer: InferReply
    do { answer = try InferReply(parsing: bytes) } catch { throw Daemon.unreadable(error.sentence) }
    let shares = shares(answer, line.classes)
    let likeliest = shares.max { $0.probability < $1.probability }
    let label = answer.outputs.first { $0.name == labelOutput }?.data.asTexts.first
    return PredictReply(
      line: line.line, id: answer.id ?? "", modelVersion: Int(answer.modelVersion) ?? line.champion,
      predictionID: answer.parameters["prediction_id"]?.text, group: answer.parameters["group"]?.text,
      label: label ?? likeliest?.label,
      confidence: number(answer.parameters["confidence"]) ?? likeliest?.probability,
      advice: answer.parameters["advice"]?.text, adviceReasons: answer.parameters["advice_reasons"]?.text,
      latencyUs: number(answer.parameters["latency_us"]),
      recorded: flag(answer.parameters["recorded"]), classes: shares)
  }

  private static func flag(_ scalar: Scalar?) -> Bool? {
    if case .flag(let value) = scalar { value } else { nil }
  }

  private static func number(_ scalar: Scalar?) -> Double? {
    switch scalar {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .text, .flag, nil: nil
    }
  }

  /// The outputs of the daemon that a person wants to see.
  private static let labelOutput = "label"
  private static let probabilitiesOutput = "probabilities"

  private static func shares(_ answer: InferReply, _ classes: [String]) -> [ClassShare] {
    let output = answer.outputs.first { $0.name == probabilitiesOutput && $0.data.count == classes.count }
    return zip(classes, output?.data.asFloats ?? []).map { ClassShare(label: $0, probability: Double($1)) }
  }
}
