import Domain

/// What a terminal or a log shows of a long job.
public struct ProgressText: Sendable {
  /// Tenths of the whole already said in `line(_:)`, so that a log gets a dozen lines and not thousands.
  private var saidTenths = -1
  private var saidStage = ""

  public init() {}

  /// One row of at most `style.width` columns that is drawn over itself.
  public static func bar(_ progress: TrainingProgress, style: TextStyle) -> String {
    let fraction = bounded(progress.fraction)
    let text = "  \(percent(fraction))  \(printable(progress.stage))\(remaining(progress))"
    let barWidth = min(30, max(5, style.width - 2 - text.count))
    let filled = Int((fraction * Double(barWidth)).rounded(.down))
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: barWidth - filled)
    return String("[\(bar)]\(text)".prefix(style.width))
  }

  /// The next line for a log, nil where nothing worth a line has happened: a new stage, or another tenth done.
  public mutating func line(_ progress: TrainingProgress) -> String? {
    let fraction = Self.bounded(progress.fraction)
    let tenths = Int(fraction * 10)
    guard tenths > saidTenths || progress.stage != saidStage else { return nil }
    saidTenths = max(saidTenths, tenths)
    saidStage = progress.stage
    return "\(percent(fraction)) \(printable(progress.stage))\(Self.remaining(progress))"
  }

  private static func remaining(_ progress: TrainingProgress) -> String {
    guard let seconds = progress.secondsLeft, seconds.isFinite, seconds >= 0 else { return "" }
    return seconds < 1 ? ", \(durationText(seconds: seconds)) left" : ", about \(durationText(seconds: seconds)) left"
  }

  private static func bounded(_ fraction: Double) -> Double { fraction.isFinite ? min(1, max(0, fraction)) : 0 }
}
