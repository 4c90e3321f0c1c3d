import Domain
import Glibc

/// A page the operator asked for, tried before hours of training and not after.
struct PageFile {
  private let path: String
  private let folder: ResultFolder
  private let name: String

  /// - Throws: `Failure` where no page could be written there.
  init(_ path: String) throws(Failure) {
    self.path = path
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    name = parts.last.map { String($0) } ?? ""
    let parent = parts.dropLast().joined(separator: "/")
    folder = ResultFolder(existing: parent.isEmpty ? (path.hasPrefix("/") ? "/" : ".") : parent)
    var status = stat()
    let isThere = stat(path, &status) == 0
    guard !name.isEmpty, !isThere || status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(
        .cannotCreate, "the page cannot be written to \(path), which is no file; name one, such as study.html")
    }
    try folder.tryOut(name)
  }

  func write(_ html: String) throws(Failure) {
    try folder.writeBytes(Array(html.utf8), as: name, mode: Self.mode)
  }

  /// To be shown to others.
  private static let mode: mode_t = 0o644
}
