import ArgumentParser
import DataFiles
import Domain
import NeuralNet

/// What `distill` is asked, checked as far as it can be without the file.
struct DistillOptions: ParsableArguments {
  @Option(help: "File of parts: CSV, plain or gzip, or NumPy .npz.") var data: String
  @Option(help: "Column of the true class.") var label: String
  @Option(help: "Group columns, separated by commas.") var groups: String
  @Option(help: "Data rows to read, FIRST:LAST, counted from 1.") var rows: String?
  @Option(help: "Feature columns, separated by commas.") var features: String?
  @Option(help: "Columns that are no features; NAME* for any ending.") var exclude: String?
  @Flag(help: "Make groups of attributes and the true class.") var outcomeInGroups = false
  @Option(help: "Class names in label order, separated by commas.") var classNames: String?
  @Option(help: "FILE.onnx, or \"train\" to train one here (the default).") var teacher: String?
  @Option(help: "Prefix of columns with a teacher's logits.") var teacherLogits: String?
  @Option(help: "Width of the student's hidden layers, separated by commas.") var hidden = "32"
  @Option(help: "Seed of everything random.") var seed: UInt64 = 1
  @Option(help: "Name of the line.") var line: String
  @Option(help: "Folder for the results.") var out: String
  @Option(help: "Folder that keeps an ONNX teacher's answers for the next time.") var cache: String?

  func validate() throws {
    if features != nil && exclude != nil {
      throw ValidationError("--features names all features and --exclude all others; give one of them")
    }
    if teacher != nil && teacherLogits != nil {
      throw ValidationError("--teacher and --teacher-logits name two teachers; give one of them")
    }
    _ = try rowRange()
    _ = try hiddenLayers()
    do throws(InvalidName) {
      _ = try LineID(line)
      _ = try schema()
    } catch {
      throw ValidationError(error.sentence)
    }
  }

  func schema() throws(InvalidName) -> GroupSchema {
    try GroupSchema(attributes: Self.list(groups), includesOutcome: outcomeInGroups)
  }

  func request() throws -> PartsRequest {
    PartsRequest(
      label: label, groups: Self.list(groups),
      features: features.map { .named(Self.list($0)) } ?? .allExcept(exclude.map(Self.list) ?? []),
      rows: try rowRange(), teacherLogitsPrefix: teacherLogits, classNames: classNames.map(Self.list))
  }

  func hiddenLayers() throws -> [StudentLayer] {
    do throws(InvalidShape) {
      return try StudentLayer.list(hidden)
    } catch {
      throw ValidationError("--hidden: \(error.description)")
    }
  }

  private func rowRange() throws -> ClosedRange<Int>? {
    guard let rows else { return nil }
    let ends = rows.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 1, last >= first else {
      throw ValidationError("--rows takes FIRST:LAST, counted from 1, such as 1:12000 (got \"\(rows)\")")
    }
    return first...last
  }

  /// Names between commas, blanks around them left out.
  private static func list(_ text: String) -> [String] {
    text.split(separator: ",").map { part in
      var part = part
      while part.first == " " { part.removeFirst() }
      while part.last == " " { part.removeLast() }
      return String(part)
    }.filter { !$0.isEmpty }
  }
}
