import Domain
import Glibc
import Statistics

/// Level at which all slices of a line that wait together may be confirmed by chance.
public let sliceConfirmationLevel = 0.05

/// How many later parts of a slice are looked at, fixed when it is adopted.
///
/// So many that a slice with two thirds of the excess that was found is confirmed nine times in ten: what stands out
/// most among many is less bad than it looked. 100 to 1000; 1000 also for a slice without an excess.
/// - Parameter waiting: slices of the line that wait, this one among them.
public func laterPartsNeeded(_ found: SliceCounts, waiting: Int) -> Int {
  let range = 100.0...1000.0
  guard let rate = found.rate, let base = found.restRate, rate > base else { return Int(range.upperBound) }
  let expected = base + (rate - base) * 2 / 3
  let level = sliceConfirmationLevel / Double(max(1, waiting))
  let size =
    normalQuantile(1 - level) * (base * (1 - base)).squareRoot()
    + normalQuantile(0.9) * (expected * (1 - expected)).squareRoot()
  let needed = size * size / ((expected - base) * (expected - base))
  return Int(min(max(needed, range.lowerBound), range.upperBound).rounded(.up))
}

/// What later parts say of a slice that was adopted.
public struct SliceVerdict: Sendable, Equatable {
  public let isConfirmed: Bool
  public let pValue: Double
  /// p at or below it confirms.
  public let level: Double
  public let counts: SliceCounts

  public var sentence: String {
    let rate = counts.rate.map(percent) ?? "none"
    let rest = counts.restRate.map(percent) ?? "none"
    return "\(counts.wrong) of \(counts.parts) later parts are wrong (\(rate)), elsewhere \(rest) of "
      + "\(counts.restParts): p = \(probabilityText(pValue)), "
      + (isConfirmed ? "at most" : "more than") + " \(probabilityText(level))"
  }
}

/// Decides about slices whose later parts have come, together (Holm 1979).
///
/// - Parameters:
///   - due: their counts on later parts.
///   - family: slices of the line that have waited together with these, these among them.
///   - confirmed: those of the family that have been confirmed before.
/// - Returns: verdicts in the order of `due`.
public func confirmSlices(_ due: [SliceCounts], family: Int, confirmed: Int) -> [SliceVerdict] {
  precondition(family >= due.count + confirmed, "what is decided now or was before belongs to the family")
  let pValues = due.map(\.pValue)
  var verdicts: [Int: SliceVerdict] = [:]
  var passed = confirmed
  for index in due.indices.sorted(by: { pValues[$0] < pValues[$1] }) {
    let level = sliceConfirmationLevel / Double(family - passed)
    let isConfirmed = pValues[index] <= level
    if isConfirmed { passed += 1 }
    verdicts[index] = SliceVerdict(
      isConfirmed: isConfirmed, pValue: pValues[index], level: level, counts: due[index])
  }
  return due.indices.compactMap { verdicts[$0] }
}

/// `0.004`, `0.25`, `under 0.0001`.
public func probabilityText(_ value: Double) -> String {
  if value < 0.0001 { return "under 0.0001" }
  return decimal(value, places: value < 0.001 ? 4 : value < 0.1 ? 3 : 2)
}
