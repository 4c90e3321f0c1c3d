extension Student {
  /// What the last layer sees of `inputs` [rowCount, inputCount]: [rowCount, headInputCount].
  public func headInputs(_ inputs: [Float], rowCount: Int, on instructionSet: InstructionSet = .best) -> [Float] {
    precondition(inputs.count == rowCount * shape.inputCount, "inputs are [rowCount, inputCount]")
    guard rowCount > 0, let start = makeScratch(rowCount: 1, on: instructionSet).offsets.last else { return [] }
    var scratch = makeScratch(rowCount: 1, on: instructionSet)
    var logits = [Float](repeating: 0, count: shape.classCount)
    var result: [Float] = []
    result.reserveCapacity(rowCount * headInputCount)
    let rows = inputs.span
    for row in 0..<rowCount {
      var span = logits.mutableSpan
      self.logits(
        rows.extracting((row * shape.inputCount)..<((row + 1) * shape.inputCount)), rowCount: 1, scratch: &scratch,
        into: &span)
      result.append(contentsOf: scratch.activations[start..<(start + headInputCount)])
    }
    return result
  }

  /// Width of the last hidden layer; the input count without one.
  public var headInputCount: Int { shape.layers.last?.input.count ?? shape.inputCount }

  /// Weights [headInputCount, classCount] and bias [classCount] of the last layer.
  public var head: [Float] { Array(parameters.suffix((headInputCount + 1) * shape.classCount)) }

  /// The same student with another last layer; nil unless `head` has its size and is finite.
  public func replacing(head: [Float]) -> Student? {
    let kept = parameters.count - (headInputCount + 1) * shape.classCount
    return Student(shape: shape, standardizer: standardizer, parameters: Array(parameters.prefix(kept)) + head)
  }
}
