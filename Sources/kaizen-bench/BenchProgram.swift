import ArgumentParser

@main
struct BenchProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kaizen-bench", abstract: "Named measurements with sizes and seeds, for people or as JSON.",
    subcommands: [
      Acceptance.self, ResidentSet.self, TrainingSpeed.self, InferenceSpeed.self, WireSpeed.self, Serve.self, Soak.self,
      LedgerSpeed.self, RetentionCost.self, MonitorBench.self, SliceBench.self, Early.self, Loop.self, Fuzz.self,
      Echo.self,
    ])
}

/// A measurement that could not be made, as a sentence.
public struct BenchFailure: Error, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
