/// How a channel comes to the parts it speaks of, which decides what its outcomes can be held against
/// (`monitoring.md` 6.5).
public enum ChannelSampling: String, Sendable, Codable, CaseIterable {
  /// Any part alike: it is declared with a probability.
  case representative
  /// Nobody has declared any channel of the line; its parts are taken to be like the others.
  case assumed
  /// Parts with known but different probabilities: each outcome counts for as many parts as it stands for.
  case weighted
  /// Nobody knows (rework, customers): wrong answers may come back more often than right ones.
  case chosen

  /// Whether what the channel says against a target holds whatever share of parts it labels.
  var outlastsOtherShares: Bool {
    switch self {
    case .representative, .weighted, .chosen: true
    case .assumed: false
    }
  }
}
