import Domain
import Engine
import NeuralNet
import Wire

/// The answer to one infer request, from the rows that were stored.
struct InferAnswer {
  let snapshot: LineSnapshot
  let requestID: String
  let parts: [AnsweredPart]
  let latencyMicroseconds: Int64

  static func outputs(classCount: Int) -> [TensorMetadata] {
    [
      TensorMetadata(name: "label", datatype: .bytes, shape: [-1]),
      TensorMetadata(name: "probabilities", datatype: .fp32, shape: [-1, classCount]),
      TensorMetadata(name: "confidence", datatype: .fp32, shape: [-1]),
      TensorMetadata(name: "group", datatype: .bytes, shape: [-1]),
      TensorMetadata(name: "model_version", datatype: .int64, shape: [-1]),
      TensorMetadata(name: "advice", datatype: .bytes, shape: [-1]),
      TensorMetadata(name: "advice_reasons", datatype: .bytes, shape: [-1]),
      TensorMetadata(name: InferBatch.partIDName, datatype: .bytes, shape: [-1]),
    ]
  }

  private static let outputNames = outputs(classCount: 0).map(\.name)
  /// What is sent when the request names no outputs; for one part the rest stands in the parameters.
  private static let usualOutputs = ["label", "probabilities"]

  static func checkedOutputs(_ names: [String]?) throws(WireFault) -> [String]? {
    guard let names, !names.isEmpty else { return nil }
    for name in names where !outputNames.contains(name) {
      throw .badMessage("there is no output \"\(name)\"; they are \(outputNames.joined(separator: ", "))")
    }
    return names
  }

  func reply(outputs wanted: [String]?) -> InferReply {
    let names = wanted ?? (parts.count == 1 ? Self.usualOutputs : Self.outputNames)
    return InferReply(
      modelName: snapshot.definition.id.text, modelVersion: servingVersion.description, id: requestID,
      parameters: parameters, outputs: names.compactMap(tensor))
  }

  /// Of a mixed batch, the champion's.
  private var servingVersion: ModelVersion {
    guard let first = parts.first?.prediction.version else { return snapshot.champion }
    return parts.allSatisfy { $0.prediction.version == first } ? first : snapshot.champion
  }

  private var parameters: Parameters {
    var result: Parameters = [
      "prediction_id": .text(requestID), "latency_us": .integer(latencyMicroseconds),
      "recorded": .flag(parts.allSatisfy(\.recorded)),
    ]
    if parts.count == 1, let only = parts.first {
      result["prediction_id"] = .text(only.prediction.part)
      result["group"] = .text(snapshot.name(of: only.prediction.cell))
      result["model_version"] = .integer(Int64(only.prediction.version.number))
      result["confidence"] = .number(Double(only.prediction.confidence))
      result["advice"] = .text(only.prediction.advice.verdict)
      let reasons = only.prediction.advice.reasonNames
      if !reasons.isEmpty { result["advice_reasons"] = .text(reasons) }
    }
    return result
  }

  private func tensor(_ name: String) -> OutputTensor? {
    let predictions = parts.map(\.prediction)
    let count = predictions.count
    let classNames = snapshot.definition.classNames
    return switch name {
    case "label": texts(name, predictions.map { classNames[$0.predictedClass] })
    case InferBatch.partIDName: texts(name, predictions.map(\.part))
    case "group": texts(name, predictions.map { snapshot.name(of: $0.cell) })
    case "advice": texts(name, predictions.map(\.advice.verdict))
    case "advice_reasons": texts(name, predictions.map(\.advice.reasonNames))
    case "confidence":
      OutputTensor(name: name, shape: [count], datatype: .fp32, data: .floats(predictions.map(\.confidence)))
    case "model_version":
      OutputTensor(
        name: name, shape: [count], datatype: .int64, data: .ints(predictions.map { Int64($0.version.number) }))
    case "probabilities":
      OutputTensor(
        name: name, shape: [count, classNames.count], datatype: .fp32,
        data: .floats(predictions.flatMap { softmax($0.logits) }))
    default: nil
    }
  }

  private func texts(_ name: String, _ values: [String]) -> OutputTensor {
    OutputTensor(name: name, shape: [values.count], datatype: .bytes, data: .bytes(values))
  }
}
