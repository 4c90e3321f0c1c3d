import Domain

/// The plant's own model as a teacher: an ONNX file that reads parts and gives a logit per class.
///
/// Runs on one thread, so that the same rows give the same logits; the serving process never loads it.
public final class OnnxTeacher {
  public let featureCount: Int
  public let classCount: Int
  private let path: String
  private let session: OnnxSession
  private let signature: OnnxSignature
  private var library: OnnxLibrary { session.library }

  /// Rows given to the model at a time: bounds its memory for intermediate results.
  static let batchRows = 256

  /// Opens the model.
  /// - Parameters:
  ///   - input: what the line's parts are; nil: lists as long as the model says. Windows and pictures are turned where
  ///     the model wants channels first.
  ///   - libraryPath: ONNX Runtime's file; nil: `KAIZEN_ONNXRUNTIME`, then the standard folders.
  /// - Throws: `TeacherError` when the library, the file or the model's shape is not what is needed.
  public init(path: String, input: InputShape? = nil, libraryPath: String? = nil) throws(TeacherError) {
    self.path = path
    session = try OnnxSession(path: path, libraryPath: libraryPath)
    signature = try OnnxSignature(session.library, session: session.pointer, path: path, part: input)
    featureCount = signature.featureCount
    classCount = signature.classCount
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
      var batch = arranged(inputs[start * featureCount..<(start + count) * featureCount])
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

  /// The parts in the model's order of axes.
  private func arranged(_ parts: ArraySlice<Float>) -> [Float] {
    guard let order = signature.order else { return Array(parts) }
    return stride(from: parts.startIndex, to: parts.endIndex, by: featureCount).flatMap { start in
      order.map { parts[start + $0] }
    }
  }

  private func run(_ batch: inout [Float], rowCount: Int) throws(TeacherError) -> [Float] {
    let failure = "\(path) failed on the rows given"
    let shape: [Int64] = [Int64(rowCount)] + signature.partSizes.map { Int64($0) }
    let outcome = batch.withUnsafeMutableBytes { bytes -> Result<[Float], TeacherError> in
      do throws(TeacherError) {
        let input = try session.tensor(bytes, shape, failure)
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

  private func answer(_ input: OpaquePointer, _ failure: String) throws(TeacherError) -> OnnxObject {
    let run: OnnxSession.Run = library.function(.run)
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
