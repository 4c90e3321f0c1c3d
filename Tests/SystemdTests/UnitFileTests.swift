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
    static let units = [
      "kaizend.service", "kaizend.socket", "kaizend-grpc.socket", "kaizend-control.socket", "kaizend-alert@.service",
    ]

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

    @Test func `systemd has nothing to say against the units`() throws {
      let paths = Self.units.map { name in
        let instance = name.replacingOccurrences(of: "@.", with: "@kaizend.service.")
        return unitDirectory.appendingPathComponent(instance).path
      }
      guard let told = try run("/usr/bin/systemd-analyze", ["verify", "--man=no"] + paths) else { return }
      // The daemon is not installed where it is built.
      let missing = "Command /usr/bin/kaizend is not executable: No such file or directory"
      let complaints = told.output.split(separator: "\n").filter { $0.contains("kaizend") && !$0.hasSuffix(missing) }
      #expect(complaints == [], "\(told.output)")
      #expect(told.status == 0 || told.output.contains(missing), "\(told.output)")
    }

    @Test func `verify does find a mistake in these units`() throws {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kaizend-\(UUID().uuidString)")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      let text = try unitText("kaizend.service").replacingOccurrences(of: "RestartSec=1\n", with: "RestartSecs=soon\n")
      let path = folder.appendingPathComponent("kaizend.service")
      try Data(text.utf8).write(to: path)
      guard let told = try run("/usr/bin/systemd-analyze", ["verify", "--man=no", path.path]) else { return }
      #expect(told.output.contains("RestartSecs"))
    }

    @Test func `sockets have the names the daemon asks for and the groups that exist`() throws {
      #expect(try values("FileDescriptorName", of: "kaizend.socket") == ["infer"])
      #expect(try values("FileDescriptorName", of: "kaizend-control.socket") == ["control"])
      #expect(try values("FileDescriptorName", of: "kaizend-grpc.socket") == ["grpc"])
      #expect(try values("ListenStream", of: "kaizend-grpc.socket") == ["/run/kaizend/grpc.sock"])
      #expect(try values("Service", of: "kaizend-grpc.socket") == ["kaizend.service"])
      #expect(try values("ListenStream", of: "kaizend.socket") == ["/run/kaizend/infer.sock"])
      #expect(try values("ListenStream", of: "kaizend-control.socket") == ["/run/kaizend/control.sock"])
      #expect(try values("Service", of: "kaizend-control.socket") == ["kaizend.service"])
      let declared = try unitText("kaizend.sysusers.conf").split(separator: "\n").compactMap { line -> String? in
        let words = line.split(separator: " ")
        return words.first == "g" || words.first == "u" ? String(words[1]) : nil
      }
      for unit in ["kaizend.socket", "kaizend-grpc.socket", "kaizend-control.socket"] {
        #expect(declared.contains(try #require(values("SocketGroup", of: unit).first)))
        #expect(declared.contains(try #require(values("SocketUser", of: unit).first)))
        #expect(try values("SocketMode", of: unit) == ["0660"])
      }
      #expect(declared.contains("kaizend-auditors"))
    }

    @Test func `a wrong configuration does not loop and a failure calls the alert`() throws {
      #expect(try values("RestartPreventExitStatus", of: "kaizend.service") == ["64 78"])
      #expect(try values("OnFailure", of: "kaizend.service") == ["kaizend-alert@%n.service"])
      #expect(
        try values("Sockets", of: "kaizend.service") == ["kaizend.socket kaizend-grpc.socket kaizend-control.socket"])
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
      let root = FileManager.default.temporaryDirectory.appendingPathComponent("kaizend-\(UUID().uuidString)")
      let catalogs = root.appendingPathComponent("usr/lib/systemd/catalog")
      try FileManager.default.createDirectory(at: catalogs, withIntermediateDirectories: true)
      try FileManager.default.createDirectory(
        at: root.appendingPathComponent("var/lib/systemd/catalog"), withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: root) }
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
