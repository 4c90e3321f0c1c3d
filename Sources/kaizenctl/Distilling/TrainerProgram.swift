/// Where `kaizen-trainer` is.
enum TrainerProgram {
  static let name = "kaizen-trainer"
  static let packagedDirectory = "/usr/libexec/kaizend"

  static func path() throws -> String { try InstalledProgram.path(name, packaged: packagedDirectory) }
}
