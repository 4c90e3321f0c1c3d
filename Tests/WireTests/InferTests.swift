import Domain
import Testing
import Wire

private func infer(_ text: String) throws -> InferRequest { try InferRequest(parsing: Array(text.utf8)) }

private func tensor(_ datatype: String, _ shape: String, _ data: String) throws -> Tensor {
  let text = #"{"inputs":[{"name":"x","shape":\#(shape),"datatype":"\#(datatype)","data":\#(data)}]}"#
  return try #require(try infer(text).inputs.first)
}

private func fault(_ datatype: String, _ shape: String, _ data: String) -> WireFault? {
  do {
    _ = try tensor(datatype, shape, data)
    return nil
  } catch {
    return error as? WireFault
  }
}

@Test func `a whole request is read`() throws {
  let request = try infer(
    #"""
    {"id":"SN-1","parameters":{"product":"A7","camera":2,"hot":true,"t":1.5,"gone":null,"sequence_id":7},
     "inputs":[{"name":"features","shape":[1,3],"datatype":"FP32","parameters":{"x":[1]},"data":[1,2.5,-3e-1]}],
     "outputs":[{"name":"class"}],"unknown":{"deep":[[]]}}
    """#)
  #expect(request.id == "SN-1")
  #expect(
    request.parameters == [
      "product": .text("A7"), "camera": .integer(2), "hot": .flag(true), "t": .number(1.5), "sequence_id": .integer(7),
    ])
  #expect(request.inputs.map(\.data) == [.floats([1, 2.5, -0.3])])
  #expect(request.outputs == ["class"])
}

@Test func `data may stand before shape and datatype, and the last of two counts`() throws {
  let late = try infer(#"{"inputs":[{"data":[[1,2],[3,4]],"datatype":"FP32","shape":[2,2],"name":"x"}]}"#)
  #expect(late.inputs.first?.data == .floats([1, 2, 3, 4]))
  let twice = try infer(
    #"{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1],"data":[2],"datatype":"INT8"}],"id":"z"}"#)
  #expect(twice.inputs.first?.data == .ints([2]))
  #expect(twice.id == "z")
}

@Test func `nested data must be nested as its shape says`() throws {
  #expect(try tensor("FP32", "[2,3]", "[[1,2,3],[4,5,6]]").data == .floats([1, 2, 3, 4, 5, 6]))
  #expect(try tensor("INT32", "[2,1,2]", "[[[1,2]],[[3,4]]]").data == .ints([1, 2, 3, 4]))
  #expect(try tensor("FP32", "[0,4]", "[]").data == .floats([]))
  #expect(try tensor("FP32", "[2,0]", "[[],[]]").data == .floats([]))
  for data in [
    "[[1,2,3],[4,5]]", "[[1,2],[3,4],[5,6]]", "[1,[2,3],4,5,6]", "[[1,2,3],4,5,6]", "[[[1,2,3],[4,5,6]]]", "[[],[1]]",
    "[1,2,3,4,5]", "{}", "7", "[1,2,3,4,5,6,7]", "[[1],[[2]]]", "[[],1]", "[[[[[[[[[1]]]]]]]]]",
  ] {
    guard case .badTensor = fault("FP32", "[2,3]", data) else {
      Issue.record("\(data) was not refused as a tensor")
      continue
    }
  }
}

@Test(arguments: [
  ("FP32", "[1,", "[-1]"), ("FP32", "[1]", "[1.5]"), ("FP32", "[1]", "\"3\""), ("NOPE", "[1]", "[1]"),
  ("FP16", "[1]", "[1]"), ("INT8", "[1]", "[128]"), ("UINT8", "[1]", "[-1]"), ("INT64", "[1]", "[1.5]"),
  ("INT64", "[1]", "[9223372036854775808]"), ("BOOL", "[1]", "[1]"), ("BYTES", "[1]", "[1]"), ("FP32", "[1]", "[true]"),
  ("FP32", "[9223372036854775807,9223372036854775807]", "[1]"), ("FP32", "[1,1,1,1,1,1,1,1,1]", "[1]"),
  ("FP32", "[1.5]", "[1]"), ("FP32", "[-1]", "[1]"), ("FP32", "[1000000000000]", "[1]"), ("FP32", "[1]", "[null]"),
])
func `tensors that contradict themselves are refused`(datatype: String, shape: String, data: String) {
  if datatype == "FP32", data == "[1.5]" {
    #expect(fault(datatype, shape, data) == nil)
  } else {
    #expect(fault(datatype, shape, data)?.status == 400)
  }
}

@Test(arguments: ["NaN", "Infinity", "-Infinity", "1e39", "-1e400"])
func `numbers that are not finite are refused with their place`(element: String) {
  #expect(fault("FP32", "[2]", "[0,\(element)]") == .nonFinite(name: "x", index: 1))
}

@Test func `every datatype of the protocol with a JSON form is read`() throws {
  #expect(try tensor("FP64", "[1]", "[1e-3]").data == .floats([1e-3]))
  #expect(try tensor("BOOL", "[2]", "[true,false]").data == .bools([true, false]))
  #expect(try tensor("BYTES", "[2]", #"["a","\u00e9"]"#).data == .bytes(["a", "é"]))
  for name in ["UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"] {
    #expect(try tensor(name, "[2]", "[0,127]").data == .ints([0, 127]))
  }
  #expect(try tensor("INT64", "[1]", "[-9223372036854775808]").data == .ints([.min]))
}

@Test func `floats are rounded once, from the text`() throws {
  var random = Seeded(3)
  var texts = ["1.00000017881393432617187499", "1.00000017881393432617187501", "7.006492321624085e-46", "3.4028235e38"]
  for _ in 0..<20_000 {
    let float = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    if float.isFinite {
      texts.append(float.description)
      // The middle between two floats and a hair beside it: where rounding twice goes wrong.
      let middle = Double(float) + (Double(float.nextUp) - Double(float)) / 2
      if middle.magnitude < 3e38 { texts += [middle.description, middle.nextUp.description, middle.description + "1"] }
    }
  }
  texts.removeAll { Float($0)?.isFinite != true }
  #expect(texts.count > 60_000)
  let data = "[" + texts.joined(separator: ",") + "]"
  let read = try tensor("FP32", "[\(texts.count)]", data)
  let expected = texts.map { Float($0) ?? .nan }
  guard case .floats(let values) = read.data else { return #expect(Bool(false), "floats expected") }
  let wrong = zip(values, expected).enumerated().filter { $0.element.0.bitPattern != $0.element.1.bitPattern }
  #expect(wrong.isEmpty, "\(wrong.prefix(3).map { (texts[$0.offset], $0.element) })")
}

@Test(arguments: [
  "[]", "{}", #"{"inputs":[]}"#, #"{"inputs":{}}"#, #"{"inputs":[1]}"#, #"{"inputs":[{}]}"#, #"{"id":5}"#,
  #"{"parameters":[]}"#, #"{"parameters":{"a":[1]}}"#, #"{"outputs":[{}]}"#, #"{"outputs":3}"#, #"{"id":"a\u0000"}"#,
])
func `messages that are JSON but no infer request are refused`(text: String) {
  #expect(throws: WireFault.self) { try infer(text) }
  do { _ = try infer(text) } catch { #expect((error as? WireFault)?.status == 400) }
}

@Test func `requests and answers come back as they were written`() throws {
  let features = Tensor(name: "features", shape: [2, 2], datatype: .fp32, data: .floats([0.1, -1e-20, 3, 4]))
  let molds = Tensor(name: "mold", shape: [2], datatype: .bytes, data: .bytes(["a\"b", "é"]))
  let request = InferRequest(
    id: "x", parameters: ["a": .text("1"), "b": .integer(-5)], inputs: [features, molds], outputs: ["class"])
  #expect(try InferRequest(parsing: request.bytes) == request)
  let reply = InferReply(
    modelName: "die", modelVersion: "3", id: "x",
    parameters: ["confidence": .number(0.25), "advice": .text("accept"), "latency_us": .integer(12)],
    outputs: [features])
  #expect(try InferReply(parsing: reply.bytes) == reply)
  #expect(reply.response.contentType == "application/json")
}

private func definition(_ attributes: [String] = ["mold", "shift"]) throws -> LineDefinition {
  LineDefinition(
    id: try LineID("die"), schema: try GroupSchema(attributes: attributes, includesOutcome: false),
    featureNames: ["a", "b"], classNames: ["ok", "fail"])
}

@Test func `attributes come from parameters for all parts and from tensors a part`() throws {
  let features = Tensor(name: "anything", shape: [2, 2], datatype: .fp32, data: .floats([1, 2, 3, 4]))
  let shifts = Tensor(name: "shift", shape: [2, 1], datatype: .bytes, data: .bytes(["day", "night"]))
  let request = InferRequest(parameters: ["mold": .number(8412)], inputs: [features, shifts])
  let batch = try InferBatch(request, definition: try definition())
  #expect(batch.partCount == 2)
  #expect(batch.features == [1, 2, 3, 4])
  #expect(batch.cells == [Cell(["8412", "day"]), Cell(["8412", "night"])])
  let single = InferRequest(inputs: [Tensor(name: "f", shape: [2], datatype: .int8, data: .ints([5, 6]))])
  let one = try InferBatch(single, definition: try definition())
  #expect(one.features == [5, 6])
  #expect(one.cells == [Cell(["?", "?"])])
}

@Test func `an input nobody reads is refused by name, and ids and times are read`() throws {
  let features = Tensor(name: "features", shape: [1, 2], datatype: .fp32, data: .floats([1, 2]))
  func ids(_ name: String) -> Tensor { Tensor(name: name, shape: [1], datatype: .bytes, data: .bytes(["S1"])) }
  #expect(try InferBatch(InferRequest(inputs: [features, ids("part_id")]), definition: definition()).partCount == 1)
  let fault = #expect(throws: WireFault.self) {
    try InferBatch(InferRequest(inputs: [features, ids("id")]), definition: definition())
  }
  #expect(fault?.sentence.contains("\"id\"") == true)
  #expect(fault?.sentence.contains("part_id") == true)
}

@Test func `a batch that does not fit its line is refused`() throws {
  let line = try definition()
  func status(_ inputs: [Tensor], _ parameters: Parameters = [:]) -> Int? {
    do {
      _ = try InferBatch(InferRequest(parameters: parameters, inputs: inputs), definition: line)
      return nil
    } catch { return error.status }
  }
  let good = Tensor(name: "f", shape: [1, 2], datatype: .fp32, data: .floats([1, 2]))
  #expect(status([good]) == nil)
  #expect(status([Tensor(name: "f", shape: [3], datatype: .fp32, data: .floats([1, 2, 3]))]) == 400)
  #expect(status([Tensor(name: "f", shape: [0, 2], datatype: .fp32, data: .floats([]))]) == 400)
  #expect(status([Tensor(name: "f", shape: [2], datatype: .bytes, data: .bytes(["1", "2"]))]) == 400)
  #expect(status([good, Tensor(name: "g", shape: [1], datatype: .fp32, data: .floats([1]))]) == 400)
  #expect(status([good, Tensor(name: "mold", shape: [2], datatype: .bytes, data: .bytes(["a", "b"]))]) == 400)
  #expect(status([Tensor(name: "mold", shape: [1], datatype: .bytes, data: .bytes(["a"]))]) == 400)
  #expect(status([good], ["mold": .text(String(repeating: "x", count: 65))]) == 400)
}

@Test func `random bytes and mutated requests never crash the readers`() throws {
  var random = Seeded(4)
  let valid = InferRequest(
    id: "x", parameters: ["a": .text("é\n"), "b": .number(1e-7)],
    inputs: [Tensor(name: "features", shape: [2, 2], datatype: .fp32, data: .floats([0.1, -1e-20, 3, 4]))]
  ).bytes
  let tokens: [[UInt8]] = ["[", "]", "{", "}", ",", ":", "\"", "\\u", "-", "1e999", "NaN", "null", "99999999999"]
    .map { Array($0.utf8) }
  var accepted = 0
  for round in 0..<60_000 {
    var bytes = valid
    if round % 4 == 0 {
      bytes = (0..<Int.random(in: 0..<64, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    } else {
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        let place = Int.random(in: 0..<max(1, bytes.count), using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.removeSubrange(place..<min(bytes.count, place + 3))
        case 2: bytes.insert(contentsOf: tokens.randomElement(using: &random) ?? [], at: place)
        default: bytes.removeLast(bytes.count - place)
        }
        if bytes.isEmpty { bytes = [0] }
      }
    }
    if let request = try? InferRequest(parsing: bytes) {
      accepted += 1
      #expect(try InferRequest(parsing: request.bytes) == request)
    }
    _ = try? JSONValue(parsing: bytes)
    _ = try? OutcomesRequest.parse(bytes)
    _ = try? OperatorCoding.message(RetrainRequest.self, from: bytes)
  }
  #expect(accepted > 100)
}
