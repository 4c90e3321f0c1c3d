import CKernels

/// Room for one training step of up to `rowCount` rows.
public struct TrainingScratch: Sendable {
  var forward: Scratch
  let layout: GradientLayout
  /// The last batch's gradient with respect to every parameter, laid out as the parameters are.
  public internal(set) var gradient: [Float]
  /// Gradients with respect to the layers' outputs; borders stay 0.
  var deltas: [Float]
  /// Weights the other way round.
  var transposed: [Float]
  /// The cells that max pooling took.
  var cells: [UInt16]

  public var rowCapacity: Int { forward.rowCapacity }

  init(shape: StudentShape, rowCapacity: Int, instructionSet: InstructionSet) {
    forward = Scratch(shape: shape, rowCapacity: rowCapacity, keepsInputs: true, instructionSet: instructionSet)
    layout = GradientLayout(forward.layout)
    gradient = Array(repeating: 0, count: shape.parameterCount)
    deltas = Array(repeating: 0, count: layout.size)
    transposed = Array(repeating: 0, count: shape.parameterCount)
    cells = Array(repeating: 0, count: layout.cellCount)
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
    precondition(inputs.count == rowCount * shape.inputCount, "inputs are [rowCount, inputCount]")
    precondition(logits.count == rowCount * shape.classCount, "logits are [rowCount, classCount]")
    precondition(scratch.forward.shape == shape, "the scratch belongs to another shape")
    let layout = scratch.layout
    inputs.withUnsafeBufferPointer { inputs in
      logits.withUnsafeMutableBufferPointer { logits in
        scratch.cells.withUnsafeMutableBufferPointer { cells in
          guard let inputs = inputs.baseAddress, let logits = logits.baseAddress else { return }
          forward(
            inputs, rowCount: rowCount, scratch: &scratch.forward,
            cells: cells.baseAddress.map { ForwardPass.Cells(layout: layout, room: $0) }, into: logits)
        }
      }
    }
  }

  /// Overwrites `scratch.gradient` with the gradient of Σ over rows, given that with respect to the logits.
  ///
  /// - Precondition: the last `trainingLogits` with this scratch was of the same `rowCount` rows and parameters.
  public func backward(_ logitGradient: [Float], rowCount: Int, scratch: inout TrainingScratch) {
    precondition(logitGradient.count == rowCount * shape.classCount, "the gradient is [rowCount, classCount]")
    precondition(rowCount <= scratch.rowCapacity && scratch.forward.shape == shape, "the scratch fits the call")
    let forward = scratch.forward.layout
    let layout = scratch.layout
    let set = scratch.forward.instructionSet.code
    logitGradient.withUnsafeBufferPointer { logitGradient in
      parameters.withUnsafeBufferPointer { parameters in
        scratch.forward.activations.withUnsafeBufferPointer { activations in
          scratch.gradient.withUnsafeMutableBufferPointer { gradient in
            scratch.deltas.withUnsafeMutableBufferPointer { deltas in
              scratch.transposed.withUnsafeMutableBufferPointer { transposed in
                scratch.cells.withUnsafeBufferPointer { cells in
                  gradient.update(repeating: 0)
                  guard let parameters = parameters.baseAddress, let activations = activations.baseAddress,
                    let gradient = gradient.baseAddress, let logitGradient = logitGradient.baseAddress,
                    let deltas = deltas.baseAddress, let transposed = transposed.baseAddress
                  else { return }
                  BackwardPass(
                    instructionSet: set, forward: forward, layout: layout, parameters: parameters,
                    activations: activations, logitGradient: logitGradient, cells: cells.baseAddress,
                    gradient: gradient, deltas: deltas, transposed: transposed
                  ).run(rowCount: rowCount)
                }
              }
            }
          }
        }
      }
    }
  }
}
