/// Why bytes are no ONNX model, or one that no student can be; a whole sentence that says what would do.
public struct OnnxFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let sentence: String

  init(_ sentence: String) { self.sentence = sentence }

  static let notOnnx = OnnxFault("the file is not ONNX, or it was cut off or damaged; export the model again")

  static let tooMany = OnnxFault("the model has longer lists of numbers than any student; it cannot be one")

  public var description: String { sentence }
}
