import DataFiles
import Foundation
import Testing

/// A Python with NumPy: `KAIZEN_PYTHON`, else `python3`; nil with a printed reason where there is none.
private func numpyPython() -> String? {
  let python = ProcessInfo.processInfo.environment["KAIZEN_PYTHON"] ?? "python3"
  guard let result = try? run(python, "import numpy"), result.code == 0 else {
    print("skipped: \(python) has no NumPy; name one that has in KAIZEN_PYTHON")
    return nil
  }
  return python
}

private func run(_ python: String, _ code: String, _ arguments: String...) throws -> (code: Int32, output: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [python, "-c", code] + arguments
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

@Test func `NumPy reads what we write`() throws {
  guard let python = numpyPython() else { return }
  for compressed in [false, true] {
    var writer = NpzWriter(compressed: compressed)
    writer.add("x", shape: [3, 2, 2], (0..<12).map { Float($0) / 8 })
    writer.add("pixels", shape: [3, 4], [UInt8](0..<12))
    writer.add("y", [-1, 0, 1 << 40])
    writer.add("product", ["A7", "", "größer 🐟"])
    let file = try TemporaryFile(writer.file, suffix: ".npz")
    let code = """
      import sys, numpy
      a = numpy.load(sys.argv[1])
      assert a["x"].dtype == "<f4" and (a["x"] == numpy.arange(12).reshape(3, 2, 2) / 8).all()
      assert a["pixels"].dtype == "u1" and (a["pixels"] == numpy.arange(12).reshape(3, 4)).all()
      assert a["y"].tolist() == [-1, 0, 1 << 40] and a["product"].tolist() == ["A7", "", "größer 🐟"]
      print("fine")
      """
    let result = try run(python, code, file.path)
    #expect(result.output == "fine\n")
  }
}
