import Domain
import Foundation
import NeuralNet
import Teacher
import Testing

/// A student of random weights that has been fitted to random parts.
private func student(_ input: InputShape, _ layers: String, classCount: Int = 3) throws -> (Student, parts: [Float]) {
  var random = SplitMix(state: 9)
  let parts = (0..<input.count * 6).map { _ in Float.random(in: -3...5, using: &random) }
  let shape = try StudentShape(input: input, hiddenLayers: try StudentLayer.list(layers), classCount: classCount)
  return (Student(shape: shape, standardizer: Standardizer(fitting: parts, input: input), seed: 4), parts)
}

private let students: [(InputShape, String)] = [
  (.vector(count: 1), "8"), (.vector(count: 23), "32,16"), (.vector(count: 4), "8,conv4k3,5"),
  (.window(channels: 1, length: 64), "conv8k9s2,max2,conv6k3,mean"),
  (.window(channels: 3, length: 40), "conv4k5p0,avg2,conv6k4s4,16"), (.window(channels: 2, length: 10), "12"),
  (.image(height: 9, width: 12, channels: 3), "conv6k3,max2,conv5k3s2,8"),
  (.image(height: 8, width: 8, channels: 1), "conv4k5s2,avg2,conv4k2p0s2"),
  (.image(height: 2, width: 12, channels: 2), "conv4k3,max2,conv5k3,mean"),
  (.image(height: 5, width: 4, channels: 3), "7"),
]

@Test(arguments: students.indices)
func `an exported student is read back as it was`(index: Int) throws {
  let (input, layers) = students[index]
  let (student, parts) = try student(input, layers)
  let imported = try ImportedStudent(onnx: student.onnx(), input: input, classCount: 3)
  #expect(imported.student.shape == student.shape)
  #expect(imported.student.parameters == student.parameters)
  #expect(imported.student.logits(parts, rowCount: 6) == student.logits(parts, rowCount: 6))
  #expect(imported.remarks.isEmpty)
}

@Test(arguments: students.indices)
func `ONNX Runtime gives an exported student's logits`(index: Int) throws {
  let (input, layers) = students[index]
  var (student, parts) = try student(input, layers)
  // Beyond the limit of standardised values too.
  parts[0] = 1e7
  let own = student.logits(parts, rowCount: 6)
  student = try ImportedStudent(onnx: student.onnx(), input: input, classCount: 3).student
  guard let logits = try runtimeLogits(student.onnx(), input, parts, rowCount: 6) else { return }
  #expect(worstDifference(logits, own) < 1e-5)
}

@Test func `what is known of a student goes with the file and comes back`() throws {
  let (student, _) = try student(.vector(count: 3), "4")
  let bytes = student.onnx(metadata: [("kaizen.line", "press-1"), ("kaizen.classes", "[\"gut\",\"schlecht ü\"]")])
  let metadata = try ImportedStudent(onnx: bytes, input: .vector(count: 3), classCount: 3).metadata
  #expect(
    metadata == [
      "kaizen.line": "press-1", "kaizen.classes": "[\"gut\",\"schlecht ü\"]", "kaizen.layout": "[n, count]",
    ])
}

@Test func `onnx's own checker passes exported students`() throws {
  let python = ProcessInfo.processInfo.environment["KAIZEN_PYTHON"] ?? "python3"
  func run(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [python] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
  guard try run(["-c", "import onnx"]) == 0 else {
    print("skipped: \(python) has no onnx; name one that has in KAIZEN_PYTHON")
    return
  }
  let folder = NSTemporaryDirectory() + "kaizend-test-\(UUID().uuidString)/"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  var paths: [String] = []
  for (index, (input, layers)) in students.enumerated() {
    paths.append(folder + "\(index).onnx")
    try Data(try student(input, layers).0.onnx()).write(to: URL(fileURLWithPath: paths[index]))
  }
  let check = "import sys, onnx\nfor path in sys.argv[1:]: onnx.checker.check_model(path, full_check=True)"
  #expect(try run(["-c", check] + paths) == 0)
}
