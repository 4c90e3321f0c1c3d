import Testing

/// `path imports Module`, for each import of `file` that its room does not allow.
private func forbiddenImports(_ file: SourceFile, in room: Room) -> [String] {
  file.imports.filter { !room.allowed.contains($0) }.map { "\(file.path) imports \($0)" }
}

@Test func `every source file imports only what its room may import`() throws {
  let repository = Repository()
  var fileCount = 0
  for (name, room) in house {
    for file in try repository.swiftFiles(below: "Sources/\(name)") {
      fileCount += 1
      #expect(forbiddenImports(file, in: room) == [])
    }
  }
  #expect(fileCount > house.count / 2, "the walk over Sources found next to nothing")
}

@Test func `an import that is not allowed is found in every form it can take`() throws {
  let text = """
    // import Commented
    import Domain
    @preconcurrency public import Engine
    import struct Store.Row
    let sentence = "import Quoted"
    /* import /* Nested */ Hidden */
    """
  let file = SourceFile(path: "Sources/Wire/A.swift", text: text)
  #expect(file.imports == ["Domain", "Engine", "Store"])
  let wire = try #require(house["Wire"])
  #expect(
    forbiddenImports(file, in: wire) == ["Sources/Wire/A.swift imports Engine", "Sources/Wire/A.swift imports Store"])
}

@Test func `nobody imports upward, and no adapter imports another but the socket its wire`() {
  for (name, room) in house {
    for other in room.imports {
      guard let target = house[other] else { continue }
      #expect(target.layer <= room.layer, "\(name) may import \(other), which is above it")
      #expect(target.layer != .program, "\(name) may import the program \(other)")
      if room.layer == .adapter, target.layer == .adapter {
        #expect(
          ["UnixSocket", "InferenceRPC", "ControlText"].contains(name) && other == "Wire", "\(name) may import \(other)"
        )
      }
    }
  }
}

@Test func `every target of the package has a room, and every folder of sources is a target`() throws {
  let repository = Repository()
  let manifest = try Manifest(try repository.text("Package.swift"))
  let sources = manifest.targets.filter { $0.kind != "tests" }.map(\.name)
  #expect(sources.contains("Domain") && sources.contains("kaizend"), "Package.swift was not understood")
  for name in sources {
    #expect(house[name] != nil || targetsInC.contains(name), "\(name) has no room in LayerTable.swift")
  }
  for folder in try repository.folders(in: "Sources") {
    #expect(sources.contains(folder), "Sources/\(folder) is no target of Package.swift")
  }
}

@Test func `what a target declares in the package is what its room allows, and what it imports it declares`() throws {
  let repository = Repository()
  let manifest = try Manifest(try repository.text("Package.swift"))
  for target in manifest.targets where target.kind != "tests" {
    guard let room = house[target.name] else { continue }
    #expect(target.dependencies.subtracting(room.imports) == [], "\(target.name) declares more than its room allows")
    for file in try repository.swiftFiles(below: "Sources/\(target.name)") {
      let undeclared = Set(file.imports).subtracting(room.layer.systemModules).subtracting(target.dependencies)
      #expect(undeclared == [], "\(file.path) imports what Package.swift does not declare for \(target.name)")
    }
  }
}

@Test func `a manifest is read with its names, lists and variables`() throws {
  let text = """
    let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
    let nio: [Target.Dependency] = [
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
    ]

    let package = Package(targets: [
      .systemLibrary(name: "CZlib", pkgConfig: "zlib"),
      // library("Commented"),
      library("Domain"),
      program(
        "kaizend",
        [
          "Domain", argumentParser, .product(name: "TOMLKit", package: "toml-kit"),
        ] + nio),
      tests("Domain", ["Domain"]),
    ])
    """
  let manifest = try Manifest(text)
  #expect(manifest.targets.map(\.name).filter { $0 != "Commented" } == ["CZlib", "Domain", "kaizend", "Domain"])
  let program = try #require(manifest.targets.first { $0.name == "kaizend" })
  #expect(program.dependencies == ["Domain", "ArgumentParser", "TOMLKit", "NIOCore", "NIOPosix"])
}
