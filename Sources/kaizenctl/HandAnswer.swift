import ControlText
import Glibc
import Wire

/// The request for one part, and its answer as a person reads it.
extension HandPart {
  static func request(id: String?, attributes: [(name: String, value: String)], inputs: [Float]) -> InferRequest {
    let parameters = Dictionary(attributes.map { ($0.name, Scalar.text($0.value)) }, uniquingKeysWith: { $1 })
    let tensor = InputTensor(
      name: InferBatch.featuresName, shape: [1, inputs.count], datatype: .fp32, data: .floats(inputs))
    return InferRequest(id: id, parameters: parameters, inputs: [tensor])
  }

  static func reply(_ bytes: [UInt8], of line: LineRow) throws -> PredictReply {
    let answer: InferReply
    do { answer = try InferReply(parsing: bytes) } catch { throw Daemon.unreadable(error.sentence) }
    let shares = shares(answer, line.classes)
    let named = answer.outputs.lazy.compactMap { $0.datatype == .bytes ? $0.data.asTexts.first : nil }.first
    let likeliest = shares.max { $0.probability < $1.probability }
    return PredictReply(
      line: line.line, id: answer.id ?? "", modelVersion: Int(answer.modelVersion) ?? line.champion,
      predictionID: answer.parameters["prediction_id"]?.text, group: answer.parameters["group"]?.text,
      label: named ?? likeliest?.label,
      confidence: number(answer.parameters["confidence"]) ?? likeliest?.probability,
      advice: answer.parameters["advice"]?.text, latencyUs: number(answer.parameters["latency_us"]), classes: shares)
  }

  private static func number(_ scalar: Scalar?) -> Double? {
    switch scalar {
    case .integer(let value): Double(value)
    case .number(let value): value
    case .text, .flag, nil: nil
    }
  }

  /// From the output of probabilities where there is one, else from the logits.
  private static func shares(_ answer: InferReply, _ classes: [String]) -> [ClassShare] {
    let candidates = answer.outputs.filter { $0.datatype == .fp32 && $0.data.count == classes.count }
    guard let output = candidates.first(where: { $0.name != "logits" }) ?? candidates.first,
      let values = output.data.asFloats?.map({ Double($0) })
    else { return [] }
    let probabilities = output.name == "logits" ? softmax(values) : values
    return zip(classes, probabilities).map { ClassShare(label: $0, probability: $1) }
  }

  private static func softmax(_ logits: [Double]) -> [Double] {
    let largest = logits.max() ?? 0
    let powers = logits.map { exp($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}
