/// A model with its input and output kept in place, run over and over: for measuring it with nothing else in the time.
public final class OnnxLoop {
  private let session: OnnxSession
  private let input: OnnxObject
  private let output: OnnxObject
  private let inputRoom: UnsafeMutableBufferPointer<Float>
  private let outputRoom: UnsafeMutableBufferPointer<Float>

  /// - Parameters:
  ///   - path: a model whose input is called "input" and whose output "logits", of exactly these shapes.
  ///   - inputs: as many values as `inputShape` has.
  ///   - libraryPath: ONNX Runtime's file; nil: `KAIZEN_ONNXRUNTIME`, then the standard folders.
  public init(path: String, inputs: [Float], inputShape: [Int], outputShape: [Int], libraryPath: String?)
    throws(TeacherError)
  {
    let inputCount = inputShape.reduce(1, *)
    precondition(inputs.count == inputCount, "one value an element of the input's shape")
    session = try OnnxSession(path: path, libraryPath: libraryPath)
    inputRoom = .allocate(capacity: inputCount)
    _ = inputRoom.initialize(fromContentsOf: inputs)
    outputRoom = .allocate(capacity: outputShape.reduce(1, *))
    outputRoom.initialize(repeating: 0)
    let failure = "\(path) did not take its tensors"
    input = try session.tensor(UnsafeMutableRawBufferPointer(inputRoom), inputShape.map { Int64($0) }, failure)
    output = try session.tensor(UnsafeMutableRawBufferPointer(outputRoom), outputShape.map { Int64($0) }, failure)
  }

  deinit {
    inputRoom.deallocate()
    outputRoom.deallocate()
  }

  /// Logits of the last run, row-major.
  public var logits: [Float] { Array(outputRoom) }

  public func run(count: Int) throws(TeacherError) {
    let run: OnnxSession.Run = session.library.function(.run)
    let inputs: [OpaquePointer?] = [input.pointer]
    var outputs: [OpaquePointer?] = [output.pointer]
    var failed: OnnxLibrary.Status = nil
    "input".withCString { inputName in
      "logits".withCString { outputName in
        let (inputNames, outputNames) = ([Optional(inputName)], [Optional(outputName)])
        for _ in 0..<count where failed == nil {
          failed = run(session.pointer, nil, inputNames, inputs, 1, outputNames, 1, &outputs)
        }
      }
    }
    try session.library.check(failed, .run, "the model failed on the rows given")
  }
}
