/// Who caused a change: a person through the control socket, or the daemon itself.
public struct Principal: Sendable, Equatable, Codable {
  /// Kernel-checked user id of the caller.
  public let uid: UInt32
  /// Login name of that uid; "kaizend" for the daemon's own decisions.
  public let login: String

  public init(uid: UInt32, login: String) {
    self.uid = uid
    self.login = login
  }
}
