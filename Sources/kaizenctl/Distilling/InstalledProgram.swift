import FoundationEssentials
import Glibc

/// A program of the product: beside this one (a build, `/usr/bin`), or where the package puts it.
enum InstalledProgram {
  static func path(_ name: String, packaged: String) throws -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/usr/bin/kaizenctl"
    let directory = own.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let candidates = [directory, directory + "/../libexec/kaizend", packaged].map { "\($0)/\(name)" }
    guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw Failure(
        .configuration, "the program \(name) is missing: looked for \(candidates.joined(separator: ", ")).",
        next: .other("swift build --product \(name), or reinstall the kaizend package"))
    }
    return found
  }
}
