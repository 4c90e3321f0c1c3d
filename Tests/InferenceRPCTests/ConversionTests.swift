import FoundationEssentials
import GRPCCore
import InferenceRPC
import SwiftProtobuf
import Testing
import Wire

/// Random elements of a datatype, as the protocol's typed contents, as raw bytes, and as what Wire makes of them.
private struct Elements {
  var contents = Inference_InferTensorContents()
  var raw: [UInt8] = []
  var data: TensorData

  init(_ datatype: TensorDatatype, count: Int, using generator: inout SeededBytes) {
    func numbers<Number: FixedWidthInteger>(_: Number.Type, atMost: Number = .max) -> [Number] {
      (0..<count).map { _ in Number.random(in: .min...atMost, using: &generator) }
    }
    data = .ints([])
    func integers<Number: FixedWidthInteger>(_ values: [Number]) {
      raw = littleEndian(values)
      data = .ints(values.map { Int64($0) })
    }
    switch datatype {
    case .bool:
      contents.boolContents = (0..<count).map { _ in Bool.random(using: &generator) }
      raw = contents.boolContents.map { $0 ? 1 : 0 }
      data = .bools(contents.boolContents)
    case .int8: let values = numbers(Int8.self); integers(values); contents.intContents = values.map { Int32($0) }
    case .int16: let values = numbers(Int16.self); integers(values); contents.intContents = values.map { Int32($0) }
    case .int32: let values = numbers(Int32.self); integers(values); contents.intContents = values
    case .int64: let values = numbers(Int64.self); integers(values); contents.int64Contents = values
    case .uint8: let values = numbers(UInt8.self); integers(values); contents.uintContents = values.map { UInt32($0) }
    case .uint16: let values = numbers(UInt16.self); integers(values); contents.uintContents = values.map { UInt32($0) }
    case .uint32: let values = numbers(UInt32.self); integers(values); contents.uintContents = values
    case .uint64:
      let values = numbers(UInt64.self, atMost: UInt64(Int64.max))
      integers(values)
      contents.uint64Contents = values
    case .bytes:
      let texts = (0..<count).map { _ in
        String(
          String.UnicodeScalarView(
            (0..<Int.random(in: 0...9, using: &generator)).map { _ in
              ["a", "7", "ü", "部", "\0", "\u{1F527}"].randomElement(using: &generator) ?? "a"
            }))
      }
      contents.bytesContents = texts.map { Data($0.utf8) }
      raw = texts.flatMap { littleEndian([UInt32($0.utf8.count)]) + Array($0.utf8) }
      data = .bytes(texts)
    case .fp64:
      contents.fp64Contents = (0..<count).map { _ in Double(Float.random(in: -1e6...1e6, using: &generator)) }
      raw = littleEndian(contents.fp64Contents.map(\.bitPattern))
      data = .floats(contents.fp64Contents.map { Float($0) })
    case .fp16, .bf16, .fp32:
      contents.fp32Contents = (0..<count).map { _ in Float.random(in: -1e6...1e6, using: &generator) }
      raw = littleEndian(contents.fp32Contents.map(\.bitPattern))
      data = .floats(contents.fp32Contents)
    }
  }
}

private let typedDatatypes = TensorDatatype.allCases.filter { $0 != .fp16 && $0 != .bf16 }

@Test func `typed and raw forms of any tensor are one and the same, in both directions`() async throws {
  var generator = SeededBytes(state: 2026)
  for datatype in typedDatatypes {
    let shape = [Int.random(in: 0...4, using: &generator), 3]
    let count = shape[0] * shape[1]
    let elements = Elements(datatype, count: count, using: &generator)
    let tensor = Tensor(name: "t", shape: shape, datatype: datatype, data: elements.data)
    let reply = InferReply(modelName: "m", modelVersion: "1", id: "p1", parameters: [:], outputs: [tensor])
    try await withServer(answer: { _ in .success(.infer(reply, binary: BinaryOutputs())) }) { server in
      try await server.withClient { client in
        var message = part()
        message.inputs[0].name = "t"
        message.inputs[0].datatype = datatype.rawValue
        message.inputs[0].shape = shape.map { Int64($0) }
        message.inputs[0].contents = elements.contents
        let typed = try await client.modelInfer(message)
        #expect(server.calls.lastRequest?.inputs == [tensor])
        #expect(typed.outputs.first?.contents == elements.contents)
        let answer = try await client.modelInfer(raw(message, [elements.raw]))
        #expect(server.calls.lastRequest?.inputs == [tensor])
        #expect(answer.rawOutputContents.map { Array($0) } == [elements.raw])
      }
    }
  }
}

@Test func `half floats come raw`() async throws {
  try await withServer { server in
    try await server.withClient { client in
      var message = raw(part(), [littleEndian([Float16(0.5).bitPattern, Float16(-2).bitPattern])])
      message.inputs[0].datatype = "FP16"
      _ = try await client.modelInfer(message)
      #expect(server.calls.lastRequest?.inputs.map(\.data) == [.floats([0.5, -2])])
      message = raw(part(), [littleEndian([UInt16(0x3F00), UInt16(0xC000)])])
      message.inputs[0].datatype = "BF16"
      _ = try await client.modelInfer(message)
      #expect(server.calls.lastRequest?.inputs.map(\.data) == [.floats([0.5, -2])])
    }
  }
}

/// What is wrong, and the words that say so.
private let wrong: [(String, @Sendable (inout Inference_ModelInferRequest) -> Void)] = [
  ("no line is called", { $0.modelName = "No Such Line" }),
  ("has no model version", { $0.modelVersion = "first" }),
  ("at least one tensor", { $0.inputs = [] }),
  ("control characters", { $0.id = "a\nb" }),
  ("at most 128 bytes", { $0.id = String(repeating: "a", count: 129) }),
  ("none of the protocol's", { $0.inputs[0].datatype = "FLOAT" }),
  ("whole numbers from 0 on", { $0.inputs[0].shape = [-1, 2] }),
  ("more than 8 dimensions", { $0.inputs[0].shape = [1, 1, 1, 1, 1, 1, 1, 1, 2] }),
  ("does not hold the 2 elements", { $0.inputs[0].shape = [1, 3] }),
  ("does not hold the 2 elements", { $0.inputs[0].shape = [.max, .max] }),
  ("does not hold the 0 elements", { $0.inputs[0].datatype = "INT32" }),
  ("no \"name\"", { $0.inputs[0].name = "" }),
  ("\"raw_input_contents\" only", { $0.inputs[0].datatype = "FP16" }),
  ("more than 32 inputs", { $0.inputs = Array(repeating: $0.inputs[0], count: 33) }),
  (
    "more than 64 parameters",
    { message in
      for index in 0..<65 { message.parameters["p\(index)"] = .with { $0.boolParam = true } }
    }
  ),
  ("larger than 9223372036854775807", { $0.parameters["a"] = .with { $0.uint64Param = .max } }),
  ("no whole number in -128...127", { $0.fill("INT8") { $0.intContents = [1, 128] } }),
  ("no whole number in 0...65535", { $0.fill("UINT16") { $0.uintContents = [65536, 1] } }),
  ("element 1 is no whole number", { $0.fill("UINT64") { $0.uint64Contents = [1, .max] } }),
  ("element 1 is not UTF-8", { $0.fill("BYTES") { $0.bytesContents = [Data("a".utf8), Data([0xFF])] } }),
]

extension Inference_ModelInferRequest {
  fileprivate mutating func fill(_ datatype: String, _ contents: (inout Inference_InferTensorContents) -> Void) {
    inputs[0].datatype = datatype
    inputs[0].clearContents()
    contents(&inputs[0].contents)
  }
}

@Test func `what does not fit is refused with a sentence, and reaches nobody`() async throws {
  try await withServer { server in
    try await server.withClient { client in
      for (words, spoil) in wrong {
        var message = part()
        spoil(&message)
        let error = await failure { [message] in try await client.modelInfer(message) }
        #expect(error?.code == .invalidArgument || error?.code == .notFound)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "no error") does not say: \(words)")
      }
      for bytes: [UInt8] in [[], [1, 2, 3], Array(repeating: 0, count: 9)] {
        let error = await failure { try await client.modelInfer(raw(part(), [bytes])) }
        #expect(error?.code == .invalidArgument && error?.message.contains("8 bytes") == true, "\(bytes.count)")
      }
    }
    #expect(server.calls.all.isEmpty)
  }
}
