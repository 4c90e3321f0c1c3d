import Glibc

/// A model opened by ONNX Runtime on one thread.
struct OnnxSession {
  let library: OnnxLibrary
  private let memory: OnnxObject
  private let session: OnnxObject
  private let environment: OnnxObject

  var pointer: OpaquePointer { session.pointer }

  /// - Parameter libraryPath: ONNX Runtime's file; nil: `KAIZEN_ONNXRUNTIME`, then the standard folders.
  /// - Throws: `TeacherError` when the library or the file is not what is needed.
  init(path: String, libraryPath: String?) throws(TeacherError) {
    guard access(path, R_OK) == 0 else {
      throw TeacherError(.file, "the teacher \(path) cannot be read (\(String(cString: strerror(errno))))")
    }
    library = try OnnxLibrary(path: libraryPath)
    let library = self.library
    typealias CreateEnv =
      @convention(c) (Int32, UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
    let createEnv: CreateEnv = library.function(.createEnv)
    // Level 3 logs errors only: warnings about a plant's model are not for the operator's terminal.
    environment = try OnnxObject(library, release: .releaseEnv, .library, "ONNX Runtime did not start") {
      createEnv(3, "kaizen", $0)
    }
    let options = try Self.options(library)
    typealias CreateSession =
      @convention(c) (
        OpaquePointer, UnsafePointer<CChar>, OpaquePointer, UnsafeMutablePointer<OpaquePointer?>
      ) -> OnnxLibrary.Status
    let createSession: CreateSession = library.function(.createSession)
    let environment = self.environment
    session = try OnnxObject(library, release: .releaseSession, .model, "\(path) is not a model ONNX Runtime can run") {
      createSession(environment.pointer, path, options.pointer, $0)
    }
    typealias CreateMemory =
      @convention(c) (Int32, Int32, UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
    let createMemory: CreateMemory = library.function(.createCpuMemoryInfo)
    memory = try OnnxObject(library, release: .releaseMemoryInfo, .library, "ONNX Runtime did not start") {
      createMemory(1, 0, $0)
    }
  }

  private static func options(_ library: OnnxLibrary) throws(TeacherError) -> OnnxObject {
    typealias Create = @convention(c) (UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
    typealias SetThreads = @convention(c) (OpaquePointer, Int32) -> OnnxLibrary.Status
    let failure = "ONNX Runtime did not take its settings"
    let create: Create = library.function(.createSessionOptions)
    let options = try OnnxObject(library, release: .releaseSessionOptions, .library, failure) { create($0) }
    for slot in [OnnxLibrary.Slot.setIntraOpNumThreads, .setInterOpNumThreads] {
      let setThreads: SetThreads = library.function(slot)
      try library.check(setThreads(options.pointer, 1), .library, failure)
    }
    return options
  }

  /// A tensor over `bytes`, which must outlive it.
  func tensor(_ bytes: UnsafeMutableRawBufferPointer, _ shape: [Int64], _ failure: String)
    throws(TeacherError) -> OnnxObject
  {
    typealias Create =
      @convention(c) (
        OpaquePointer, UnsafeMutableRawPointer?, Int, UnsafePointer<Int64>, Int, Int32,
        UnsafeMutablePointer<OpaquePointer?>
      ) -> OnnxLibrary.Status
    let create: Create = library.function(.createTensorWithData)
    return try OnnxObject(library, release: .releaseValue, .run, failure) {
      create(memory.pointer, bytes.baseAddress, bytes.count, shape, shape.count, OnnxSignature.float, $0)
    }
  }

  typealias Run =
    @convention(c) (
      OpaquePointer, OpaquePointer?, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<OpaquePointer?>, Int,
      UnsafePointer<UnsafePointer<CChar>?>, Int, UnsafeMutablePointer<OpaquePointer?>
    ) -> OnnxLibrary.Status
}
