import ArgumentParser
import Domain

extension RetrainMode: ExpressibleByArgument {}
extension TimeSource: ExpressibleByArgument {}

/// The file of parts, and how to read it: handed on to the training process.
struct PartsOptions: ParsableArguments {
  @Option(help: "Labelled parts: .csv or .csv.gz with a header, or NumPy .npz.") var data: String
  @Option(help: "The column with the true class.") var label: String
  @Option(help: ArgumentHelp("The columns that make the groups.", valueName: "a,b,...")) var groups: String
  @Option(help: ArgumentHelp("Only these rows, counted from 1.", valueName: "first:last")) var rows: String?
  @Option(help: ArgumentHelp("The features (else every other numeric column).", valueName: "a,b,...")) var features:
    String?
  @Option(help: ArgumentHelp("Numeric columns that are no features.", valueName: "a,b,...")) var exclude: String?
  @Flag(help: "The true class is part of the group.") var outcomeInGroups = false
  @Option(help: ArgumentHelp("Class names in label order.", valueName: "a,b,...")) var classNames: String?
  @Option(help: ArgumentHelp("The plant's own model, or `train` to train one here.", valueName: "file.onnx|train"))
  var teacher: String?
  @Option(help: ArgumentHelp("Teacher logits are columns starting so.", valueName: "prefix")) var teacherLogits: String?
  @Option(
    help: ArgumentHelp(
      "What the feature columns are together: vector (the default), window:LENGTH, window:CHANNELSxLENGTH,"
        + " image:HEIGHTxWIDTH or image:HEIGHTxWIDTHxCHANNELS, row by row.", valueName: "window:1024"))
  var input: String?
  @Option(
    help: ArgumentHelp(
      "The student's hidden layers, in words with commas between: 64 (dense, 64 units), conv16k3 (convolution, 16"
        + " channels, kernel 3), conv16k64s8 (stride 8), max2 and avg2 (pooling), mean (over all positions). Else the"
        + " usual ones for the input.", valueName: "conv16k3,max2,32"))
  var student: String?
  @Option(help: "The same seed and file give the same student.") var seed: UInt64?

  func validate() throws {
    if features != nil, exclude != nil {
      throw ValidationError("--features names all features; --exclude leaves some out. Take one.")
    }
    if teacher != nil, teacherLogits != nil {
      throw ValidationError("--teacher and --teacher-logits name two teachers. Take one.")
    }
    do throws(InvalidName) {
      if let input { _ = try InputShape.named(input) }
    } catch {
      throw ValidationError("--input: \(error.sentence)")
    }
  }

  var trainerArguments: [String] {
    let valued: [(String, String?)] = [
      ("--data", data), ("--label", label), ("--groups", groups), ("--rows", rows), ("--features", features),
      ("--exclude", exclude), ("--class-names", classNames), ("--teacher", teacher),
      ("--teacher-logits", teacherLogits), ("--input", input), ("--student", student),
      ("--seed", seed.map { String($0) }),
    ]
    // One word each, so that a value that starts with a dash stays a value.
    return valued.compactMap { name, value in value.map { "\(name)=\($0)" } }
      + (outcomeInGroups ? ["--outcome-in-groups"] : [])
  }

  /// For the audit log.
  var source: String {
    let file = data.split(separator: "/").last.map { String($0) } ?? data
    return "\(file)\(rows.map { ", rows \($0)" } ?? ""), label \(label), groups \(groups)"
  }
}

/// How the new line is run.
struct SettingsOptions: ParsableArguments {
  @Option(help: "What a lagging group sets off: auto, propose or observe.") var mode = RetrainMode.auto
  @Option(help: "Whose time rows carry: clock, or event for replays.") var time = TimeSource.clock
  @Option(help: "The accuracy every group must keep, between 0 and 1.") var target: Double?
  @Option(help: "Hours until a part counts, labelled or not; learned from how long outcomes take when not given.")
  var maturityHours: Double?
  @Option(
    help: ArgumentHelp(
      "Sources of outcomes, the most trusted first; with the share of parts it looks at, drawn by lot, where that is"
        + " known.", valueName: "audit=0.05,rework"))
  var channels: String?

  /// A hundred years: longer means never, and the daemon refuses it too.
  static let maturityHoursMax = 876_000.0

  func validate() throws {
    if let target, !(target > 0 && target < 1) {
      throw ValidationError("--target is a share between 0 and 1, such as 0.9 (got \(target)).")
    }
    if let channels, Self.channels(channels) == nil {
      throw ValidationError(
        "--channels are different names with commas between, with a share from 0.0001 to 1 where it is known, such"
          + " as audit=0.05,rework (got \"\(channels)\").")
    }
    if let maturityHours, !(maturityHours >= 0 && maturityHours <= Self.maturityHoursMax) {
      throw ValidationError("--maturity-hours is 0 to \(Int(Self.maturityHoursMax)) (got \(maturityHours)).")
    }
  }

  var settings: LineSettings {
    var settings = LineSettings(mode: mode, time: time, targetAccuracy: target)
    if let maturityHours { settings.maturityHours = maturityHours }
    if let channels, let named = Self.channels(channels) { settings.channels = named }
    return settings
  }

  /// nil for what names no channels of one line.
  private static func channels(_ text: String) -> [OutcomeChannel]? {
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    let channels = words.compactMap { OutcomeChannel(String($0)) }
    return channels.count == words.count && OutcomeChannel.areValid(channels) ? channels : nil
  }
}
