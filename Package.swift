// swift-tools-version: 6.2
import PackageDescription

/// One set of compiler rules for every Swift target of the house.
let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTP1", package: "swift-nio"),
]
/// The transport's product for Apple's network stack is, on Linux, its core alone: HTTP/2 over any NIO channel, and no
/// TLS library, which Unix sockets have no use for.
let grpc: [Target.Dependency] = [
  .product(name: "GRPCCore", package: "grpc-swift-2"),
  .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf"),
  .product(name: "GRPCNIOTransportHTTP2TransportServices", package: "grpc-swift-nio-transport"),
  .product(name: "SwiftProtobuf", package: "swift-protobuf"),
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHPACK", package: "swift-nio-http2"),
  .product(name: "NIOHTTP2", package: "swift-nio-http2"),
]

/// Programs that kaizen-bench measures itself beside, in Python.
let notSwift = ["Peers"]
/// What Config/generate-grpc.sh makes Swift of.
let protocolText = ["inference.proto"]

func library(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .executableTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: dependencies, exclude: exclude, resources: [], swiftSettings: strict)
}

let package = Package(
  name: "kaizend",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "kaizend", targets: ["kaizend"]),
    .executable(name: "kaizenctl", targets: ["kaizenctl"]),
    .executable(name: "kaizen-trainer", targets: ["kaizen-trainer"]),
    .executable(name: "kaizen-plant", targets: ["kaizen-plant"]),
    .executable(name: "kaizen-bench", targets: ["kaizen-bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", "4.0.0"..<"5.0.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.42.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.38.0", traits: []),
    .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.0"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.0"),
    .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
    .package(url: "https://github.com/swiftlang/swift-subprocess", "1.0.0"..<"2.0.0", traits: []),
  ],
  targets: [
    // System libraries and the numeric kernels.
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CKernels", cSettings: [.unsafeFlags(["-O2", "-fno-math-errno"])]),
    // Measures what the machine can do at best; no program of the service has it.
    .target(name: "CBench", dependencies: ["CSQLite"], cSettings: [.unsafeFlags(["-O2"]), .define("_GNU_SOURCE")]),

    // A disk that fails on request, for tests.
    .target(
      name: "CDiskFaults", dependencies: ["CSQLite"], cSettings: [.unsafeFlags(["-O2"]), .define("_GNU_SOURCE")]),

    // L0: words and mathematics.
    library("Domain"),
    library("NeuralNet", ["Domain", "CKernels"]),
    library("Statistics"),

    // L1: learning and decisions.
    library("GroupDistil", ["Domain", "NeuralNet", "Statistics"]),
    library("Policy", ["Domain", "Statistics"]),
    // What two programs generate: a plant for the service to serve, and one to judge it by.
    library("PlantSimulation", ["Domain", "NeuralNet"]),

    // L2: the application.
    library("Engine", ["Domain", "NeuralNet", "Policy", "Statistics", logging]),

    // L3: adapters.
    library("Store", ["Domain", "Engine", "CSQLite", "CZlib", crypto]),
    library("Wire", ["Domain", "CZlib"]),
    library("UnixSocket", ["Wire", logging] + nio),
    library("InferenceRPC", ["Wire", logging] + grpc, exclude: protocolText),
    library("Settings", ["Domain"]),
    library("Systemd", ["CSystemd", logging]),
    library("Teacher", ["Domain", "NeuralNet"]),
    library("DataFiles", ["Domain", "CZlib"]),
    library(
      "TrainerProcess",
      [
        "Domain", "Engine", .product(name: "Subprocess", package: "swift-subprocess"),
        .product(name: "SystemPackage", package: "swift-system"),
      ]),
    library("ControlText", ["Domain", "Wire"]),
    library("Report", ["Domain", "Statistics"]),

    // L4: programs.
    program(
      "kaizend",
      [
        "Domain", "NeuralNet", "Statistics", "Policy", "Engine", "Store", "Wire", "UnixSocket", "InferenceRPC",
        "Settings", "Systemd", "TrainerProcess", argumentParser, logging, lifecycle, signals,
      ]),
    program(
      "kaizen-trainer",
      [
        "Domain", "NeuralNet", "Statistics", "GroupDistil", "Policy", "Engine", "Teacher", "DataFiles", "Store",
        "Report", argumentParser,
      ]),
    program(
      "kaizenctl",
      ["Domain", "Wire", "UnixSocket", "DataFiles", "ControlText", "Report", argumentParser, crypto]),
    program(
      "kaizen-plant",
      [
        "Domain", "NeuralNet", "PlantSimulation", "Statistics", "DataFiles", "Wire", "UnixSocket", "Report",
        argumentParser,
      ]),
    program(
      "kaizen-bench",
      [
        "CBench", "Domain", "NeuralNet", "Statistics", "GroupDistil", "Policy", "PlantSimulation", "Engine", "Store",
        "Teacher", "Wire", "UnixSocket", "DataFiles", argumentParser,
      ], exclude: notSwift),

    // Tests, one bundle a room, and the house itself.
    tests("Domain", ["Domain"]),
    tests("NeuralNet", ["NeuralNet", "Domain"], exclude: ["Fixtures"]),
    tests("Statistics", ["Statistics"]),
    tests("GroupDistil", ["GroupDistil", "NeuralNet", "Domain", "Statistics", "Policy"]),
    tests("Policy", ["Policy", "Domain", "Statistics"]),
    tests(
      "Engine",
      ["Engine", "Store", "Domain", "NeuralNet", "Policy", "Statistics", "CDiskFaults", "CSQLite", logging]),
    tests("Store", ["Store", "Engine", "Domain", "CDiskFaults", "CSQLite"]),
    tests("Wire", ["Wire", "Domain", "CZlib"]),
    tests("UnixSocket", ["UnixSocket", "Wire"]),
    tests("InferenceRPC", ["InferenceRPC", "Wire", "Domain", "UnixSocket"] + grpc),
    tests("Settings", ["Settings", "Domain"]),
    tests("Systemd", ["Systemd", logging]),
    tests("Teacher", ["Teacher", "NeuralNet", "Domain", "DataFiles"], exclude: ["Fixtures"]),
    tests("DataFiles", ["DataFiles", "Domain"], exclude: ["Fixtures"]),
    tests("TrainerProcess", ["TrainerProcess", "Engine", "Domain", "NeuralNet", "Store"]),
    tests("ControlText", ["ControlText", "Domain", "Wire"]),
    tests("Report", ["Report", "Domain"]),
    tests("Kaizenctl", ["ControlText", "Domain", "Wire", "UnixSocket", logging]),
    tests("Plant", ["kaizen-plant", "PlantSimulation", "Domain", "NeuralNet", "Statistics", "DataFiles", "Wire"]),
    tests("PlantSimulation", ["PlantSimulation", "Domain", "NeuralNet"]),
    tests("Bench", ["kaizen-bench", "NeuralNet", "PlantSimulation", "Wire"]),
    tests("House", []),
    tests(
      "Process", ["Domain", "NeuralNet", "Wire", "UnixSocket", "InferenceRPC", "Store", "Engine", "CSQLite"] + grpc,
      exclude: ["Clients"]),
  ]
)
