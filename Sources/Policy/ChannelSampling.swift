/// How a channel comes to the parts it speaks of, which decides what its outcomes can be held against
/// (`monitoring.md` 6.5).
public enum ChannelSampling: String, Sendable, Codable, CaseIterable {
  /// Any part alike: its declared probability is that of each part, or nobody has declared any channel of the line.
  case representative
  /// Parts with known but different probabilities: each outcome counts for as many parts as it stands for.
  case weighted
  /// Nobody knows (rework, customers): wrong answers may come back more often than right ones.
  case chosen
}
