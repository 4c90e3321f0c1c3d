/// The layers of the house as data: which modules each target may import, besides the standard library.
///
/// This is the table of the README in the form that a test can hold the sources against. A target may import fewer.
enum Layer: Int, Comparable {
  case words, decisions, application, adapter, program

  static func < (left: Layer, right: Layer) -> Bool { left.rawValue < right.rawValue }

  /// Modules of the system and the toolchain that a layer may use.
  var systemModules: Set<String> {
    switch self {
    case .words, .decisions: ["Glibc"]
    // FoundationEssentials for the JSON of the monitor's own memory.
    case .application: ["Glibc", "Synchronization", "Dispatch", "FoundationEssentials"]
    case .adapter, .program: ["Glibc", "Synchronization", "Dispatch", "Foundation", "FoundationEssentials"]
    }
  }
}

struct Room {
  let layer: Layer
  let imports: Set<String>

  init(_ layer: Layer, _ imports: Set<String> = []) {
    self.layer = layer
    self.imports = imports
  }

  var allowed: Set<String> { imports.union(layer.systemModules) }
}

private let nio: Set<String> = ["NIOCore", "NIOPosix", "NIOHTTP1"]
private let grpc: Set<String> = [
  "GRPCCore", "GRPCProtobuf", "GRPCNIOTransportHTTP2TransportServices", "SwiftProtobuf", "NIOCore", "NIOPosix",
  "NIOHPACK", "NIOHTTP2",
]
private let libraries: Set<String> = [
  "Domain", "NeuralNet", "Statistics", "GroupDistil", "Policy", "PlantSimulation", "Engine", "Store", "Wire",
  "UnixSocket", "InferenceRPC",
  "Settings", "Systemd", "Teacher", "DataFiles", "TrainerProcess", "ControlText", "Report",
]

let house: [String: Room] = [
  "Domain": Room(.words),
  "NeuralNet": Room(.words, ["Domain", "CKernels"]),
  "Statistics": Room(.words),

  "GroupDistil": Room(.decisions, ["Domain", "NeuralNet", "Statistics"]),
  "Policy": Room(.decisions, ["Domain", "Statistics"]),
  "PlantSimulation": Room(.decisions, ["Domain", "NeuralNet"]),

  "Engine": Room(.application, ["Domain", "NeuralNet", "Policy", "Statistics", "Logging"]),

  "Store": Room(.adapter, ["Domain", "Engine", "CSQLite", "CZlib", "Crypto"]),
  "Wire": Room(.adapter, ["Domain", "CZlib"]),
  "UnixSocket": Room(.adapter, nio.union(["Wire", "Logging"])),
  "InferenceRPC": Room(.adapter, grpc.union(["Wire", "Logging"])),
  "Settings": Room(.adapter, ["Domain"]),
  "Systemd": Room(.adapter, ["CSystemd", "Logging"]),
  "Teacher": Room(.adapter, ["Domain", "NeuralNet"]),
  "DataFiles": Room(.adapter, ["Domain", "CZlib"]),
  "TrainerProcess": Room(.adapter, ["Domain", "Engine", "Subprocess", "SystemPackage"]),
  "ControlText": Room(.adapter, ["Domain", "Wire"]),
  "Report": Room(.adapter, ["Domain", "Statistics"]),

  "kaizend": Room(.program, libraries.union(["ArgumentParser", "Logging", "ServiceLifecycle", "UnixSignals"])),
  "kaizen-trainer": Room(
    .program,
    [
      "Domain", "NeuralNet", "Statistics", "GroupDistil", "Policy", "Engine", "Teacher", "DataFiles", "Store",
      "Report", "ArgumentParser",
    ]),
  "kaizenctl": Room(
    .program, ["Domain", "Wire", "UnixSocket", "DataFiles", "ControlText", "Report", "ArgumentParser", "Crypto"]),
  "kaizen-plant": Room(
    .program,
    [
      "Domain", "NeuralNet", "PlantSimulation", "Statistics", "DataFiles", "Wire", "UnixSocket", "Report",
      "ArgumentParser",
    ]),
  "kaizen-bench": Room(.program, libraries.union(["ArgumentParser", "CBench"])),
]

/// Targets without Swift sources: headers of system libraries, the numeric kernels, and what measures or fails for tests, in C.
let targetsInC: Set<String> = ["CSQLite", "CSystemd", "CZlib", "CKernels", "CBench", "CDiskFaults"]
