import CKernels

/// Room for one training step of up to `rowCapacity` rows.
public struct TrainingScratch: Sendable {
  var forward: Scratch
  /// The last batch's gradient with respect to every parameter, laid out as the parameters are.
  public internal(set) var gradient: [Float]
  /// Gradients with respect to two neighbouring layers' inputs.
  var deltas: [Float]
  let deltaSize: Int
  var transposed: [Float]

  public var rowCapacity: Int { forward.rowCapacity }

  init(shape: StudentShape, rowCapacity: Int, instructionSet: InstructionSet) {
    forward = Scratch(shape: shape, rowCapacity: rowCapacity, instructionSet: instructionSet)
    gradient = Array(repeating: 0, count: shape.parameterCount)
    deltaSize = rowCapacity * (shape.layers.dropFirst().map(\.input.count).max() ?? 0)
    deltas = Array(repeating: 0, count: 2 * deltaSize)
    let largest = shape.layers.map { $0.weightCount }.max() ?? 0
    transposed = Array(repeating: 0, count: largest)
  }
}

extension Student {
  public func makeTrainingScratch(rowCount: Int, on instructionSet: InstructionSet = .best) -> TrainingScratch {
    TrainingScratch(shape: shape, rowCapacity: rowCount, instructionSet: instructionSet)
  }

  /// As `logits(_:rowCount:scratch:into:)`, and keeps what `backward` needs; at most `scratch.rowCapacity` rows.
  public func trainingLogits(
    _ inputs: [Float], rowCount: Int, scratch: inout TrainingScratch, into logits: inout [Float]
  ) {
    precondition(rowCount <= scratch.rowCapacity, "a training batch goes through in one piece")
    var span = logits.mutableSpan
    self.logits(inputs.span, rowCount: rowCount, scratch: &scratch.forward, into: &span)
  }

  /// Overwrites `scratch.gradient` with the gradient of Σ over rows, given that with respect to the logits.
  ///
  /// - Precondition: the last `trainingLogits` with this scratch was of the same `rowCount` rows and parameters.
  public func backward(_ logitGradient: [Float], rowCount: Int, scratch: inout TrainingScratch) {
    precondition(logitGradient.count == rowCount * shape.classCount, "the gradient is [rowCount, classCount]")
    precondition(rowCount <= scratch.rowCapacity && scratch.forward.shape == shape, "the scratch fits the call")
    let set = scratch.forward.instructionSet.code
    let offsets = scratch.forward.offsets
    let deltaSize = scratch.deltaSize
    logitGradient.withUnsafeBufferPointer { logitGradient in
      parameters.withUnsafeBufferPointer { parameters in
        scratch.forward.activations.withUnsafeBufferPointer { activations in
          scratch.gradient.withUnsafeMutableBufferPointer { gradient in
            scratch.deltas.withUnsafeMutableBufferPointer { deltas in
              scratch.transposed.withUnsafeMutableBufferPointer { transposed in
                guard let parameters = parameters.baseAddress, let activations = activations.baseAddress,
                  let gradient = gradient.baseAddress, var delta = logitGradient.baseAddress,
                  let transposed = transposed.baseAddress
                else { return }
                for index in shape.layers.indices.reversed() {
                  let layer = shape.layers[index]
                  let input = activations + offsets[index]
                  kz_dense_weight_gradient(
                    set, input, delta, gradient + layer.weightOffset, gradient + layer.biasOffset, rowCount,
                    layer.input.count, layer.output.count)
                  guard index > 0, let room = deltas.baseAddress else { break }
                  let next = room + (index % 2) * deltaSize
                  kz_dense_input_gradient(
                    set, input, parameters + layer.weightOffset, delta, next, transposed, rowCount,
                    layer.input.count, layer.output.count)
                  delta = UnsafePointer(next)
                }
              }
            }
          }
        }
      }
    }
  }
}
