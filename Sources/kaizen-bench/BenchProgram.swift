import ArgumentParser

@main
struct BenchProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kaizen-bench", abstract: "Named measurements with sizes and seeds, for people or as JSON.",
    subcommands: [ResidentSet.self, TrainingSteps.self, InferenceTimes.self])
}

/// A measurement that could not be made, as a sentence.
struct BenchFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
