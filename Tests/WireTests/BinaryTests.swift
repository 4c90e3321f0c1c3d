import Domain
import Testing
import Wire

/// A body of JSON and raw tensors.
private func request(_ json: String, _ tensors: [UInt8], headerLength: Int? = nil) throws -> InferRequest {
  try InferRequest(
    parsing: Array(json.utf8) + tensors, headerLength: headerLength ?? json.utf8.count)
}

private func input(_ datatype: String, _ shape: String, size: Int, name: String = "x") -> String {
  #"{"name":"\#(name)","shape":\#(shape),"datatype":"\#(datatype)","parameters":{"binary_data_size":\#(size)}}"#
}

private func tensor(_ datatype: String, _ shape: String, _ bytes: [UInt8]) throws -> TensorData {
  let json = #"{"inputs":[\#(input(datatype, shape, size: bytes.count))]}"#
  return try #require(try request(json, bytes).inputs.first).data
}

private func sentence(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no fault"
  } catch {
    guard let fault = error as? WireFault, fault.status == 400 else { return "\(error)" }
    return fault.sentence
  }
}

@Suite struct BinaryTensorTests {
  /// The values are numpy's: `np.array([1, -2.5], np.float16).tobytes()` and so on; BF16 is the upper half of FP32.
  @Test func `every datatype is read from its little-endian bytes`() throws {
    #expect(try tensor("FP32", "[2]", [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC0]) == .floats([1, -2.5]))
    #expect(try tensor("FP64", "[1]", [0, 0, 0, 0, 0, 0, 0x04, 0xC0]) == .floats([-2.5]))
    #expect(try tensor("FP16", "[2]", [0, 0x3C, 0, 0xC1]) == .floats([1, -2.5]))
    #expect(try tensor("BF16", "[2]", [0x80, 0x3F, 0x20, 0xC0]) == .floats([1, -2.5]))
    #expect(try tensor("BOOL", "[3]", [1, 0, 1]) == .bools([true, false, true]))
    #expect(try tensor("UINT8", "[2]", [0, 255]) == .ints([0, 255]))
    #expect(try tensor("INT8", "[2]", [0x7F, 0x80]) == .ints([127, -128]))
    #expect(try tensor("UINT16", "[1,1]", [0xFE, 0xFF]) == .ints([65534]))
    #expect(try tensor("INT16", "[1]", [0xFE, 0xFF]) == .ints([-2]))
    #expect(try tensor("UINT32", "[1]", [1, 0, 0, 0x80]) == .ints([0x8000_0001]))
    #expect(try tensor("INT32", "[1]", [0xFD, 0xFF, 0xFF, 0xFF]) == .ints([-3]))
    #expect(try tensor("INT64", "[1]", [0, 0, 0, 0, 0, 0, 0, 0x80]) == .ints([.min]))
    #expect(try tensor("UINT64", "[1]", [5, 0, 0, 0, 0, 0, 0, 0x7F]) == .ints([0x7F00_0000_0000_0005]))
    #expect(try tensor("BYTES", "[2]", [2, 0, 0, 0, 0xC3, 0xA9, 0, 0, 0, 0]) == .bytes(["é", ""]))
    #expect(try tensor("FP32", "[0,64]", []) == .floats([]))
    #expect(try tensor("BYTES", "[0]", []) == .bytes([]))
  }

  @Test func `numbers that are not finite pass here, for the line to judge`() throws {
    guard case .floats(let values) = try tensor("FP32", "[2]", [0, 0, 0xC0, 0x7F, 0, 0, 0x80, 0xFF]) else {
      return #expect(Bool(false), "floats expected")
    }
    #expect(values[0].isNaN)
    #expect(values[1] == -.infinity)
    #expect(try tensor("FP64", "[1]", [0, 0, 0, 0, 0, 0, 0xE0, 0x7F]) == .floats([.infinity]))
    #expect(try tensor("FP16", "[1]", [0, 0xFC]) == .floats([-.infinity]))
  }

  @Test func `tensors are taken in the order of the inputs that have them`() throws {
    let json = """
      {"inputs":[\(input("FP32", "[1]", size: 4, name: "a")),
      {"name":"j","shape":[1],"datatype":"INT8","data":[7]},\(input("UINT8", "[2]", size: 2, name: "b"))],"id":"p"}
      """
    let read = try request(json, [0, 0, 0x80, 0x3F, 8, 9])
    #expect(read.inputs.map(\.data) == [.floats([1]), .ints([7]), .ints([8, 9])])
    #expect(read.id == "p")
    // Of two lists the last one counts, from the first byte on.
    let twice = #"{"inputs":[\#(input("UINT8", "[1]", size: 1))],"inputs":[\#(input("UINT8", "[2]", size: 2))]}"#
    #expect(try request(twice, [3, 4]).inputs.map(\.data) == [.ints([3, 4])])
    let late = #"{"inputs":[{"parameters":{"x":1,"binary_data_size":1},"datatype":"INT8","name":"x","shape":[1]}]}"#
    #expect(try request(late, [0xFF]).inputs.map(\.data) == [.ints([-1])])
  }

  @Test(arguments: [
    ("FP32", "[1,2]", 7, 7, #"tensor "x": shape [1, 2] of FP32 takes 8 bytes, "binary_data_size" says 7"#),
    ("BOOL", "[2]", 2, 2, #"tensor "x": element 0 is neither 0 nor 1"#),
    (
      "UINT64", "[1]", 8, 8, #"tensor "x": element 0 is larger than 9223372036854775807, the largest number taken here"#
    ),
    ("FP32", "[2]", 8, 4, #"tensor "x": "binary_data_size" says 8, but 4 bytes are left"#),
    ("FP32", "[1]", 4, 6, "2 bytes of the body belong to no tensor"),
    ("FP32", "[9223372036854775807,2]", 4, 4, #"tensor "x": shape [9223372036854775807, 2] is larger than any body"#),
    (
      "FP32", "[9223372036854775807]", 4, 4,
      #"tensor "x": shape [9223372036854775807] of FP32 takes more bytes than a body has, "binary_data_size" says 4"#
    ),
    ("FP32", "[1]", -4, 4, #"tensor "x": "binary_data_size" is a whole number from 0 on"#),
    ("BYTES", "[1]", 3, 3, #"tensor "x": element 0 has no whole length before it"#),
    ("BYTES", "[1]", 8, 8, #"tensor "x": element 0 is 4294967295 bytes long, but 4 are left"#),
    ("BYTES", "[2000000000]", 8, 8, #"tensor "x": more than 1000000 elements"#),
  ])
  func `bytes that do not fit are refused in a sentence`(
    datatype: String, shape: String, size: Int, count: Int, expected: String
  ) {
    let json = #"{"inputs":[\#(input(datatype, shape, size: size))]}"#
    #expect(sentence { _ = try request(json, [UInt8](repeating: 0xFF, count: count)) } == expected)
  }

  @Test func `text that does not fit its shape or is none is refused`() {
    func text(_ shape: String, _ bytes: [UInt8]) -> String { sentence { _ = try tensor("BYTES", shape, bytes) } }
    #expect(text("[1]", [0, 0, 0, 0, 0]) == #"tensor "x": bytes are left after the 1 elements of shape [1]"#)
    #expect(text("[2]", [0, 0, 0, 0]) == #"tensor "x": shape [2] takes 2 elements, 1 came"#)
    #expect(text("[1]", [2, 0, 0, 0, 0xC3, 0x28]) == #"tensor "x": element 0 is not UTF-8"#)
    let long = JSONLimits.textBytesMax + 1
    #expect(
      text("[1]", [1, 0, 1, 0] + [UInt8](repeating: 0x61, count: long))
        == #"tensor "x": element 0 is longer than 65536 bytes"#)
  }

  @Test func `a message that contradicts itself is refused in a sentence`() {
    let both =
      #"{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1],"parameters":{"binary_data_size":1}}]}"#
    #expect(
      sentence { _ = try request(both, [1]) }
        == #"tensor "x": it has both "data" and "binary_data_size"; send one of them"#)
    let one = #"{"inputs":[\#(input("INT8", "[1]", size: 1))]}"#
    #expect(
      sentence { _ = try InferRequest(parsing: Array(one.utf8)) }
        == #"tensor "x": it has "binary_data_size", but the request has no header Inference-Header-Content-Length"#)
    #expect(
      sentence { _ = try request(one, [], headerLength: 5000) }
        == "Inference-Header-Content-Length says 5000 bytes, but the body has \(one.utf8.count)")
    #expect(sentence { _ = try request(one, [1], headerLength: 20) }.hasPrefix("the body is not valid JSON at byte 20"))
    let none = #"{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1]}]}"#
    #expect(
      sentence { _ = try request(none, [1], headerLength: none.utf8.count + 1) }
        == "the body is not valid JSON at byte \(none.utf8.count): something follows the message")
    let fraction = #"{"inputs":[{"name":"x","shape":[1],"datatype":"INT8","parameters":{"binary_data_size":1.5}}]}"#
    #expect(sentence { _ = try request(fraction, [1]) }.contains("whole number"))
    let plain = #"{"inputs":[{"name":"x","shape":[1],"datatype":"FP16","data":[1]}]}"#
    #expect(sentence { _ = try request(plain, []) } == #"tensor "x": FP16 has no JSON form; send FP32, or raw bytes"#)
  }

  @Test func `bytes alone are one part's features, and their answer is bytes too`() throws {
    let read = try InferRequest(parsing: [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40], headerLength: 0)
    #expect(read.inputs == [Tensor(name: "features", shape: [2], datatype: .fp32, data: .floats([1, 2]))])
    #expect(read.binaryOutputs.contains("label"))
    #expect(sentence { _ = try InferRequest(parsing: [], headerLength: 0) }.contains("0 bytes alone"))
    #expect(sentence { _ = try InferRequest(parsing: [1, 2, 3, 4, 5], headerLength: 0) }.contains("5 bytes alone"))
  }
}

@Suite struct BinaryOutputTests {
  private static let input = #""inputs":[{"name":"x","shape":[1],"datatype":"INT8","data":[1]}]"#

  private func outputs(_ text: String) throws -> BinaryOutputs {
    try InferRequest(parsing: Array("{\(Self.input)\(text)}".utf8)).binaryOutputs
  }

  @Test func `what is said of one output goes before what is said of all`() throws {
    #expect(try outputs("") == BinaryOutputs())
    #expect(try outputs(#","parameters":{"binary_data_output":true}"#) == BinaryOutputs(byDefault: true))
    let mixed = try outputs(
      #","outputs":[{"name":"a","parameters":{"binary_data":false}},{"name":"b"}],"parameters":{"binary_data_output":true}"#
    )
    #expect(!mixed.contains("a"))
    #expect(mixed.contains("b"))
    let single = try outputs(
      #","outputs":[{"name":"a","parameters":{"classification":2,"binary_data":true}},{"name":"b"}]"#)
    #expect(single.contains("a"))
    #expect(!single.contains("b"))
    #expect(throws: WireFault.self) { try outputs(#","parameters":{"binary_data_output":1}"#) }
    #expect(throws: WireFault.self) { try outputs(#","outputs":[{"name":"a","parameters":{"binary_data":"yes"}}]"#) }
  }

  private static let reply = InferReply(
    modelName: "l", modelVersion: "3", id: "p", parameters: ["advice": .text("accept")],
    outputs: [
      OutputTensor(name: "label", shape: [2], datatype: .bytes, data: .bytes(["ok", "é"])),
      OutputTensor(name: "probabilities", shape: [2, 2], datatype: .fp32, data: .floats([0.25, 0.75, 1, 0])),
      OutputTensor(name: "model_version", shape: [1], datatype: .int64, data: .ints([3])),
    ])

  @Test func `an answer says where its raw tensors begin and how long each is`() throws {
    let response = Self.reply.response(BinaryOutputs(byDefault: true, exceptions: ["model_version"]))
    #expect(response.contentType == "application/octet-stream")
    let length = try #require(response.headers["Inference-Header-Content-Length"].flatMap { Int($0) })
    let json = try JSONValue(parsing: Array(response.body[..<length]))
    #expect(
      json["outputs"]?.elements?.map { $0["parameters"]?["binary_data_size"] } == [.integer(12), .integer(16), nil])
    #expect(json["outputs"]?.elements?.last?["data"] == .array([.integer(3)]))
    #expect(
      Array(response.body[length...]) == [2, 0, 0, 0, 0x6F, 0x6B, 2, 0, 0, 0, 0xC3, 0xA9, 0, 0, 0x80, 0x3E]
        + [0, 0, 0x40, 0x3F, 0, 0, 0x80, 0x3F, 0, 0, 0, 0])
    #expect(try InferReply(parsing: response.body, headerLength: length) == Self.reply)
  }

  @Test func `an answer without raw tensors is plain JSON`() throws {
    let response = Self.reply.response(BinaryOutputs(exceptions: ["other"]))
    #expect(response.contentType == "application/json")
    #expect(response.headers == WireHeaders())
    #expect(try InferReply(parsing: response.body) == Self.reply)
  }
}

@Suite struct BinaryPropertyTests {
  private static func randomRequest(_ random: inout Seeded) -> InferRequest {
    let inputs = (0..<Int.random(in: 1...4, using: &random)).map { index -> InputTensor in
      let shape = (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 0...4, using: &random) }
      let count = shape.reduce(1, *)
      let datatype = TensorDatatype.allCases.randomElement(using: &random) ?? .fp32
      let data: TensorData =
        switch datatype {
        case .bool: .bools((0..<count).map { _ in Bool.random(using: &random) })
        case .fp16, .bf16: .floats((0..<count).map { _ in Float(Int.random(in: -128...127, using: &random)) })
        case .fp32, .fp64: .floats((0..<count).map { _ in Float.random(in: -1e9...1e9, using: &random) })
        case .bytes:
          .bytes(
            (0..<count).map { _ in String(repeating: "é\u{0}x", count: Int.random(in: 0...4, using: &random)) })
        default: .ints((0..<count).map { _ in Int64.random(in: 0...127, using: &random) })
        }
      return InputTensor(name: "t\(index)", shape: shape, datatype: datatype, data: data)
    }
    return InferRequest(
      id: "p\(random.next())", parameters: ["product": .text("A"), "camera": .integer(2)], inputs: inputs,
      outputs: ["label", "probabilities"], binaryOutputs: BinaryOutputs(exceptions: ["probabilities"]))
  }

  @Test func `requests come back from their raw form as they were`() throws {
    var random = Seeded(11)
    for _ in 0..<2000 {
      let request = Self.randomRequest(&random)
      let message = request.message(binary: true)
      #expect(try InferRequest(parsing: message.body, headerLength: message.headerLength) == request)
    }
  }

  @Test func `no part of a request is taken for a whole one`() throws {
    var random = Seeded(12)
    let request = Self.randomRequest(&random)
    for binary in [false, true] {
      // FP16 has no JSON form.
      let message =
        binary ? request.message(binary: true) : InferRequest(inputs: [Self.features]).message(binary: false)
      for count in 0..<message.body.count {
        let part = Array(message.body[..<count])
        #expect(throws: WireFault.self) { try InferRequest(parsing: part, headerLength: message.headerLength) }
      }
    }
  }

  private static let features = InputTensor(
    name: "features", shape: [2, 3], datatype: .fp32, data: .floats([0.1, -2, 3e20, 4, 5, 6]))

  @Test func `whatever bytes and lengths come, there is a result or a fault`() throws {
    var random = Seeded(13)
    var accepted = 0
    for round in 0..<40_000 {
      let message = Self.randomRequest(&random).message(binary: round % 3 > 0)
      var bytes = message.body
      for _ in 0..<Int.random(in: 0...3, using: &random) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
        case 2: bytes.insert(contentsOf: [[0x39, 0x39], [0xFF, 0xFF, 0xFF, 0x7F], [0x2C]][place % 3], at: place)
        default: bytes.removeLast(bytes.count - place)
        }
      }
      var length = message.headerLength
      if round % 10 == 0 { length = Int.random(in: 0...bytes.count + 2, using: &random) }
      if let request = try? InferRequest(parsing: bytes, headerLength: length) {
        accepted += 1
        let again = request.message(binary: true)
        let reread = try InferRequest(parsing: again.body, headerLength: again.headerLength)
        #expect(reread.inputs.map(\.shape) == request.inputs.map(\.shape))
      }
    }
    #expect(accepted > 1000)
  }
}
