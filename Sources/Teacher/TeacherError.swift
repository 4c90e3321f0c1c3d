/// Why the plant's own model cannot teach, and what to do instead.
public struct TeacherError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Kind: Sendable, Equatable {
    /// ONNX Runtime is not on this machine, or what was found is not it.
    case library
    /// There is no such file, or it may not be read.
    case file
    /// The file is no ONNX model, or not one that reads rows of numbers and gives one number per class.
    case model
    /// The model failed on the rows given.
    case run
  }

  public let kind: Kind
  /// A whole sentence.
  public let sentence: String

  public init(_ kind: Kind, _ sentence: String) {
    self.kind = kind
    self.sentence = sentence
  }

  public var description: String { sentence }
}
