import FoundationEssentials
import Glibc

/// Where `kaizen-trainer` is: beside this program (a build), or where the package puts it.
enum TrainerProgram {
  static let name = "kaizen-trainer"
  static let packagedDirectory = "/usr/libexec/kaizend"

  static func path() throws -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/usr/bin/kaizenctl"
    let directory = own.split(separator: "/").dropLast().map { "/" + $0 }.joined()
    let candidates = [directory, directory + "/../libexec/kaizend", packagedDirectory].map { "\($0)/\(name)" }
    guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else {
      throw Failure(
        .configuration, "the training program \(name) is missing: looked for \(candidates.joined(separator: ", ")).",
        next: .other("swift build --product kaizen-trainer, or reinstall the kaizend package"))
    }
    return found
  }
}
