/// Why the plant stopped, as a sentence, with the sysexits code a script sees.
public struct PlantFault: Error, Equatable, CustomStringConvertible {
  public enum Kind: Int32, Sendable {
    /// What was sent and what the daemon says it has differ.
    case mismatch = 1
    case usage = 64
    case data = 65
    case noInput = 66
    case unavailable = 69
    case software = 70
  }

  public let kind: Kind
  public let sentence: String

  public init(_ kind: Kind, _ sentence: String) {
    self.kind = kind
    self.sentence = sentence
  }

  public var description: String { sentence }
}
