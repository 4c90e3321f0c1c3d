import Glibc

/// Why a socket could not be listened on; `sentence` says what to do next.
public struct SocketFailure: Error, Equatable, CustomStringConvertible {
  public let sentence: String
  public init(_ sentence: String) { self.sentence = sentence }
  public var description: String { sentence }

  /// With the system's own words for the current `errno`.
  static func system(_ what: String, next: String) -> SocketFailure {
    SocketFailure("\(what): \(systemText(errno)); \(next)")
  }
}

/// The system's sentence for an error number.
func systemText(_ code: CInt) -> String { String(cString: strerror(code)) }
