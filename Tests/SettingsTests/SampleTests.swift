import Domain
import Foundation
import Settings
import Testing

@Suite struct SampleTests {
  func sample(_ name: String) throws -> String {
    try String(contentsOf: repositoryRoot().appendingPathComponent("Config/\(name)"), encoding: .utf8)
  }

  @Test func `the sample file says every key with its default`() throws {
    let directory = try ConfigurationDirectory(["kaizend.toml": try sample("kaizend.toml")])
    var settings = try DaemonSettings.load(over: .service, from: directory.path)
    let unsaid = settings.entries.filter { $0.origin == "default" }
    #expect(
      unsaid.map(\.key) == ["defaults.target_accuracy", "defaults.maturity_hours"], "the keys without a default")
    settings.origins = [:]
    #expect(settings == .service)
  }

  @Test func `the README names every key`() throws {
    let readme = try String(contentsOf: repositoryRoot().appendingPathComponent("README.md"), encoding: .utf8)
    for entry in DaemonSettings.service.entries {
      let name = entry.key.split(separator: ".").last.map(String.init) ?? entry.key
      #expect(readme.contains("\(name)`"), "\(entry.key)")
    }
    #expect(readme.split(separator: "\n", omittingEmptySubsequences: false).count <= 250)
  }

  @Test func `the sample of a line says every key with its default`() throws {
    let directory = try ConfigurationDirectory(["lines.d/a.toml": try sample("lines.d/example.toml.sample")])
    let settings = try DaemonSettings.load(over: .service, from: directory.path)
    #expect(settings.lines[try LineID("a")] == LineOverrides(LineSettings()))
  }

  @Test(arguments: ["kaizend.toml", "lines.d/example.toml.sample"])
  func `commented keys are valid and every key has a sentence above it`(name: String) throws {
    let lines = try sample(name).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    var uncommented = 0
    for (index, line) in lines.enumerated() {
      let isKey = line.contains(" = ") && (!line.hasPrefix("#") || line.dropFirst().first?.isLetter == true)
      if !isKey { continue }
      #expect(index > 0 && lines[index - 1].hasPrefix("# ") && lines[index - 1].hasSuffix("."), "above \(line)")
      if line.hasPrefix("#") { uncommented += 1 }
    }
    #expect(uncommented == 2)
    let active = lines.map { $0.hasPrefix("#target") ? String($0.dropFirst()) : $0 }.joined(separator: "\n")
    let target = name == "kaizend.toml" ? name : "lines.d/a.toml"
    let directory = try ConfigurationDirectory([target: active])
    let settings = try DaemonSettings.load(over: .service, from: directory.path)
    #expect(settings.lineSettings(for: try LineID("a")).targetAccuracy == 0.95)
  }
}
