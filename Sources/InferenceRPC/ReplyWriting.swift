import FoundationEssentials
import SwiftProtobuf
import Wire

extension Inference_ModelInferResponse {
  init(_ reply: InferReply, raw isRaw: Bool) {
    self.init()
    modelName = reply.modelName
    modelVersion = reply.modelVersion
    id = reply.id ?? ""
    for (name, value) in reply.parameters { parameters[name] = Inference_InferParameter(value) }
    outputs.reserveCapacity(reply.outputs.count)
    for tensor in reply.outputs {
      var output = InferOutputTensor()
      output.name = tensor.name
      output.datatype = tensor.datatype.rawValue
      output.shape = tensor.shape.map { Int64($0) }
      if isRaw {
        rawOutputContents.append(Data(tensor.rawBytes))
      } else {
        output.contents = Inference_InferTensorContents(tensor.data, of: tensor.datatype)
      }
      outputs.append(output)
    }
  }
}

extension Inference_InferParameter {
  init(_ value: Scalar) {
    self.init()
    switch value {
    case .text(let text): stringParam = text
    case .integer(let number): int64Param = number
    case .number(let number): doubleParam = number
    case .flag(let flag): boolParam = flag
    }
  }
}

extension Inference_InferTensorContents {
  /// Elements out of their datatype's range are cut to it: no answer has such.
  init(_ data: TensorData, of datatype: TensorDatatype) {
    self.init()
    switch (data, datatype) {
    case (.floats(let values), .fp64): fp64Contents = values.map { Double($0) }
    case (.floats(let values), _): fp32Contents = values
    case (.ints(let values), .int64): int64Contents = values
    case (.ints(let values), .uint64): uint64Contents = values.map { UInt64(clamping: $0) }
    case (.ints(let values), .uint8), (.ints(let values), .uint16), (.ints(let values), .uint32):
      uintContents = values.map { UInt32(clamping: $0) }
    case (.ints(let values), _): intContents = values.map { Int32(clamping: $0) }
    case (.bools(let values), _): boolContents = values
    case (.bytes(let values), _): bytesContents = values.map { Data($0.utf8) }
    }
  }
}

extension Inference_ModelMetadataResponse {
  init(_ reply: ModelMetadata) {
    self.init()
    name = reply.name
    versions = reply.versions
    platform = reply.platform
    inputs = reply.inputs.map(TensorMetadata.init)
    outputs = reply.outputs.map(TensorMetadata.init)
  }
}

extension Inference_ModelMetadataResponse.TensorMetadata {
  fileprivate init(_ tensor: Wire.TensorMetadata) {
    self.init()
    name = tensor.name
    datatype = tensor.datatype.rawValue
    shape = tensor.shape.map { Int64($0) }
  }
}

extension Inference_ServerMetadataResponse {
  init(_ reply: ServerMetadata) {
    self.init()
    name = reply.name
    version = reply.version
    extensions = reply.extensions
  }
}

extension Inference_RepositoryIndexResponse {
  init(_ entries: [RepositoryEntry]) {
    self.init()
    for entry in entries {
      var model = ModelIndex()
      model.name = entry.name
      model.version = entry.version
      model.state = entry.state
      model.reason = entry.reason
      models.append(model)
    }
  }
}

extension Inference_ModelStatisticsResponse {
  init(_ rows: [ModelStatistics]) {
    self.init()
    modelStats = rows.map { row in
      var model = Inference_ModelStatistics()
      model.name = row.name
      model.version = row.version
      model.lastInference = UInt64(clamping: row.lastInference)
      model.inferenceCount = UInt64(clamping: row.inferenceCount)
      model.executionCount = UInt64(clamping: row.executionCount)
      model.inferenceStats = .with {
        $0.success = Inference_StatisticDuration(row.success)
        $0.fail = Inference_StatisticDuration(row.fail)
        $0.queue = Inference_StatisticDuration(row.queue)
        $0.computeInput = Inference_StatisticDuration(row.computeInput)
        $0.computeInfer = Inference_StatisticDuration(row.computeInfer)
        $0.computeOutput = Inference_StatisticDuration(row.computeOutput)
      }
      return model
    }
  }
}

extension Inference_StatisticDuration {
  fileprivate init(_ duration: ModelStatistics.Duration) {
    self.init()
    count = UInt64(clamping: duration.count)
    ns = UInt64(clamping: duration.nanoseconds)
  }
}
