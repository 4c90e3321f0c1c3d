import Domain
import Foundation
import NeuralNet
import Teacher
import Testing

/// The models of Fixtures/export_models.py with what PyTorch makes of some parts.
struct TorchModel: CustomTestStringConvertible {
  let name: String
  let input: InputShape
  let parts: [Float]
  let logits: [Float]

  var rowCount: Int { parts.count / input.count }
  var classCount: Int { logits.count / rowCount }
  var testDescription: String { name }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")

  static let all: [TorchModel] = {
    let text = (try? String(contentsOf: folder.appendingPathComponent("expected.txt"), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").map { line in
      let halves = line.split(separator: ">")
      let words = halves[0].split(separator: " ")
      let sizes = words[2].split(separator: "x").map { Int($0) ?? 0 }
      let input: InputShape =
        switch words[1] {
        case "vector": .vector(count: sizes[0])
        case "window": .window(channels: sizes[0], length: sizes[1])
        default: .image(height: sizes[0], width: sizes[1], channels: sizes[2])
        }
      return TorchModel(
        name: String(words[0]), input: input, parts: words.dropFirst(3).map { Float($0) ?? .nan },
        logits: halves[1].split(separator: " ").map { Float($0) ?? .nan })
    }
  }()

  func bytes(_ style: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(style))))
  }

  static let beside = OnnxSideFiles { name in
    (try? Data(contentsOf: folder.appendingPathComponent(name))).map { Array($0) }
  }

  func path(_ style: String) -> String { Self.folder.appendingPathComponent("\(name)-\(style).onnx").path }

  func imported(_ style: String) throws -> ImportedStudent {
    try ImportedStudent(onnx: bytes(style), input: input, classCount: classCount, beside: Self.beside)
  }
}

func worstDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
}

/// A model in ONNX Runtime, nil with a printed reason where that is not on this machine.
func runtimeTeacher(_ path: String, _ input: InputShape) throws -> OnnxTeacher? {
  do {
    return try OnnxTeacher(path: path, input: input)
  } catch {
    guard error.kind == .library else { throw error }
    print("skipped: \(error.sentence)")
    return nil
  }
}

/// ONNX Runtime's answer, nil where it is not on this machine.
func runtimeLogits(_ bytes: [UInt8], _ input: InputShape, _ parts: [Float], rowCount: Int) throws -> [Float]? {
  let path = NSTemporaryDirectory() + "kaizend-test-\(UUID().uuidString).onnx"
  try Data(bytes).write(to: URL(fileURLWithPath: path))
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try runtimeTeacher(path, input)?.logits(inputs: parts, rowCount: rowCount)
}

/// SplitMix64, so that every run tries the same values.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
