import Domain
import Policy
import Statistics

extension EarlyWatch {
  /// What has been seen of a cell's parts; nil: of the line's as a whole. Nothing for a cell that is not watched.
  public func signs(of cell: Cell?, definition: LineDefinition) -> [EarlySign] {
    guard let unit = unit(cell) else { return [] }
    return [
      confidenceSign(unit), driftSign(unit, definition), disagreementSign(unit),
    ].compactMap(\.self)
  }

  /// What the accuracy may be now: that of matured outcomes, moved as confidence has moved since (difference of
  /// confidences, Guillory et al. 2021).
  ///
  /// - Returns: nil below 200 matured labels under this student, or 50 parts younger than they are.
  public func estimate(of cell: Cell?) -> EarlyEstimate? {
    guard let unit = unit(cell), unit.scores.labels >= EarlyScores.labelsNeeded else { return nil }
    var parts = 0
    var sum = 0.0
    for day in unit.days where day.day > maturedDay {
      parts += Int(day.mean.count)
      sum += day.mean.sum
    }
    guard parts >= Self.estimateParts else { return nil }
    let moved = sum / Double(parts) - unit.scores.confidence
    return EarlyEstimate(accuracy: min(max(unit.scores.accuracy + moved, 0), 1), parts: parts)
  }

  /// Counts what the teacher said of a sample of a night.
  public mutating func absorb(_ report: AgreementReport, serving: (Cell) -> ModelVersion) {
    let day = report.day
    var whole = (agreed: 0, parts: 0)
    for row in report.cells where row.version == serving(row.cell) && row.agreed >= 0 && row.agreed <= row.parts {
      // No sample is larger.
      let parts = min(row.parts, AgreementSpec.partsMaximum)
      let agreed = min(row.agreed, parts)
      whole.parts += parts
      whole.agreed += agreed
      guard let unit = cells[row.cell] else { continue }
      let isQuiet = disagreementSign(unit) == nil
      cells[row.cell]?.agreement.observe(day: day, agreed: agreed, parts: parts, isQuiet: isQuiet)
    }
    whole.parts = min(whole.parts, Int(UInt16.max))
    let isQuiet = line.map { disagreementSign($0) == nil } ?? true
    line?.agreement.observe(
      day: day, agreed: min(whole.agreed, whole.parts), parts: whole.parts, isQuiet: isQuiet)
  }

  private func unit(_ cell: Cell?) -> EarlyUnit? { cell.map { cells[$0] } ?? line }

  private func confidenceSign(_ unit: EarlyUnit) -> EarlySign? {
    let column = unit.columns[columns.confidence]
    guard column.isSign, let before = unit.baseConfidence.value else { return nil }
    return EarlySign(
      kind: .confidence, day: column.firstDay,
      sentence: "the student is less sure than in its first \(EarlyUnit.baseDaysNeeded) days: confidence "
        + "\(percent(before + Double(column.shift))) on average where it was \(percent(before)), "
        + figures(column))
  }

  private func driftSign(_ unit: EarlyUnit, _ definition: LineDefinition) -> EarlySign? {
    let loud = (0..<columns.inputCount).filter { unit.columns[$0].isSign }
    let strongest = loud.max { strength(unit.columns[$0]) < strength(unit.columns[$1]) }
    guard let strongest else { return nil }
    let column = unit.columns[strongest]
    var sentence =
      "\(columns.name(strongest, definition)) is not distributed as in the student's first "
      + "\(EarlyUnit.baseDaysNeeded) days"
    if abs(column.shift) >= 0.5 { sentence += ", \(column.shift > 0 ? "higher" : "lower") on average" }
    sentence += ", " + figures(column)
    if loud.count > 1 {
      sentence +=
        "; so \(loud.count == 2 ? "is" : "are") \(loud.count - 1) more "
        + (columns.usesSummaries ? "summaries" : "measurements")
    }
    return EarlySign(
      kind: .drift, day: loud.map { unit.columns[$0].firstDay }.min() ?? column.firstDay, sentence: sentence)
  }

  private func strength(_ column: EarlyColumn) -> Float { column.index / max(column.threshold, 1e-6) }

  private func figures(_ column: EarlyColumn) -> String {
    "stability index \(decimal(Double(column.index), places: 2)), where quiet days stay below "
      + "\(decimal(Double(column.threshold), places: 2)) (\(column.parts) parts)"
  }

  private func disagreementSign(_ unit: EarlyUnit) -> EarlySign? {
    guard let detector = unit.agreement.detector, let null = unit.agreement.null else { return nil }
    let armed = cells.values.reduce(line?.agreement.null == nil ? 0 : 1) { $0 + ($1.agreement.null == nil ? 0 : 1) }
    guard detector.logEvidence >= alarmLevel(detectors: armed, days: Self.disagreementNights),
      let day = detector.suspectedChangeDay
    else { return nil }
    let since = unit.agreement.nights.filter { $0.day >= day }
    let parts = since.reduce(0) { $0 + Int($1.parts) }
    let agreed = since.reduce(0) { $0 + Int($1.agreed) }
    return EarlySign(
      kind: .disagreement, day: day,
      sentence: "student and teacher agree on \(percent(Double(agreed) / Double(max(parts, 1)))) of \(parts) parts "
        + "since \(dateText(day)), where they agreed on at least \(percent(null))")
  }
}
