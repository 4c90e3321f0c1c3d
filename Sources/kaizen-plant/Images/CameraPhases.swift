import Domain
import PlantSimulation
import Statistics

/// A stretch of one camera's time in which nothing changed: neither how it hangs nor the student that serves it.
public struct CameraPhase: Sendable, Equatable {
  public let camera: String
  public let servedVersion: Int
  /// Whether the camera hangs otherwise than at the start.
  public let isRemounted: Bool
  public let from: Timestamp
  public let to: Timestamp
  public let tally: Tally

  /// Clopper-Pearson 95 % bounds of what was served.
  public var servedInterval: Interval? { clopperPearson(correct: tally.servedCorrect, total: tally.count) }
  public var frozenInterval: Interval? { clopperPearson(correct: tally.frozenCorrect, total: tally.count) }
}

extension CameraPhase {
  /// The phases of every camera, in order of cameras and time.
  ///
  /// - Parameter remounts: when a camera was hung up otherwise, by its cell.
  public static func all(
    _ parts: [StreamedPart], cells: [Cell], frozenVersion: Int, remounts: [Cell: Timestamp]
  ) -> [CameraPhase] {
    cells.flatMap { cell -> [CameraPhase] in
      var phases: [CameraPhase] = []
      var tally = Tally()
      var first: StreamedPart?
      var last: StreamedPart?
      func isRemounted(_ part: StreamedPart) -> Bool { remounts[cell].map { part.time >= $0 } ?? false }
      func close() {
        guard let first, let last else { return }
        phases.append(
          CameraPhase(
            camera: cell.values.joined(separator: ","), servedVersion: first.servedVersion,
            isRemounted: isRemounted(first), from: first.time, to: last.time, tally: tally))
      }
      for part in parts where part.cell == cell {
        if let open = first,
          open.servedVersion != part.servedVersion || isRemounted(open) != isRemounted(part)
        {
          close()
          first = nil
          tally = Tally()
        }
        first = first ?? part
        last = part
        tally.add(part, frozenVersion: frozenVersion)
      }
      close()
      return phases
    }
  }
}

/// The phases as a table for a terminal.
public enum CameraPhaseText {
  public static func table(_ phases: [CameraPhase]) -> String {
    let header = ["camera", "days", "", "student", "parts", "served [95 %]", "without kaizend"]
    let rows = phases.map { phase in
      [
        phase.camera, "\(day(phase.from))-\(day(phase.to))", phase.isRemounted ? "turned" : "",
        "\(phase.servedVersion)", "\(phase.tally.count)", share(phase.tally.servedAccuracy, phase.servedInterval),
        share(phase.tally.frozenAccuracy, nil),
      ]
    }
    return Columns.text([header] + rows)
  }

  /// What came of each camera, also where nothing did.
  public static func sentences(_ phases: [CameraPhase]) -> [String] {
    let cameras = phases.map(\.camera).reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
    return cameras.map { camera in sentence(camera, phases.filter { $0.camera == camera }) }
  }

  private static func sentence(_ camera: String, _ own: [CameraPhase]) -> String {
    guard let first = own.first, let last = own.last, own.count > 1 else {
      return "Camera \(camera) kept the student it began with."
    }
    var pieces = ["\(share(first.tally.servedAccuracy, first.servedInterval)) at first"]
    for (before, phase) in zip(own, own.dropFirst()) {
      let turned = phase.isRemounted && !before.isRemounted ? ["turned"] : []
      let changed = phase.servedVersion == before.servedVersion ? [] : ["with student \(phase.servedVersion)"]
      pieces.append(
        "\(share(phase.tally.servedAccuracy, phase.servedInterval)) from day \(day(phase.from)) on"
          + " (\((turned + changed).joined(separator: ", ")))")
    }
    let end =
      last.servedVersion == first.servedVersion
      ? "no better student was found for it"
      : "without kaizend \(share(last.tally.frozenAccuracy, last.frozenInterval)) of the last \(last.tally.count) parts"
    return "Camera \(camera): \(pieces.joined(separator: ", ")); \(end)."
  }

  /// Counted from the first streamed day.
  static func day(_ time: Timestamp) -> Int64 { time.day - Scenario.start.day }

  static func share(_ accuracy: Double?, _ interval: Interval?) -> String {
    guard let accuracy else { return "-" }
    guard let interval else { return ReportText.percent(accuracy) }
    func bound(_ value: Double) -> String { String(ReportText.percent(value).dropLast(2)) }
    return "\(ReportText.percent(accuracy)) [\(bound(interval.lower)), \(bound(interval.upper))]"
  }
}
