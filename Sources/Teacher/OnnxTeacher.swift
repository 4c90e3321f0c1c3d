import Glibc

/// The plant's own model as a teacher: an ONNX file that reads rows of features and gives a logit per class.
///
/// Runs on one thread, so that the same rows give the same logits; the serving process never loads it.
public final class OnnxTeacher {
  public let featureCount: Int
  public let classCount: Int
  private let path: String
  private let library: OnnxLibrary
  private let signature: OnnxSignature
  private let memory: OnnxObject
  private let session: OnnxObject
  private let environment: OnnxObject

  /// Rows given to the model at a time: bounds its memory for intermediate results.
  static let batchRows = 256

  /// Opens the model.
  /// - Parameter libraryPath: ONNX Runtime's file; nil: `KAIZEN_ONNXRUNTIME`, then the standard folders.
  /// - Throws: `TeacherError` when the library, the file or the model's shape is not what is needed.
  public init(path: String, libraryPath: String? = nil) throws(TeacherError) {
    guard access(path, R_OK) == 0 else {
      throw TeacherError(.file, "the teacher \(path) cannot be read (\(String(cString: strerror(errno))))")
    }
    self.path = path
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
    signature = try OnnxSignature(library, session: session.pointer, path: path)
    featureCount = signature.featureCount
    classCount = signature.classCount
  }

  static func options(_ library: OnnxLibrary) throws(TeacherError) -> OnnxObject {
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

  /// Logits of the rows.
  /// - Parameter inputs: raw features, `[rowCount, featureCount]`, row-major.
  /// - Returns: `[rowCount, classCount]`, row-major, every one finite.
  /// - Throws: `TeacherError` when the model fails, or gives another shape or a logit that is not finite.
  /// - Precondition: `inputs.count == rowCount * featureCount`.
  public func logits(inputs: [Float], rowCount: Int) throws(TeacherError) -> [Float] {
    precondition(inputs.count == rowCount * featureCount, "inputs are [rowCount, featureCount]")
    var result: [Float] = []
    result.reserveCapacity(rowCount * classCount)
    let step = signature.fixedRowCount ?? Self.batchRows
    var start = 0
    while start < rowCount {
      let count = min(step, rowCount - start)
      var batch = Array(inputs[start * featureCount..<(start + count) * featureCount])
      // A model of fixed batch gets its last rows filled up with zeros, whose logits are dropped.
      let runCount = signature.fixedRowCount ?? count
      batch.append(contentsOf: repeatElement(0, count: (runCount - count) * featureCount))
      result.append(contentsOf: try run(&batch, rowCount: runCount).prefix(count * classCount))
      start += count
    }
    guard result.allSatisfy({ $0.isFinite }) else {
      throw TeacherError(
        .run, "\(path) gave a logit that is not finite; check the model on this data or use --teacher train")
    }
    return result
  }

  private func run(_ batch: inout [Float], rowCount: Int) throws(TeacherError) -> [Float] {
    let failure = "\(path) failed on the rows given"
    let shape: [Int64] = [Int64(rowCount), Int64(featureCount)]
    let outcome = batch.withUnsafeMutableBytes { bytes -> Result<[Float], TeacherError> in
      do throws(TeacherError) {
        let input = try tensor(bytes, shape, failure)
        return .success(
          try withExtendedLifetime(input) { () throws(TeacherError) in
            try values(of: try answer(input.pointer, failure), rowCount: rowCount, failure)
          })
      } catch {
        return .failure(error)
      }
    }
    return try outcome.get()
  }

  private func tensor(_ bytes: UnsafeMutableRawBufferPointer, _ shape: [Int64], _ failure: String)
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

  private func answer(_ input: OpaquePointer, _ failure: String) throws(TeacherError) -> OnnxObject {
    typealias Run =
      @convention(c) (
        OpaquePointer, OpaquePointer?, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<OpaquePointer?>, Int,
        UnsafePointer<UnsafePointer<CChar>?>, Int, UnsafeMutablePointer<OpaquePointer?>
      ) -> OnnxLibrary.Status
    let run: Run = library.function(.run)
    let inputs: [OpaquePointer?] = [input]
    return try OnnxObject(library, release: .releaseValue, .run, failure) { made in
      signature.inputName.withCString { inputName in
        signature.outputName.withCString { outputName in
          run(session.pointer, nil, [inputName], inputs, 1, [outputName], 1, made)
        }
      }
    }
  }

  private func values(of answer: OnnxObject, rowCount: Int, _ failure: String) throws(TeacherError) -> [Float] {
    typealias Pointer = @convention(c) (OpaquePointer, UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
    let typeAndShape: Pointer = library.function(.getTensorTypeAndShape)
    let info = try OnnxObject(library, release: .releaseTensorTypeAndShapeInfo, .run, failure) {
      typeAndShape(answer.pointer, $0)
    }
    let shape = try OnnxSignature.dimensions(library, info.pointer, failure)
    guard shape == [Int64(rowCount), Int64(classCount)] else {
      throw TeacherError(.run, "\(path) answered \(rowCount) rows with the shape \(shape) instead of [rows, classes]")
    }
    typealias Data =
      @convention(c) (OpaquePointer, UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> OnnxLibrary.Status
    let data: Data = library.function(.getTensorMutableData)
    var bytes: UnsafeMutableRawPointer?
    try library.check(data(answer.pointer, &bytes), .run, failure)
    guard let bytes else { throw TeacherError(.run, failure) }
    return Array(UnsafeRawBufferPointer(start: bytes, count: rowCount * classCount * 4).bindMemory(to: Float.self))
  }
}
