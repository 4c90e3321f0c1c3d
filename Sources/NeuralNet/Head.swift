extension Student {
  /// What the last layer sees of `inputs` [rowCount, inputCount]: [rowCount, headInputCount].
  public func headInputs(_ inputs: [Float], rowCount: Int, on instructionSet: InstructionSet = .best) -> [Float] {
    precondition(inputs.count == rowCount * shape.inputCount, "inputs are [rowCount, inputCount]")
    guard rowCount > 0 else { return [] }
    var scratch = makeScratch(rowCount: min(rowCount, Scratch.convenientRowCount), on: instructionSet)
    guard let seen = scratch.layout.inputs.last else { return [] }
    var result: [Float] = []
    result.reserveCapacity(rowCount * headInputCount)
    let rows = inputs.span
    for first in stride(from: 0, to: rowCount, by: scratch.rowCapacity) {
      let count = min(scratch.rowCapacity, rowCount - first)
      var logits = [Float](repeating: 0, count: count * shape.classCount)
      var span = logits.mutableSpan
      self.logits(
        rows.extracting((first * shape.inputCount)..<((first + count) * shape.inputCount)), rowCount: count,
        scratch: &scratch, into: &span)
      result.append(contentsOf: scratch.activations[seen.offset..<(seen.offset + count * seen.stride)])
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
