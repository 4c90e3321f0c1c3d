import Domain
import Foundation
import Testing

@Suite struct InputShapeTests {
  @Test(arguments: [
    ("window:1024", InputShape.window(channels: 1, length: 1024)),
    ("window:2x1024", .window(channels: 2, length: 1024)), ("image:28x28", .image(height: 28, width: 28, channels: 1)),
    ("image:28x30x3", .image(height: 28, width: 30, channels: 3)), ("window:1", .window(channels: 1, length: 1)),
    ("image:256x256", .image(height: 256, width: 256, channels: 1)),
  ])
  func `an input is read as people write it`(text: String, shape: InputShape) throws {
    #expect(try InputShape.named(text) == shape)
    #expect(InputShape(kind: shape.kind, sizes: shape.sizes) == shape)
  }

  @Test func `a vector's length is left to the columns`() throws {
    #expect(try InputShape.named("vector") == nil)
  }

  @Test(arguments: [
    "", "vector:3", "window", "window:", "window:x", "window:0", "window:-4", "window:2x", "window:x2", "window:2x3x4",
    "image", "image:28", "image:28x28x3x1", "image:0x28", "image:28X28", "image: 28x28", "image:28x28 ",
    "picture:28x28",
    "window:1.5", "window:+4", "window:٤", "image:257x256", "image:99999999x99999999", "window:9999999999999999999999",
    "window:65537", "Image:28x28", "window:8:8",
  ])
  func `anything else is refused in a sentence`(text: String) {
    let error = #expect(throws: InvalidName.self) { try InputShape.named(text) }
    #expect((error?.sentence.count ?? 0) > 40)
  }

  @Test func `a huge word is not repeated whole`() {
    let error = #expect(throws: InvalidName.self) { try InputShape.named(String(repeating: "image", count: 100_000)) }
    #expect((error?.sentence.count ?? .max) < 400)
  }

  @Test func `kinds and sizes that do not fit are no input`() {
    for (kind, sizes) in [
      ("vector", []), ("vector", [2, 3]), ("window", [3]), ("image", [3, 3]), ("video", [3]), ("vector", [0]),
      ("image", [Int.max, Int.max, Int.max]),
    ] as [(String, [Int])] {
      #expect(InputShape(kind: kind, sizes: sizes) == nil)
    }
  }

  @Test func `one part may come in its own shape, without an only channel, or flat`() {
    #expect(InputShape.vector(count: 12).partShapes == [[12]])
    #expect(InputShape.window(channels: 1, length: 8).partShapes == [[1, 8], [8]])
    #expect(InputShape.window(channels: 2, length: 8).partShapes == [[2, 8], [16]])
    #expect(InputShape.image(height: 4, width: 5, channels: 1).partShapes == [[4, 5, 1], [4, 5], [20]])
    #expect(InputShape.image(height: 4, width: 5, channels: 3).partShapes == [[4, 5, 3], [60]])
  }

  @Test func `no shape of one part is a shape of many`() {
    var shapes: [InputShape] = []
    for a in 1...4 {
      for b in 1...4 {
        shapes.append(.window(channels: a, length: b))
        for c in 1...3 { shapes.append(.image(height: a, width: b, channels: c)) }
      }
    }
    for input in shapes {
      for one in input.partShapes {
        for many in input.partShapes where many == Array(one.dropFirst()) {
          #expect(one[0] == 1, "\(input): \(one) is one part or \(one[0]) of \(many)")
        }
      }
    }
  }

  @Test func `a value's place is told as arrays count`() {
    #expect(InputShape.window(channels: 1, length: 8).place(of: 7) == "sample 7")
    #expect(InputShape.window(channels: 2, length: 8).place(of: 9) == "channel 1, sample 1")
    #expect(InputShape.image(height: 4, width: 5, channels: 1).place(of: 7) == "row 1, column 2")
    #expect(InputShape.image(height: 4, width: 5, channels: 3).place(of: 22) == "row 1, column 2, channel 1")
  }
}

@Suite struct LineDefinitionTests {
  private func definition(_ input: InputShape?, names: [String]) throws -> LineDefinition {
    LineDefinition(
      id: try LineID("weld"), schema: try GroupSchema(attributes: ["camera"], includesOutcome: false), input: input,
      featureNames: names, classNames: ["good", "bad"])
  }

  @Test func `a line stored by version 0_1 says nothing of its input and is a vector`() throws {
    let stored = """
      {"id":"press-1","schema":{"attributes":["product"],"includesOutcome":true},"featureNames":["heat","force"],
       "classNames":["good","bad"]}
      """
    let line = try JSONDecoder().decode(LineDefinition.self, from: Data(stored.utf8))
    #expect(line.input == .vector(count: 2))
    #expect(line.featureNames == ["heat", "force"])
    #expect(line.featureName(1) == "force")
  }

  @Test(arguments: [
    InputShape.vector(count: 2), .window(channels: 2, length: 16), .image(height: 28, width: 28, channels: 1),
  ])
  func `a line of any input comes back as it was stored`(input: InputShape) throws {
    let names = (0..<input.count).map { "x\($0)" }
    let line = try definition(input, names: names)
    #expect(line.featureCount == input.count)
    let back = try JSONDecoder().decode(LineDefinition.self, from: try JSONEncoder().encode(line))
    #expect(back == line)
  }

  @Test func `pixels have places and no stored names`() throws {
    let names = (0..<784).map { "pixel\($0)" }
    let line = try definition(.image(height: 28, width: 28, channels: 1), names: names)
    #expect(line.featureNames.isEmpty)
    #expect(line.featureName(29) == "row 1, column 1")
    #expect(try JSONEncoder().encode(line).count < 300)
  }

  @Test(arguments: [
    #"{"vector":{"count":0}}"#, #"{"image":{"height":9000000000,"width":9000000000,"channels":9000000000}}"#,
    #"{"window":{"channels":-1,"length":-1}}"#,
  ])
  func `an input no line can have is refused before anything is multiplied`(input: String) {
    let stored = """
      {"id":"a","schema":{"attributes":["b"],"includesOutcome":false},"input":\(input),"featureNames":[],
       "classNames":["x","y"]}
      """
    #expect(throws: InvalidName.self) { try JSONDecoder().decode(LineDefinition.self, from: Data(stored.utf8)) }
  }
}
