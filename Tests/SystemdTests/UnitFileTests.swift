import Foundation
import Testing

/// The directory of the units in the repository.
let unitDirectory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("systemd")

func unitText(_ name: String) throws -> String {
  try String(contentsOf: unitDirectory.appendingPathComponent(name), encoding: .utf8)
}

extension ProcessStateTests {
  @Suite struct UnitFileTests {
    /// Every unit that is installed.
    static let units: [String] = {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: unitDirectory.path)) ?? []
      return names.filter { $0.hasSuffix(".service") || $0.hasSuffix(".socket") }.sorted()
    }()
    static let sockets = units.filter { $0.hasSuffix(".socket") }

    /// Values of a key of a unit, in order.
    func values(_ key: String, of unit: String) throws -> [String] {
      try unitText(unit).split(separator: "\n").filter { $0.hasPrefix(key + "=") }.map {
        String($0.dropFirst(key.count + 1))
      }
    }

    /// Runs a program of systemd; nil, with the reason printed, where it is not installed.
    func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String)? {
      guard FileManager.default.isExecutableFile(atPath: program) else {
        print("skipped: \(program) is not installed")
        return nil
      }
      let process = Process()
      let pipe = Pipe()
      process.executableURL = URL(fileURLWithPath: program)
      process.arguments = arguments
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test func `the sandbox leaves an exposure of at most 1_5`() throws {
      let unit = unitDirectory.appendingPathComponent("kaizend.service").path
      guard let told = try run("/usr/bin/systemd-analyze", ["security", "--offline=true", "--threshold=15", unit])
      else {
        return
      }
      #expect(told.status == 0, "\(told.output)")
      #expect(told.output.contains("Overall exposure level for kaizend.service"))
    }

    @Test(arguments: ["PrivateNetwork=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "SystemCallFilter="])
    func `the measure of exposure does notice a hole in the sandbox`(line: String) throws {
      let folder = try TemporaryFolder()
      let kept = try unitText("kaizend.service").split(separator: "\n").filter { !$0.hasPrefix(line) }
      let unit = try folder.write("kaizend.service", kept.joined(separator: "\n") + "\n")
      guard let whole = try exposure(unitDirectory.appendingPathComponent("kaizend.service").path) else { return }
      let without = try #require(try exposure(unit))
      #expect(without > whole)
    }

    /// 0 is safe and 10 is not.
    private func exposure(_ unit: String) throws -> Double? {
      guard let told = try run("/usr/bin/systemd-analyze", ["security", "--offline=true", unit]) else { return nil }
      let line = try #require(told.output.split(separator: "\n").last { $0.contains("Overall exposure level") })
      return line.split(separator: ":").last?.split(separator: " ").first.flatMap { Double($0) }
    }

    @Test func `systemd has nothing to say against the units`() throws {
      let paths = Self.units.map { name in
        let instance = name.replacingOccurrences(of: "@.", with: "@kaizend.service.")
        return unitDirectory.appendingPathComponent(instance).path
      }
      guard let told = try run("/usr/bin/systemd-analyze", ["verify", "--man=no"] + paths) else { return }
      // The programs are not installed where they are built.
      let missing = ["kaizend", "kaizenctl"].map {
        "Command /usr/bin/\($0) is not executable: No such file or directory"
      }
      let complaints = told.output.split(separator: "\n").filter { line in
        line.contains("kaizend") && !missing.contains { line.hasSuffix($0) }
      }
      #expect(complaints == [], "\(told.output)")
      #expect(told.status == 0 || missing.contains { told.output.contains($0) }, "\(told.output)")
    }

    @Test func `verify does find a mistake in these units`() throws {
      let folder = try TemporaryFolder()
      let text = try unitText("kaizend.service").replacingOccurrences(of: "RestartSec=1\n", with: "RestartSecs=soon\n")
      let path = try folder.write("kaizend.service", text)
      guard let told = try run("/usr/bin/systemd-analyze", ["verify", "--man=no", path]) else { return }
      #expect(told.output.contains("RestartSecs"))
    }

    @Test(arguments: sockets)
    func `every socket has the name the daemon asks for, a group that exists and a queue`(unit: String) throws {
      let name = try #require(values("FileDescriptorName", of: unit).first)
      #expect(unit == (name == "infer" ? "kaizend.socket" : "kaizend-\(name).socket"))
      #expect(try values("ListenStream", of: unit) == ["/run/kaizend/\(name).sock"])
      // kaizend.socket starts the service of its own name.
      #expect(try values("Service", of: unit) == (unit == "kaizend.socket" ? [] : ["kaizend.service"]))
      let declared = try unitText("kaizend.sysusers.conf").split(separator: "\n").compactMap { line -> String? in
        let words = line.split(separator: " ")
        return words.first == "g" || words.first == "u" ? String(words[1]) : nil
      }
      let group = try #require(values("SocketGroup", of: unit).first)
      #expect(group == (name == "control" ? "kaizend-operators" : "kaizend-clients"))
      #expect(declared.contains(group) && declared.contains("kaizend-auditors"))
      #expect(try values("SocketUser", of: unit) == ["kaizend"])
      #expect(declared.contains("kaizend"))
      #expect(try values("SocketMode", of: unit) == ["0660"])
      #expect(try values("RemoveOnStop", of: unit) == [], "clients wait in the socket while the daemon is down")
      #expect(try Int(#require(values("Backlog", of: unit).first)).map { $0 >= 64 } == true)
    }

    @Test func `the service takes and enables every socket there is`() throws {
      #expect(Self.sockets.contains("kaizend.socket") && Self.sockets.contains("kaizend-control.socket"))
      let taken = try values("Sockets", of: "kaizend.service").flatMap { $0.split(separator: " ").map(String.init) }
      let enabled = try values("Also", of: "kaizend.service").flatMap { $0.split(separator: " ").map(String.init) }
      #expect(taken.sorted() == Self.sockets)
      #expect(enabled.sorted() == Self.sockets)
    }

    @Test func `a wrong configuration does not loop and a failure calls the alert`() throws {
      #expect(try values("RestartPreventExitStatus", of: "kaizend.service") == ["64 78"])
      #expect(try values("OnFailure", of: "kaizend.service") == ["kaizend-alert@%n.service"])
      #expect(try values("ExecReload", of: "kaizend.service") == ["/usr/bin/kaizenctl reload"])
      #expect(try values("RuntimeDirectory", of: "kaizend.service") == [], "sockets must outlive the daemon")
      #expect(try unitText("kaizend.tmpfiles.conf").contains("\nd /run/kaizend 0755 "))
    }

    @Test func `units and catalog promise nothing that is not there`() throws {
      for unit in Self.units {
        #expect(try values("Documentation", of: unit).allSatisfy { !$0.contains("man:") }, "there are no manual pages")
      }
      let catalog = try unitText("kaizend.catalog")
      let promoted = try #require(catalog.split(separator: "\n-- ").first { $0.contains("A student was promoted") })
      #expect(promoted.contains("\n  kaizenctl rollback @KAIZEN_LINE@"))
      #expect(!promoted.contains("by itself"))
    }

    @Test func `users and the catalog are read by systemd's own tools`() throws {
      let folder = try TemporaryFolder()
      let root = folder.url
      let catalogs = root.appendingPathComponent("usr/lib/systemd/catalog")
      try FileManager.default.createDirectory(at: catalogs, withIntermediateDirectories: true)
      try FileManager.default.createDirectory(
        at: root.appendingPathComponent("var/lib/systemd/catalog"), withIntermediateDirectories: true)
      try Data(try unitText("kaizend.catalog").utf8).write(to: catalogs.appendingPathComponent("kaizend.catalog"))
      if let told = try run("/usr/bin/journalctl", ["--update-catalog", "--root=\(root.path)"]) {
        #expect(told.status == 0 && told.output.isEmpty, "\(told.output)")
      }
      let users = unitDirectory.appendingPathComponent("kaizend.sysusers.conf").path
      if let told = try run("/usr/bin/systemd-sysusers", ["--dry-run", "--root=\(root.path)", users]) {
        #expect(told.status == 0, "\(told.output)")
        #expect(told.output.contains("kaizend-operators"))
      }
    }
  }
}

/// A folder of one test, gone with it.
private final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("kaizend-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// - Returns: the file's path.
  func write(_ name: String, _ text: String) throws -> String {
    let file = url.appendingPathComponent(name)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}
