import Wire

extension InferRequest {
  /// - Throws: `badMessage`, `badTensor`: typed and raw contents together, or ones that do not fit their shape.
  init(_ message: Inference_ModelInferRequest) throws(WireFault) {
    var parameters = Parameters()
    for (name, parameter) in message.parameters {
      guard let value = try Scalar(parameter, name: name) else { continue }
      parameters[name] = value
    }
    self.init(
      id: message.id.isEmpty ? nil : message.id, parameters: parameters,
      inputs: message.isRaw ? try Self.rawTensors(message) : try Self.typedTensors(message),
      outputs: message.outputs.isEmpty ? nil : message.outputs.map(\.name))
  }

  private static func rawTensors(_ message: Inference_ModelInferRequest) throws(WireFault) -> [InputTensor] {
    if let both = message.inputs.first(where: \.hasContents) {
      throw .badTensor(
        name: both.name, reason: "\"contents\" came beside \"raw_input_contents\"; a request has one or the other")
    }
    guard message.rawInputContents.count == message.inputs.count else {
      throw .badMessage(
        "\"raw_input_contents\" has one element for each of \"inputs\" "
          + "(\(message.rawInputContents.count) came for \(message.inputs.count))")
    }
    var tensors: [InputTensor] = []
    for (input, raw) in zip(message.inputs, message.rawInputContents) {
      tensors.append(try Tensor(name: input.name, datatype: input.datatype, shape: input.shape, raw: [UInt8](raw)[...]))
    }
    return tensors
  }

  private static func typedTensors(_ message: Inference_ModelInferRequest) throws(WireFault) -> [InputTensor] {
    var tensors: [InputTensor] = []
    for input in message.inputs {
      tensors.append(
        try Tensor(name: input.name, datatype: input.datatype, shape: input.shape) { (datatype) throws(WireFault) in
          try input.contents.elements(of: datatype, name: input.name)
        })
    }
    return tensors
  }
}

extension Inference_ModelInferRequest {
  /// Its answer is raw then too, as Triton's is: its client reads nothing else.
  var isRaw: Bool { !rawInputContents.isEmpty }
}

extension Scalar {
  /// Nil for a parameter without a value, which counts as not sent.
  init?(_ parameter: Inference_InferParameter, name: String) throws(WireFault) {
    switch parameter.parameterChoice {
    case .boolParam(let value): self = .flag(value)
    case .int64Param(let value): self = .integer(value)
    case .stringParam(let value): self = .text(value)
    case .doubleParam(let value): self = .number(value)
    case .uint64Param(let value):
      guard let value = Int64(exactly: value) else {
        throw .badMessage("\"\(name)\" is larger than \(Int64.max), the largest number taken here")
      }
      self = .integer(value)
    case nil: return nil
    }
  }
}

extension Inference_InferTensorContents {
  fileprivate func elements(of datatype: TensorDatatype, name: String) throws(WireFault) -> TensorData {
    switch datatype {
    case .fp32: return .floats(fp32Contents)
    case .fp64: return .floats(fp64Contents.map { Float($0) })
    case .bool: return .bools(boolContents)
    case .int8: return .ints(try numbers(intContents, within: Int8.self, name))
    case .int16: return .ints(try numbers(intContents, within: Int16.self, name))
    case .int32: return .ints(intContents.map { Int64($0) })
    case .int64: return .ints(int64Contents)
    case .uint8: return .ints(try numbers(uintContents, within: UInt8.self, name))
    case .uint16: return .ints(try numbers(uintContents, within: UInt16.self, name))
    case .uint32: return .ints(uintContents.map { Int64($0) })
    case .uint64: return .ints(try numbers(uint64Contents, within: Int64.self, name))
    case .fp16, .bf16:
      throw .badTensor(name: name, reason: "\(datatype.rawValue) goes in \"raw_input_contents\" only; or send FP32")
    case .bytes:
      var texts: [String] = []
      texts.reserveCapacity(bytesContents.count)
      for (index, bytes) in bytesContents.enumerated() {
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw .badTensor(name: name, reason: "element \(index) is not UTF-8")
        }
        texts.append(text)
      }
      return .bytes(texts)
    }
  }

  private func numbers<Number: FixedWidthInteger, Range: FixedWidthInteger>(
    _ values: [Number], within _: Range.Type, _ name: String
  ) throws(WireFault) -> [Int64] {
    if let index = values.firstIndex(where: { Range(exactly: $0) == nil }) {
      throw .badTensor(name: name, reason: "element \(index) is no whole number in \(Range.min)...\(Range.max)")
    }
    return values.map { Int64($0) }
  }
}
