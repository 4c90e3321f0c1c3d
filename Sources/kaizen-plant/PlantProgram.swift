import ArgumentParser

@main
struct PlantProgram: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kaizen-plant",
    abstract: "Streams the parts of a plant at kaizend: generated ones, or the rows of a data file.",
    subcommands: [ReplayVerb.self, SimulateVerb.self, DemoVerb.self, ImagesVerb.self, ProveVerb.self, LoopVerb.self])
}
