import Glibc

/// Why no answer came; `description` is a sentence for the person at the keyboard.
public enum ClientFailure: Error, Sendable, Equatable {
  /// Nobody listens at this path.
  case notRunning(path: String)
  /// The socket's mode keeps this user out; `group` is the one that is let in.
  case permissionDenied(path: String, group: String?)
  case cannotConnect(path: String, reason: String)
  case connectionLost
  case timedOut(milliseconds: Int)
  case badAnswer(String)
}

extension ClientFailure: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notRunning(let path): "kaizend is not running at \(path): start it with \(Self.startCommand(path))"
    case .permissionDenied(let path, let group?):
      "this user may not open \(path): join its group with \"sudo usermod -aG \(group) $USER\", then log in again"
    case .permissionDenied(let path, nil): "this user may not open \(path): ask for access to its folder"
    case .cannotConnect(let path, let reason): "cannot connect to \(path): \(reason)"
    case .connectionLost: "kaizend closed the connection before it answered; try again"
    case .timedOut(let milliseconds): "kaizend did not answer within \(milliseconds) ms; look at its load and its log"
    case .badAnswer(let reason): "what answered does not speak HTTP as kaizend does: \(reason)"
    }
  }

  private static func startCommand(_ path: String) -> String {
    guard let end = path.range(of: "/run/", backwards: true), end != path.startIndex else {
      return "systemctl start kaizend"
    }
    return "kaizend --state-dir \(path[..<end])"
  }

  static func connecting(_ code: CInt, path: String) -> ClientFailure {
    switch code {
    case ENOENT, ECONNREFUSED, ENOTDIR: .notRunning(path: path)
    case EACCES, EPERM: .permissionDenied(path: path, group: groupName(of: path))
    default: .cannotConnect(path: path, reason: systemText(code))
    }
  }

  /// The group of the socket, or of the folder that hides it.
  private static func groupName(of path: String) -> String? {
    var status = stat()
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    guard stat(path, &status) == 0 || stat(folder, &status) == 0, let entry = getgrgid(status.st_gid) else {
      return nil
    }
    return String(cString: entry.pointee.gr_name)
  }
}

extension String {
  /// Where `needle` starts, from the end; the standard library alone has no backwards search.
  fileprivate func range(of needle: String, backwards: Bool) -> String.Index? {
    var index = endIndex
    while index > startIndex {
      index = self.index(before: index)
      if self[index...].hasPrefix(needle) { return index }
    }
    return nil
  }
}
