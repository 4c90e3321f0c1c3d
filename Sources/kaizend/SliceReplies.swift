import Domain
import Engine
import Policy
import Statistics
import Wire

/// What a search found among rows of which some may have lost their measurements.
struct FoundSlices {
  let report: SliceReport
  let partsWithoutInputs: Int
}

enum SliceReplies {
  static func slices(
    _ scope: SliceScope, _ found: FoundSlices, counted: [CandidateCounts], _ settings: SliceSettings
  ) -> SlicesReply {
    let report = found.report
    return SlicesReply(
      line: scope.definition.id.text, rule: settings.rule.rawValue, parts: report.parts, wrong: report.wrong,
      tested: report.tested, significant: report.significant, rate: settings.rate,
      findings: report.findings.map { row($0, scope) },
      adopted: scope.adopted.map { slice in
        row(slice, come: counted.first { $0.candidate == slice }?.counts.parts)
      },
      remarks: remarks(scope, found, settings))
  }

  static func adoption(_ slice: AdoptedSlice) -> AdoptSliceReply {
    AdoptSliceReply(
      line: slice.line.text, adopted: row(slice, come: 0),
      sentence: "\(slice.slice) is adopted: its next \(slice.partsNeeded) labelled parts will tell whether it is wrong "
        + "more often than the rest, and it is monitored if they do")
  }

  private static func row(_ finding: SliceFinding, _ scope: SliceScope) -> SliceRow {
    let name = scope.definition.text(finding.slice)
    let counts = finding.counts
    return SliceRow(
      slice: name, parts: counts.parts, wrong: counts.wrong, wrongShare: counts.rate ?? 0,
      lower: finding.interval.lower, upper: finding.interval.upper, restParts: counts.restParts,
      restWrong: counts.restWrong, restShare: counts.restRate, excess: finding.excess, p: finding.pValue,
      q: finding.qValue, wrongAbove: finding.wrongAbove, reasons: finding.reasons(scope.definition),
      state: state(finding.slice, name, scope))
  }

  /// Groups of the line, and most of the sets around them, are monitored without being adopted.
  private static func state(_ slice: PartSlice, _ name: String, _ scope: SliceScope) -> String? {
    let state = scope.adopted.first { $0.slice == name }?.state
    return (state ?? (scope.definition.group(of: slice) != nil || scope.watched.contains(slice) ? .monitored : nil))?
      .rawValue
  }

  private static func row(_ slice: AdoptedSlice, come: Int?) -> AdoptedSliceRow {
    AdoptedSliceRow(
      slice: slice.slice, state: slice.state.rawValue, adoptedAt: slice.adoptedAt.wholeSeconds, by: slice.by.login,
      reason: slice.reason, partsNeeded: slice.partsNeeded, partsCome: slice.state == .candidate ? come : nil,
      decidedAt: slice.decidedAt?.wholeSeconds, detail: slice.detail)
  }

  private static func remarks(_ scope: SliceScope, _ found: FoundSlices, _ settings: SliceSettings) -> [String] {
    var remarks: [String] = []
    if found.report.parts < 2 * settings.partsMin {
      remarks.append(
        "too few labelled parts of the students that serve now are as old as maturity_hours asks: a slice needs "
          + "\(settings.partsMin), and others to be compared with")
    }
    if scope.definition.input.sharesUnit {
      remarks.append("parts are windows or pictures, whose numbers mean nothing on their own: only attributes are used")
    }
    if found.report.unreadMeasurements > 0 {
      remarks.append("the line's last \(found.report.unreadMeasurements) measurements were not looked at")
    }
    if found.report.unpairedMeasurements > 0 {
      remarks.append(
        "\(found.report.unpairedMeasurements) measurements were looked at alone and in no pair; the pairs count as tested"
      )
    }
    if found.partsWithoutInputs > 0 {
      remarks.append(
        "the measurements of \(found.partsWithoutInputs) parts are not kept any more; only their attributes were used")
    }
    return remarks
  }
}
