import ArgumentParser
import NeuralNet

/// What `train` and `infer` share.
struct NumericOptions: ParsableArguments {
  @Option(help: "Networks, with commas between: mlp, cnn1d, cnn2d-64, cnn2d-28.") var networks =
    "mlp,cnn1d,cnn2d-64,cnn2d-28"
  @Option(help: "Turns of each side, of which the median counts.") var rounds = 7
  @Option(help: "Processor seconds of one turn.") var seconds = 0.1
  @Option(help: "Instruction set: sse2, avx2, avx512 or neon; the fastest by default.") var instructionSet: String?
  @Option(help: "Python environment of the peers (default: .build/peers, from Peers/setup.sh).") var peers: String?
  @Option(help: "Seed of students and parts.") var seed: UInt64 = 1
  @Flag(help: "Print one JSON object.") var json = false

  func validate() throws {
    guard (1...1000).contains(rounds) else { throw ValidationError("--rounds is 1 to 1000") }
    guard (0.001...60).contains(seconds) else { throw ValidationError("--seconds is 0.001 to 60") }
    _ = try chosenNetworks()
    _ = try chosenSet()
  }

  func chosenNetworks() throws -> [BenchNetwork] {
    try networks.split(separator: ",").map { name in
      guard let network = BenchNetwork(rawValue: String(name)) else {
        throw ValidationError("--networks: \"\(name)\" is none of mlp, cnn1d, cnn2d-64, cnn2d-28")
      }
      return network
    }
  }

  func chosenSet() throws -> InstructionSet {
    guard let instructionSet else { return .best }
    guard let set = InstructionSet.named(instructionSet) else {
      let known = InstructionSet.available.map(\.name).joined(separator: ", ")
      throw ValidationError("--instruction-set: this processor runs \(known), not \"\(instructionSet)\"")
    }
    return set
  }

  var contest: Contest { Contest(rounds: rounds, seconds: seconds) }

  /// The peers, or why there are none.
  func startPeers() throws -> (peers: PeerProcess?, sentence: String) {
    do {
      let started = try PeerProcess(environment: peers, set: chosenSet().name)
      return (started, started.description)
    } catch let failure as BenchFailure {
      return (nil, "without peers: \(failure)")
    }
  }

  /// Billions of operations a second, in registers alone.
  func peaks() throws -> [PeakFigure] {
    try InstructionSet.available.map { set in
      var operations = 0.0
      let microseconds = try contest.medians([Contest.turn { operations = set.runAtPeak(rounds: 10_000) }])[0]
      return PeakFigure(instructionSet: set.name, gigaflops: operations / microseconds / 1e3)
    }
  }
}

struct PeakFigure: Codable {
  let instructionSet: String
  let gigaflops: Double
}
