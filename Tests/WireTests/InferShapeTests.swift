import Domain
import Testing
import Wire

/// Shapes in which parts of windows and pictures may come.
@Suite struct InferShapeTests {
  private func line(_ input: InputShape) throws -> LineDefinition {
    LineDefinition(
      id: try LineID("eye"), schema: try GroupSchema(attributes: ["camera"], includesOutcome: false), input: input,
      featureNames: [], classNames: ["ok", "fail"])
  }

  private func batch(_ input: InputShape, _ shape: [Int]) throws -> InferBatch {
    let values = (0..<shape.reduce(1, *)).map { Float($0) }
    let tensor = Tensor(name: "pixels", shape: shape, datatype: .fp32, data: .floats(values))
    return try InferBatch(InferRequest(parameters: ["camera": .text("A")], inputs: [tensor]), definition: line(input))
  }

  private static let image = InputShape.image(height: 4, width: 6, channels: 1)
  private static let colour = InputShape.image(height: 4, width: 6, channels: 3)
  private static let window = InputShape.window(channels: 2, length: 8)
  private static let signal = InputShape.window(channels: 1, length: 8)

  @Test(arguments: [
    (image, [5, 4, 6, 1], 5), (image, [5, 4, 6], 5), (image, [5, 24], 5), (image, [4, 6, 1], 1), (image, [4, 6], 1),
    (image, [24], 1), (image, [1, 24], 1), (colour, [2, 4, 6, 3], 2), (colour, [4, 6, 3], 1), (colour, [2, 72], 2),
    (window, [3, 2, 8], 3), (window, [2, 8], 1), (window, [3, 16], 3), (window, [16], 1), (signal, [3, 1, 8], 3),
    (signal, [3, 8], 3), (signal, [1, 8], 1), (signal, [8], 1), (.vector(count: 3), [3], 1),
    (.vector(count: 3), [3, 3], 3),
  ])
  func `a tensor is read as the parts it holds, values in order`(input: InputShape, shape: [Int], count: Int) throws {
    let batch = try batch(input, shape)
    #expect(batch.partCount == count)
    #expect(batch.features == (0..<count * input.count).map { Float($0) })
    #expect(batch.cells.count == count)
  }

  @Test(arguments: [
    (image, [5, 6, 4, 1], "[n, 4, 6, 1] ([n, 4, 6] or [n, 24] will do)"), (image, [6, 4], "[n, 4, 6, 1]"),
    (image, [5, 4, 6, 3], "[n, 4, 6, 1]"), (image, [5, 23], "[n, 4, 6, 1]"), (image, [], "[n, 4, 6, 1]"),
    (colour, [5, 4, 6], "[n, 4, 6, 3] ([n, 72] will do)"), (window, [3, 8, 2], "[n, 2, 8] ([n, 16] will do)"),
    (window, [3, 8], "[n, 2, 8]"), (.vector(count: 12), [1, 11], "this line's [n, 12]"),
    (.vector(count: 4), [2, 2, 2], "[n, 4]"),
  ])
  func `a tensor of another shape is told the line's`(input: InputShape, shape: [Int], sentence: String) throws {
    let fault = #expect(throws: WireFault.self) { try batch(input, shape) }
    #expect(fault?.status == 400)
    #expect(fault?.sentence.contains(sentence) == true, "\(fault?.sentence ?? "")")
    #expect(fault?.sentence.contains("\(shape)") == true)
  }

  @Test func `a vector has one shape, and its sentence no other`() throws {
    let fault = #expect(throws: WireFault.self) { try batch(.vector(count: 12), [1, 11]) }
    #expect(fault?.sentence.hasSuffix("shape [1, 11] does not fit this line's [n, 12]") == true)
  }

  @Test func `more parts than a request takes are refused before they are looked at`() throws {
    let fault = #expect(throws: WireFault.self) {
      try batch(.image(height: 1, width: 1, channels: 1), [10_001, 1, 1, 1])
    }
    #expect(fault?.sentence.contains("10001 parts") == true)
    #expect(throws: WireFault.self) { try batch(Self.image, [0, 4, 6, 1]) }
  }

  @Test func `pictures nested in JSON are read row by row`() throws {
    let text = #"{"inputs":[{"name":"features","shape":[1,2,2],"datatype":"UINT8","data":[[[0,255],[7,9]]]}]}"#
    let request = try InferRequest(parsing: Array(text.utf8))
    let batch = try InferBatch(request, definition: try line(.image(height: 2, width: 2, channels: 1)))
    #expect(batch.features == [0, 255, 7, 9])
    #expect(batch.cells == [Cell(["?"])])
  }

  @Test func `without a tensor the sentence names the shape`() throws {
    let ids = Tensor(name: "part_id", shape: [1], datatype: .bytes, data: .bytes(["a"]))
    let fault = #expect(throws: WireFault.self) {
      try InferBatch(InferRequest(inputs: [ids]), definition: try line(Self.colour))
    }
    #expect(fault?.sentence.contains("of shape [n, 4, 6, 3]") == true)
  }

  private func fault(adding input: InputShape, names: [String]) throws -> WireFault? {
    var request = try sampleLine()
    request.definition = LineDefinition(
      id: request.definition.id, schema: request.definition.schema, input: input, featureNames: names,
      classNames: ["ok", "fail"])
    do {
      let sent = try OperatorCall.addLine(request).outgoing()
      let call = try OperatorCall.decode(try WireRequest(method: sent.method, target: sent.path, body: sent.body))
      #expect(call == .addLine(request))
      return nil
    } catch { return error }
  }

  @Test func `a line of pictures goes over the wire without names, a vector needs one a value`() throws {
    #expect(try fault(adding: Self.image, names: []) == nil)
    #expect(try fault(adding: Self.window, names: ["left", "right"]) == nil)
    #expect(try fault(adding: .vector(count: 2), names: ["a", "b"]) == nil)
    #expect(try fault(adding: .vector(count: 3), names: ["a", "b"])?.status == 400)
    #expect(try fault(adding: .vector(count: 2), names: [])?.status == 400)
    #expect(try fault(adding: .vector(count: 0), names: [])?.status == 400)
    #expect(try fault(adding: .image(height: 1 << 40, width: 1 << 40, channels: 3), names: [])?.status == 400)
  }
}
