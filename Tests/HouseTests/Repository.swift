import Foundation

/// The repository these tests were built from.
struct Repository {
  let root: URL

  init() {
    root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  /// Every Swift file below `folder` of the root.
  func swiftFiles(below folder: String) throws -> [SourceFile] {
    let start = root.appending(path: folder)
    guard let walk = FileManager.default.enumerator(at: start, includingPropertiesForKeys: nil) else { return [] }
    return
      try walk
      .compactMap { $0 as? URL }
      .filter { $0.pathExtension == "swift" }
      .map { SourceFile(path: relative($0), text: try String(contentsOf: $0, encoding: .utf8)) }
      .sorted { $0.path < $1.path }
  }

  /// Names of the folders in `folder`.
  func folders(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      at: root.appending(path: folder), includingPropertiesForKeys: [.isDirectoryKey]
    )
    .filter { try $0.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true }
    .map(\.lastPathComponent)
  }

  func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private func relative(_ url: URL) -> String {
    String(url.standardizedFileURL.path.dropFirst(root.standardizedFileURL.path.count)).trimmingPrefix("/").description
  }
}

/// What Package.swift declares: target names with what they depend on, in the words of that file.
struct Manifest {
  struct Target: Equatable {
    let kind: String
    let name: String
    let dependencies: Set<String>
  }

  let targets: [Target]

  /// Reads the calls `library("X", [...])`, `program(...)`, `tests(...)`, `.systemLibrary(name:` and `.target(name:` of
  /// the package's target list. Package products that stand as variables count by `variables`.
  init(_ text: String, variables: [String: [String]]) throws {
    guard let start = text.range(of: "targets: [", options: .backwards) else {
      targets = []
      return
    }
    let call = try Regex(#"(\.?[a-zA-Z]+)\(\s*(?:name: )?"([A-Za-z-]+)""#)
    let list = text[start.upperBound...]
    let calls = list.matches(of: call).filter { match in
      Self.kinds.contains(Self.string(match, 1))
    }
    let ends = calls.dropFirst().map(\.range.lowerBound) + [list.endIndex]
    targets = zip(calls, ends).map { match, end in
      Target(
        kind: Self.string(match, 1), name: Self.string(match, 2),
        dependencies: Self.names(in: list[match.range.upperBound..<end], variables: variables))
    }
  }

  private static let kinds: Set<String> = ["library", "program", "tests", ".systemLibrary", ".target"]

  private static func string(_ match: Regex<AnyRegexOutput>.Match, _ index: Int) -> String {
    match.output[index].substring.map(String.init) ?? ""
  }

  private static func names(in text: Substring, variables: [String: [String]]) -> Set<String> {
    let lines = text.split(separator: "\n").filter { !$0.drop(while: { $0 == " " }).hasPrefix("//") }
    let code = lines.joined(separator: "\n")
    var names = Set<String>()
    var isPackageName = false
    for (index, piece) in code.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
      if index % 2 == 1 {
        // A product is named after its module; the package it comes from is no module.
        if !isPackageName { names.insert(String(piece)) }
      } else {
        isPackageName = piece.hasSuffix("package: ")
        let words = piece.split { !$0.isLetter }
        names.formUnion(words.flatMap { variables[String($0)] ?? [] })
      }
    }
    return names
  }
}
