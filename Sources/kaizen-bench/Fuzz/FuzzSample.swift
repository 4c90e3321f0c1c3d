import DataFiles
import Domain
import NeuralNet
import Teacher

/// A sound file that mutants are made of.
struct FuzzSample {
  let bytes: [UInt8]
  /// What a model's parts are.
  var input = InputShape.vector(count: 1)
  var request = PartsRequest(label: "y", groups: ["product"])
  /// The arrays of an archive, for mutants with right checksums.
  private var arrays: [(name: String, npy: [UInt8])] = []
  private var isPacked = false

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

  /// A changed file, or a sound archive of changed arrays.
  func mutant(_ mutator: inout Mutator, other: [UInt8]) -> [UInt8] {
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
