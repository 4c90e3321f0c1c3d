import Domain

/// Rules a new line must keep, because a message decodes without asking the initializers of the types inside it.
enum AddLineCheck {
  /// More classes than a visual inspection tells apart.
  static let classCountMax = 4096
  /// A hundred years: longer spans overflow the arithmetic of times, and mean "never".
  static let hoursMax = 876_000.0

  static func checked(_ request: AddLineRequest) throws(WireFault) -> AddLineRequest {
    let definition = request.definition
    do {
      _ = try GroupSchema(
        attributes: definition.schema.attributes, includesOutcome: definition.schema.includesOutcome)
    } catch {
      throw .badMessage(error.sentence)
    }
    guard definition.input.isValid else { throw .badMessage("a part of a line has numbers, and this line's has none") }
    // Windows and pictures have no names.
    if !definition.input.sharesUnit {
      try check(definition.featureNames, "feature", in: definition.featureCount...definition.featureCount)
    }
    try check(definition.classNames, "class", in: 2...classCountMax)
    try check(request.settings)
    if let misfit = request.report.misfit(definition) { throw .badMessage(misfit) }
    return request
  }

  private static func check(_ names: [String], _ kind: String, in counts: ClosedRange<Int>) throws(WireFault) {
    guard counts.contains(names.count) else {
      let wanted = counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
      throw .badMessage("this line has \(wanted) \(kind) names, got \(names.count)")
    }
    guard !names.contains(""), Set(names).count == names.count else {
      throw .badMessage("a \(kind) name is empty or stands twice")
    }
  }

  private static func check(_ settings: LineSettings) throws(WireFault) {
    func rule(_ isKept: Bool, _ sentence: String) throws(WireFault) {
      guard isKept else { throw .badMessage(sentence) }
    }
    if let target = settings.targetAccuracy {
      try rule(target > 0 && target < 1, "target_accuracy lies between 0 and 1 (got \(target))")
    }
    try rule(0...hoursMax ~= settings.maturityHours ?? 0, "maturity_hours lies in 0...\(hoursMax)")
    try rule(0...hoursMax ~= settings.coolDownHours, "cool_down_hours lies in 0...\(hoursMax)")
    try rule(1...10_000_000 ~= settings.gateRowsMinimum, "gate_rows_minimum lies in 1...10000000")
    try rule(
      settings.jobRowsMinimum > settings.gateRowsMinimum && settings.jobRowsMinimum <= 10_000_000,
      "job_rows_minimum is above gate_rows_minimum and at most 10000000")
    try rule(0...3650 ~= settings.retrainAfterDays, "retrain_after_days lies in 0...3650")
    try rule(0...1 ~= settings.maximumCellLoss, "maximum_cell_loss lies in 0...1")
    try rule(0.01...1000 ~= settings.latencyMsMax, "latency_ms_max lies in 0.01...1000")
    try rule(0.0001...1 ~= settings.adviceErrorMax, "advice_error_max lies in 0.0001...1")
    try rule(
      OutcomeChannel.areValid(settings.channels),
      "channels are at most \(OutcomeChannel.countMax) different names of 1 to \(OutcomeChannel.nameBytesMax) bytes "
        + "without '=', their sampling probabilities from 0.0001 to 1")
  }
}
