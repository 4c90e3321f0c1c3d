import CKernels
import Glibc

/// AdamW with gradient-norm clipping; the two moments of every parameter live here.
public struct AdamW: Sendable {
  public let weightDecay: Float
  /// Gradients longer than this are shortened to it.
  public let clipNorm: Float
  let instructionSet: InstructionSet
  private var first: [Float]
  private var second: [Float]
  /// Steps taken, skipped ones not counted.
  public private(set) var stepCount = 0

  static let beta1 = 0.9
  static let beta2 = 0.999
  static let epsilon: Float = 1e-8

  public init(
    parameterCount: Int, weightDecay: Float, clipNorm: Float, on instructionSet: InstructionSet = .best
  ) {
    precondition(weightDecay >= 0 && clipNorm > 0, "weight decay is not negative, the clip norm positive")
    precondition(InstructionSet.available.contains(instructionSet), "this processor cannot run \(instructionSet.name)")
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.instructionSet = instructionSet
    first = Array(repeating: 0, count: parameterCount)
    second = Array(repeating: 0, count: parameterCount)
  }

  /// Moves the student by one step; false, with nothing changed, when the gradient is not finite.
  public mutating func update(_ student: inout Student, gradient: [Float], learningRate: Float) -> Bool {
    precondition(gradient.count == student.parameterCount && first.count == gradient.count, "one value a parameter")
    let norm = gradient.withUnsafeBufferPointer { gradient -> Double in
      guard let gradient = gradient.baseAddress else { return 0 }
      return kz_sum_of_squares(instructionSet.code, gradient, first.count).squareRoot()
    }
    guard norm.isFinite else { return false }
    stepCount += 1
    let step = kz_adamw_step(
      learning_rate: learningRate, beta1: Float(Self.beta1), beta2: Float(Self.beta2), epsilon: Self.epsilon,
      weight_decay: weightDecay, correction1: Float(1 - pow(Self.beta1, Double(stepCount))),
      correction2: Float(1 - pow(Self.beta2, Double(stepCount))),
      gradient_scale: norm > Double(clipNorm) ? Float(Double(clipNorm) / norm) : 1)
    gradient.withUnsafeBufferPointer { gradient in
      guard let gradient = gradient.baseAddress else { return }
      kz_adamw(instructionSet.code, step, gradient, &student.parameters, &first, &second, first.count)
    }
    return true
  }
}

/// From `base` at step 0 along half a cosine to 0 at `stepCount` (Loshchilov and Hutter 2017, equation 5).
public func cosineDecay(base: Float, step: Int, stepCount: Int) -> Float {
  guard stepCount > 0 else { return base }
  let share = Double(min(max(step, 0), stepCount)) / Double(stepCount)
  return Float(Double(base) * 0.5 * (1 + cos(Double.pi * share)))
}
