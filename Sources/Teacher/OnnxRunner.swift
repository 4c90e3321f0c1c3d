/// One ONNX model with one input and one output of fixed shapes, run over and over in the same room: for measurements.
package final class OnnxRunner {
  private typealias Run =
    @convention(c) (
      OpaquePointer, OpaquePointer?, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<OpaquePointer?>, Int,
      UnsafePointer<UnsafePointer<CChar>?>, Int, UnsafeMutablePointer<OpaquePointer?>
    ) -> OnnxLibrary.Status

  private let library: OnnxLibrary
  private let environment: OnnxObject
  private let session: OnnxObject
  private let memory: OnnxObject
  private let input: OnnxObject
  private let output: OnnxObject
  private let inputName: StaticString
  private let outputName: StaticString
  private let runFunction: Run
  private let inputRoom: UnsafeMutableBufferPointer<Float>
  private let outputRoom: UnsafeMutableBufferPointer<Float>

  /// One thread; the input holds zeros until `setInput`.
  /// - Parameter libraryPath: ONNX Runtime's file.
  /// - Throws: `TeacherError` when the library or the model cannot be used.
  package init(
    path: String, libraryPath: String, input inputName: StaticString, inputShape: [Int],
    output outputName: StaticString, outputShape: [Int]
  ) throws(TeacherError) {
    let library = try OnnxLibrary(path: libraryPath)
    typealias CreateEnv =
      @convention(c) (Int32, UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
    let createEnv: CreateEnv = library.function(.createEnv)
    let environment = try OnnxObject(library, release: .releaseEnv, .library, "ONNX Runtime did not start") {
      createEnv(3, "kaizen-bench", $0)
    }
    let options = try OnnxTeacher.options(library)
    typealias CreateSession =
      @convention(c) (
        OpaquePointer, UnsafePointer<CChar>, OpaquePointer, UnsafeMutablePointer<OpaquePointer?>
      ) -> OnnxLibrary.Status
    let createSession: CreateSession = library.function(.createSession)
    session = try OnnxObject(library, release: .releaseSession, .model, "\(path) is not a model ONNX Runtime can run") {
      createSession(environment.pointer, path, options.pointer, $0)
    }
    typealias CreateMemory =
      @convention(c) (Int32, Int32, UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
    let createMemory: CreateMemory = library.function(.createCpuMemoryInfo)
    let memory = try OnnxObject(library, release: .releaseMemoryInfo, .library, "ONNX Runtime did not start") {
      createMemory(1, 0, $0)
    }
    inputRoom = .allocate(capacity: inputShape.reduce(1, *))
    inputRoom.initialize(repeating: 0)
    outputRoom = .allocate(capacity: outputShape.reduce(1, *))
    outputRoom.initialize(repeating: 0)
    input = try Self.tensor(library, memory, inputRoom, inputShape)
    output = try Self.tensor(library, memory, outputRoom, outputShape)
    runFunction = library.function(.run)
    self.library = library
    self.environment = environment
    self.memory = memory
    self.inputName = inputName
    self.outputName = outputName
  }

  private static func tensor(
    _ library: OnnxLibrary, _ memory: OnnxObject, _ room: UnsafeMutableBufferPointer<Float>, _ shape: [Int]
  ) throws(TeacherError) -> OnnxObject {
    typealias Create =
      @convention(c) (
        OpaquePointer, UnsafeMutableRawPointer?, Int, UnsafePointer<Int64>, Int, Int32,
        UnsafeMutablePointer<OpaquePointer?>
      ) -> OnnxLibrary.Status
    let create: Create = library.function(.createTensorWithData)
    let sizes = shape.map(Int64.init)
    return try OnnxObject(library, release: .releaseValue, .run, "ONNX Runtime did not take the shape \(shape)") {
      create(memory.pointer, room.baseAddress, room.count * 4, sizes, sizes.count, OnnxSignature.float, $0)
    }
  }

  package func setInput(_ values: [Float]) {
    precondition(values.count == inputRoom.count, "as many values as the shape has")
    _ = inputRoom.update(from: values)
  }

  /// One inference; the answer stands in the same room every time.
  /// - Throws: `TeacherError` when the model fails.
  package func run() throws(TeacherError) {
    let names = [inputName, outputName].map { UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self) }
    var values: [OpaquePointer?] = [input.pointer, output.pointer]
    let status = values.withUnsafeMutableBufferPointer { values -> OnnxLibrary.Status in
      guard let first = values.baseAddress else { return nil }
      return runFunction(session.pointer, nil, [names[0]], first, 1, [names[1]], 1, first + 1)
    }
    try library.check(status, .run, "the model failed")
  }

  deinit {
    inputRoom.deallocate()
    outputRoom.deallocate()
  }
}
