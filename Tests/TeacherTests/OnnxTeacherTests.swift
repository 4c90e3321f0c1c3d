import DataFiles
import Domain
import Glibc
import Teacher
import Testing

private let dataFolder =
  "\(#filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 })/../shared/data/bench"

/// The teacher of a bench, nil with a printed reason where the file or ONNX Runtime is not on this machine.
private func benchTeacher(_ name: String) throws -> OnnxTeacher? {
  let path = "\(dataFolder)/\(name)-0-teacher.onnx"
  guard access(path, R_OK) == 0 else {
    print("skipped: \(path) is not there")
    return nil
  }
  do {
    return try OnnxTeacher(path: path)
  } catch {
    guard error.kind == .library else { throw error }
    print("skipped: \(error.sentence)")
    return nil
  }
}

/// First two rows by onnxruntime's own Python interface:
/// `InferenceSession(f"{name}-0-teacher.onnx").run(None, {"features": X[:2]})`, X the float32 features of the file.
private struct Bench {
  let name: String
  let featureCount: Int
  let classCount: Int
  let firstLogits: [Float]

  static let all = [
    Bench(
      name: "spurdigits", featureCount: 144, classCount: 2, firstLogits: [-4.92109, 5.0248575, -5.698912, 5.8070135]),
    Bench(
      name: "factorytab", featureCount: 20, classCount: 3,
      firstLogits: [-3.8284533, -0.8246909, 4.3820662, -0.6284302, 2.806761, -2.7103703]),
  ]
}

@Test(arguments: [0, 1])
func `a bench teacher gives the logits stored beside the rows`(index: Int) throws {
  let bench = Bench.all[index]
  guard let teacher = try benchTeacher(bench.name) else { return }
  #expect(teacher.featureCount == bench.featureCount)
  #expect(teacher.classCount == bench.classCount)
  let table = try PartsTable.read(
    path: "\(dataFolder)/\(bench.name)-0.csv.gz",
    request: PartsRequest(
      label: "label", groups: ["g_group"], features: .allExcept(["teacher_*"]), rows: 1...1000,
      teacherLogitsPrefix: "teacher_rich_"))
  // 1000 rows: three full batches and a part of one.
  let logits = try teacher.logits(inputs: table.features, rowCount: table.rowCount)
  for (found, expected) in zip(logits, bench.firstLogits) { #expect(abs(found - expected) < 1e-4) }
  let stored = try #require(table.teacherLogits)
  #expect(logits.count == stored.count)
  // The stored logits came from features before these were rounded to four digits: up to 2.7e-3 apart, in Python too.
  #expect(zip(logits, stored).allSatisfy { abs($0 - $1) < 3e-3 })
  #expect(try teacher.logits(inputs: [], rowCount: 0).isEmpty)
  #expect(try teacher.logits(inputs: table.features, rowCount: table.rowCount) == logits)
}

@Test(arguments: TorchModel.all)
func `a teacher takes windows and pictures as PyTorch does`(model: TorchModel) throws {
  guard model.name != "standardised", let teacher = try runtimeTeacher(model.path("script"), model.input) else {
    return
  }
  #expect(teacher.featureCount == model.input.count && teacher.classCount == model.classCount)
  #expect(worstDifference(try teacher.logits(inputs: model.parts, rowCount: model.rowCount), model.logits) < 1e-5)
}

@Test func `a teacher of other parts is refused with both shapes`() throws {
  let model = try #require(TorchModel.all.first { $0.name == "signal" })
  guard try runtimeTeacher(model.path("script"), model.input) != nil else { return }
  let error = #expect(throws: TeacherError.self) {
    _ = try OnnxTeacher(path: model.path("script"), input: .window(channels: 3, length: 32))
  }
  #expect(error?.sentence.contains("reads [?, 2, 32] and the line's parts are [rows, 3, 32] (window 3x32)") == true)
  #expect(throws: TeacherError.self) { _ = try OnnxTeacher(path: model.path("script")) }
}

@Test func `a missing model is said before anything is loaded`() {
  let error = #expect(throws: TeacherError.self) { _ = try OnnxTeacher(path: "/nonexistent/teacher.onnx") }
  #expect(error?.kind == .file)
  #expect(error?.sentence.contains("/nonexistent/teacher.onnx") == true)
}

@Test func `a missing library says how to get it`() {
  let error = #expect(throws: TeacherError.self) {
    _ = try OnnxTeacher(path: #filePath, libraryPath: "/nonexistent/libonnxruntime.so")
  }
  #expect(error?.kind == .library)
  #expect(error?.sentence.contains("/nonexistent/libonnxruntime.so") == true)
  #expect(error?.sentence.contains("--teacher train") == true)
}

@Test func `a library that is not ONNX Runtime is told apart`() {
  let error = #expect(throws: TeacherError.self) {
    _ = try OnnxTeacher(path: #filePath, libraryPath: "libm.so.6")
  }
  #expect(error?.kind == .library)
  #expect(error?.sentence.contains("OrtGetApiBase") == true)
}

@Test func `a file that is no model is refused with a sentence`() throws {
  guard try benchTeacher("spurdigits") != nil else { return }
  let error = #expect(throws: TeacherError.self) { _ = try OnnxTeacher(path: #filePath) }
  #expect(error?.kind == .model)
  #expect(error?.sentence.contains("is not a model ONNX Runtime can run") == true)
}
