import NeuralNet

/// What a figure should come to, decided before it was measured.
public struct SpeedGoal: Codable, Sendable, Equatable {
  public enum Figure: String, Codable, Sendable {
    /// How many times as fast as the other program.
    case torchRatio = "torch_ratio"
    case onnxruntimeRatio = "onnxruntime_ratio"
    case shareOfPeak = "share_of_peak"
  }

  public let figure: Figure
  public let least: Double
  /// nil where the figure was not measured.
  public let met: Bool?

  public init(_ figure: Figure, least: Double, found: Double?) {
    self.figure = figure
    self.least = least
    met = found.map { $0 >= least }
  }

  /// Share of the peak that every training step should reach, whatever the student.
  private static let trainingShare = 0.6

  /// The least ratio to PyTorch of a training step. With AVX2 both are held to AVX2; there is no goal for less.
  static func trainingRatio(_ student: BenchStudent, batch: Int, on set: InstructionSet) -> Double? {
    switch set {
    case .baseline: return nil
    case .avx2: return 2
    case .avx512:
      switch student {
      case .mlp: return batch <= 64 ? 8 : 5
      case .cnn1d: return 4
      case .cnn2d64, .cnn2d28: return 2.5
      }
    }
  }

  /// The least ratio to ONNX Runtime's C interface for one part. There is none when we are held to less than the machine
  /// has, because ONNX Runtime cannot be.
  static func inferenceRatio(_ student: BenchStudent, batch: Int, on set: InstructionSet) -> Double? {
    guard batch == 1, set == .best else { return nil }
    switch student {
    case .mlp: return 3
    case .cnn1d: return 2.5
    case .cnn2d64, .cnn2d28: return 1
    }
  }

  static func training(
    _ student: BenchStudent, batch: Int, on set: InstructionSet, ratio: Double?, share: Double
  ) -> [SpeedGoal] {
    let ratioGoal = trainingRatio(student, batch: batch, on: set).map {
      SpeedGoal(.torchRatio, least: $0, found: ratio)
    }
    return [ratioGoal].compactMap { $0 } + [SpeedGoal(.shareOfPeak, least: trainingShare, found: share)]
  }

  static func inference(_ student: BenchStudent, batch: Int, on set: InstructionSet, ratio: Double?) -> [SpeedGoal] {
    inferenceRatio(student, batch: batch, on: set).map { [SpeedGoal(.onnxruntimeRatio, least: $0, found: ratio)] } ?? []
  }
}
