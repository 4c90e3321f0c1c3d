/// A small network with its standardisation inside: raw features, samples or pixels in, one logit per class out.
public struct Student: Sendable, Equatable {
  public let shape: StudentShape
  public let standardizer: Standardizer
  /// Per layer its weights, then its bias, as `StudentShape.Layer` says; `shape.parameterCount` values.
  public internal(set) var parameters: [Float]

  /// He initialisation (He et al. 2015, equation 10): weights normal with variance 2 / fan-in, biases 0.
  public init(shape: StudentShape, standardizer: Standardizer, seed: UInt64) {
    precondition(standardizer.featureCount == shape.inputCount, "the standardizer has one entry per input")
    self.shape = shape
    self.standardizer = standardizer
    var random = Generator(seed: seed)
    parameters = []
    parameters.reserveCapacity(shape.parameterCount)
    for layer in shape.layers {
      let spread = (2 / Double(layer.fanIn)).squareRoot()
      for _ in 0..<layer.weightCount {
        parameters.append(Float(random.normal() * spread))
      }
      parameters.append(contentsOf: repeatElement(0, count: layer.biasCount))
    }
  }

  /// Nil unless the counts agree and every parameter is finite.
  public init?(shape: StudentShape, standardizer: Standardizer, parameters: [Float]) {
    guard standardizer.featureCount == shape.inputCount, parameters.count == shape.parameterCount,
      parameters.allSatisfy(\.isFinite)
    else { return nil }
    self.shape = shape
    self.standardizer = standardizer
    self.parameters = parameters
  }

  public var parameterCount: Int { parameters.count }

  public var isFinite: Bool { parameters.allSatisfy(\.isFinite) }

  /// Room for up to `rowCount` rows at once; larger calls go through it in pieces.
  public func makeScratch(rowCount: Int, on instructionSet: InstructionSet = .best) -> Scratch {
    Scratch(shape: shape, rowCapacity: rowCount, instructionSet: instructionSet)
  }

  /// Writes `into` [rowCount, classCount] for `inputs` [rowCount, inputCount]; allocates nothing.
  ///
  /// - Precondition: `scratch` was made by a student of this shape, and both spans have exactly these counts.
  public func logits(
    _ inputs: Span<Float>, rowCount: Int, scratch: inout Scratch, into: inout MutableSpan<Float>
  ) {
    precondition(inputs.count == rowCount * shape.inputCount, "inputs are [rowCount, inputCount]")
    precondition(into.count == rowCount * shape.classCount, "logits are [rowCount, classCount]")
    precondition(scratch.shape == shape, "the scratch belongs to another shape")
    inputs.withUnsafeBufferPointer { inputs in
      into.withUnsafeMutableBufferPointer { logits in
        guard let inputs = inputs.baseAddress, let logits = logits.baseAddress else { return }
        var row = 0
        while row < rowCount {
          let count = min(scratch.rowCapacity, rowCount - row)
          forward(
            inputs + row * shape.inputCount, rowCount: count, scratch: &scratch, into: logits + row * shape.classCount)
          row += count
        }
      }
    }
  }

  /// Logits [rowCount, classCount] of `inputs` [rowCount, inputCount].
  public func logits(_ inputs: [Float], rowCount: Int, on instructionSet: InstructionSet = .best) -> [Float] {
    var scratch = makeScratch(rowCount: min(max(rowCount, 1), Scratch.convenientRowCount), on: instructionSet)
    var result = [Float](repeating: 0, count: rowCount * shape.classCount)
    var span = result.mutableSpan
    logits(inputs.span, rowCount: rowCount, scratch: &scratch, into: &span)
    return result
  }

  /// One pass through all layers; leaves in the scratch what `backward` needs.
  func forward(
    _ inputs: UnsafePointer<Float>, rowCount: Int, scratch: inout Scratch, cells: ForwardPass.Cells? = nil,
    into logits: UnsafeMutablePointer<Float>
  ) {
    parameters.withUnsafeBufferPointer { parameters in
      scratch.activations.withUnsafeMutableBufferPointer { room in
        guard let parameters = parameters.baseAddress, let room = room.baseAddress else { return }
        ForwardPass(
          instructionSet: scratch.instructionSet.code, layout: scratch.layout, standardizer: standardizer,
          parameters: parameters, activations: room, logits: logits, cells: cells
        ).run(inputs, rowCount: rowCount)
      }
    }
  }
}
