/// The ways of training that `kaizenctl study` compares, by the names people type.
public enum StudyMethod: String, Sendable, Codable, CaseIterable {
  /// Labels, every row equally often.
  case erm
  /// Labels, every group equally often.
  case balanced
  /// Labels, groups weighted by exponentiated losses (Sagawa et al. 2020).
  case groupDRO = "group-dro"
  /// Distillation, every row equally often.
  case kd
  /// Distillation, every group equally often.
  case kdBalanced = "kd-balanced"
  /// GroupDistil as reconstructed: weights moved by the loss itself, uniform batches.
  case groupDistilRaw = "groupdistil-raw"
  /// GroupDistil with the scale-free step, floor and cap: the default.
  case groupDistil = "groupdistil"
  /// The same with weights driven by held-out losses.
  case groupDistilHeldOut = "groupdistil-heldout"
  /// Distillation, then the last layer fitted again on balanced held-out rows.
  case dfr
  /// All arms of the default recipe, one chosen on held-out rows.
  case portfolio
}
