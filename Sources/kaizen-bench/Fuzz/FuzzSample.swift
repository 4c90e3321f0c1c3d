import DataFiles
import Domain
import NeuralNet
import Teacher
import Wire

/// A sound file or message that mutants are made of.
struct FuzzSample {
  let bytes: [UInt8]
  /// What a model's parts are.
  var input = InputShape.vector(count: 1)
  var request = PartsRequest(label: "y", groups: ["product"])
  /// The arrays of an archive, for mutants with right checksums.
  private var arrays: [(name: String, npy: [UInt8])] = []
  private var isPacked = false
  /// How many of a message's bytes are JSON, where raw tensors follow.
  private(set) var headerLength: Int?

  static let classCount = 3
  private static let rowCount = 32

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func all(_ format: FuzzFormat) throws -> [FuzzSample] {
    switch format {
    case .onnx:
      let students: [(InputShape, String)] = [
        (.vector(count: 4), "6"), (.vector(count: 3), "4,5"), (.window(channels: 2, length: 12), "conv3k3,max2,mean"),
        (.image(height: 6, width: 5, channels: 2), "conv3k3,avg2,5"),
      ]
      return try students.map { input, layers in
        let shape = try StudentShape(
          input: input, hiddenLayers: try StudentLayer.list(layers), classCount: classCount)
        let student = Student(shape: shape, standardizer: Standardizer(identity: input.count), seed: 2)
        var sample = FuzzSample(student.onnx(metadata: [("kaizen.classes", "[\"a\",\"b\",\"c\"]")]))
        sample.input = input
        return sample
      }
    case .npz: return [archive(packed: false, pictures: false), archive(packed: true, pictures: true)]
    case .csv: return [table(separator: "\n", quoted: false), table(separator: "\r\n", quoted: true)]
    case .json: return requests(binary: false)
    case .raw: return requests(binary: true)
    }
  }

  private static func archive(packed: Bool, pictures: Bool) -> FuzzSample {
    let count = pictures ? 4 * 3 * 3 : 5
    let x =
      pictures
      ? NpzWriter.npy([rowCount, 4, 3, 3], (0..<rowCount * count).map { UInt8($0 % 251) })
      : NpzWriter.npy([rowCount, count], (0..<rowCount * count).map { Float($0) / 7 })
    let arrays: [(name: String, npy: [UInt8])] = [
      ("x", x), ("y", NpzWriter.npy((0..<rowCount).map { $0 % classCount })),
      ("product", NpzWriter.npy((0..<rowCount).map { "P\($0 % 3)" })),
      ("split", NpzWriter.npy((0..<rowCount).map { $0 % 5 == 0 ? "val" : "train" })),
    ]
    var writer = NpzWriter(compressed: packed)
    for array in arrays { writer.add(array.name, npy: array.npy) }
    var sample = FuzzSample(writer.file)
    sample.arrays = arrays
    sample.isPacked = packed
    return sample
  }

  private static func table(separator: String, quoted: Bool) -> FuzzSample {
    let quote = quoted ? "\"" : ""
    var text = "y,product,split,f0,f1\(separator)"
    for row in 0..<rowCount {
      text += "\(row % classCount),\(quote)P\(row % 3)\(quote),\(row % 5 == 0 ? "val" : "train"),\(row).5,-\(row)e-2"
      text += separator
    }
    return FuzzSample(Array(text.utf8))
  }

  private static func requests(binary: Bool) -> [FuzzSample] {
    let features = InputTensor(
      name: "features", shape: [2, 3], datatype: .fp32, data: .floats([0.1, -2.5e-20, 3, 1e9, 0.30000001, -0]))
    let ids = InputTensor(name: "part_id", shape: [2], datatype: .bytes, data: .bytes(["S-1", "Größe \"2\"\n"]))
    let pixels = InputTensor(name: "x", shape: [1, 2, 2], datatype: .uint8, data: .ints([0, 1, 254, 255]))
    let flags = InputTensor(name: "hot", shape: [1], datatype: .bool, data: .bools([true]))
    let requests = [
      InferRequest(id: "SN-1", parameters: ["product": .text("A7"), "t": .number(1.5)], inputs: [features, ids]),
      InferRequest(
        parameters: ["camera": .integer(2)], inputs: [pixels, flags], outputs: ["label", "group"],
        binaryOutputs: BinaryOutputs(byDefault: true, exceptions: ["group"])),
    ]
    var samples = requests.map { request in
      let message = request.message(binary: binary)
      var sample = FuzzSample(message.body)
      sample.headerLength = message.headerLength
      return sample
    }
    if !binary {
      samples.append(
        FuzzSample(
          Array(
            #"{"inputs":[{"data":[[[1,2],[3,4.25e1]]],"shape":[1,2,2],"datatype":"FP64","name":"\u00e9"}],"x":[null]}"#
              .utf8)))
    }
    return samples
  }

  /// A changed message, one half under a right length of its JSON.
  private mutating func changedMessage(_ mutator: inout Mutator, other: [UInt8], jsonCount: Int) -> [UInt8] {
    switch mutator.index(below: 3) {
    case 0: return mutator.mutated(bytes, other: other)
    case 1:
      let json = mutator.mutated(Array(bytes[..<jsonCount]), other: other)
      headerLength = json.count
      return json + bytes[jsonCount...]
    default: return bytes[..<jsonCount] + mutator.mutated(Array(bytes[jsonCount...]), other: other)
    }
  }

  /// A changed file or message, or a sound archive of changed arrays.
  mutating func mutant(_ mutator: inout Mutator, other: [UInt8]) -> [UInt8] {
    if let headerLength { return changedMessage(&mutator, other: other, jsonCount: headerLength) }
    guard !arrays.isEmpty, mutator.index(below: 3) > 0 else { return mutator.mutated(bytes, other: other) }
    let changed = mutator.index(below: arrays.count)
    var writer = NpzWriter(compressed: isPacked)
    for (index, array) in arrays.enumerated() {
      let other = arrays[(index + 1) % arrays.count].npy
      writer.add(array.name, npy: index == changed ? mutator.mutated(array.npy, other: other) : array.npy)
    }
    return writer.file
  }
}
