/// An ONNX file (onnx.proto3) as its nodes and constants; only what a student may be made of.
struct OnnxModel {
  var opset = 0
  var metadata: [String: String] = [:]
  var nodes: [OnnxNode] = []
  var initializers: [OnnxTensorBytes] = []
  var inputs: [OnnxInput] = []
  var outputs: [String] = []

  /// The largest student in 64-bit numbers, and room for names.
  static let bytesMax = 64 << 20
  /// A student has 17 layers; exporters make at most a few dozen nodes of each.
  static let nodesMax = 2048
  static let textBytesMax = 4096

  init(_ bytes: [UInt8]) throws(OnnxFault) {
    guard bytes.count <= Self.bytesMax else {
      throw OnnxFault("the file is larger than \(Self.bytesMax >> 20) MiB; a student is far smaller")
    }
    var reader = ProtoReader(bytes[...])
    var graph: ArraySlice<UInt8>?
    while let field = try reader.next() {
      switch field.number {
      case 7: graph = try field.bytes()
      case 8:
        let (domain, version) = try Self.opset(try field.bytes())
        if domain.isEmpty || domain == "ai.onnx" { opset = version }
      case 14:
        let (key, value) = try Self.entry(try field.bytes())
        if metadata.count < Self.nodesMax { metadata[key] = value }
      default: break
      }
    }
    guard let graph, opset > 0 else { throw .notOnnx }
    try read(graph)
  }

  private mutating func read(_ graph: ArraySlice<UInt8>) throws(OnnxFault) {
    var reader = ProtoReader(graph)
    while let field = try reader.next() {
      switch field.number {
      case 1: nodes.append(try OnnxNode(try field.bytes()))
      case 5: initializers.append(try OnnxTensorBytes(try field.bytes()))
      case 11: inputs.append(try OnnxInput(try field.bytes()))
      case 12: outputs.append(try OnnxInput(try field.bytes()).name)
      case 15: throw OnnxFault("the model has sparse constants; export it with dense ones")
      default: break
      }
      guard max(nodes.count, initializers.count, inputs.count, outputs.count) <= Self.nodesMax else {
        throw OnnxFault("the model has more than \(Self.nodesMax) nodes; a student has at most 17 layers")
      }
    }
    let constants = Set(initializers.map(\.name))
    inputs.removeAll { constants.contains($0.name) }
  }

  private static func opset(_ bytes: ArraySlice<UInt8>) throws(OnnxFault) -> (domain: String, version: Int) {
    var reader = ProtoReader(bytes)
    var domain = ""
    var version = 0
    while let field = try reader.next() {
      switch field.number {
      case 1: domain = try field.text()
      case 2: version = try field.int()
      default: break
      }
    }
    return (domain, version)
  }

  /// A key and its value.
  static func entry(_ bytes: ArraySlice<UInt8>) throws(OnnxFault) -> (String, String) {
    var reader = ProtoReader(bytes)
    var key = ""
    var value = ""
    while let field = try reader.next() {
      switch field.number {
      case 1: key = try field.text()
      // Feature names may be many: the whole text, which is no larger than the file.
      case 2: value = String(decoding: try field.bytes(), as: UTF8.self)
      default: break
      }
    }
    return (key, value)
  }
}

/// What a model reads: its name and sizes, nil where they are free.
struct OnnxInput {
  private(set) var name = ""
  private(set) var element = 0
  private(set) var dims: [Int?] = []

  init(_ bytes: ArraySlice<UInt8>) throws(OnnxFault) {
    var reader = ProtoReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text()
      case 2:
        var type = ProtoReader(try field.bytes())
        while let field = try type.next() {
          if field.number == 1 { try readTensorType(try field.bytes()) }
        }
      default: break
      }
    }
  }

  private mutating func readTensorType(_ bytes: ArraySlice<UInt8>) throws(OnnxFault) {
    var reader = ProtoReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: element = try field.int()
      case 2:
        var shape = ProtoReader(try field.bytes())
        while let field = try shape.next() {
          guard field.number == 1 else { continue }
          var size: Int?
          var dim = ProtoReader(try field.bytes())
          while let field = try dim.next() {
            if field.number == 1 { size = try field.int() }
          }
          guard dims.count < OnnxTensor.rankMax else {
            throw OnnxFault("the input \"\(name)\" has too many dimensions")
          }
          dims.append(size.flatMap { $0 > 0 ? $0 : nil })
        }
      default: break
      }
    }
  }
}

/// One operation.
struct OnnxNode {
  private(set) var inputs: [String] = []
  private(set) var outputs: [String] = []
  private(set) var operation = ""
  private var name = ""
  private var domain = ""
  private var attributes: [String: OnnxAttribute] = [:]

  init(_ bytes: ArraySlice<UInt8>) throws(OnnxFault) {
    var reader = ProtoReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: inputs.append(try field.text())
      case 2: outputs.append(try field.text())
      case 3: name = try field.text()
      case 4: operation = try field.text()
      case 5:
        let attribute = try OnnxAttribute(try field.bytes())
        attributes[attribute.name] = attribute
      case 7: domain = try field.text()
      default: break
      }
      guard max(inputs.count, outputs.count, attributes.count) <= OnnxModel.nodesMax else { throw .notOnnx }
    }
  }

  /// `node "/3/Conv" (Conv)`.
  var place: String {
    let called = name.isEmpty ? outputs.first ?? "" : name
    return "node \"\(called.prefix(80))\" (\(operation.prefix(40)))"
  }

  var isStandard: Bool { domain.isEmpty || domain == "ai.onnx" }

  func fault(_ what: String) -> OnnxFault { OnnxFault("\(place) \(what)") }

  func has(_ name: String) -> Bool { attributes[name] != nil }
  func int(_ name: String, default value: Int) -> Int { attributes[name]?.int ?? value }
  func float(_ name: String, default value: Float) -> Float { attributes[name]?.float ?? value }
  func ints(_ name: String) -> [Int]? { attributes[name].map(\.ints) }
  func text(_ name: String) -> String? { attributes[name]?.text }
  func tensor(_ name: String) -> OnnxTensorBytes? { attributes[name]?.tensor }
}

private struct OnnxAttribute {
  private(set) var name = ""
  private(set) var int: Int?
  private(set) var float: Float?
  private(set) var text: String?
  private(set) var ints: [Int] = []
  private(set) var tensor: OnnxTensorBytes?

  init(_ bytes: ArraySlice<UInt8>) throws(OnnxFault) {
    var reader = ProtoReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: name = try field.text()
      case 2: float = try field.float()
      case 3: int = try field.int()
      case 4: text = try field.text()
      case 5: tensor = try OnnxTensorBytes(try field.bytes())
      case 8: try field.add(to: &ints, max: OnnxModel.nodesMax)
      default: break
      }
    }
  }
}
