import NeuralNet

/// A teacher that was trained here.
public enum TeacherModel: Sendable, Equatable {
  case network(Student)
  case trees(BoostedTrees)

  public var featureCount: Int {
    switch self {
    case .network(let network): network.shape.inputCount
    case .trees(let trees): trees.featureCount
    }
  }

  public var classCount: Int {
    switch self {
    case .network(let network): network.shape.classCount
    case .trees(let trees): trees.classCount
    }
  }

  /// Logits [rowCount, classCount] of raw rows [rowCount, featureCount].
  public func logits(_ inputs: [Float], rowCount: Int) -> [Float] {
    switch self {
    case .network(let network): network.logits(inputs, rowCount: rowCount)
    case .trees(let trees): trees.logits(inputs, rowCount: rowCount)
    }
  }

  /// What a file of it holds; its first bytes say which kind it is.
  public var bytes: [UInt8] {
    switch self {
    case .network(let network): network.bytes
    case .trees(let trees): trees.bytes
    }
  }

  /// - Throws: `TeacherBytesError` for anything `bytes` did not write.
  public init(bytes: [UInt8]) throws(TeacherBytesError) {
    if bytes.starts(with: BoostedTrees.magic) {
      do { self = .trees(try BoostedTrees(bytes: bytes)) } catch { throw .trees(error) }
    } else {
      do { self = .network(try Student(bytes: bytes)) } catch { throw .network(error) }
    }
  }
}

/// Why bytes are no teacher that was trained here.
public enum TeacherBytesError: Error, Equatable, CustomStringConvertible {
  case network(StudentBytesError)
  case trees(TreeBytesError)

  public var description: String {
    switch self {
    case .network(let error): error.description
    case .trees(let error): error.description
    }
  }
}
