import ArgumentParser
import DataFiles
import Domain
import NeuralNet

/// The file of parts and what is to be made of it, checked as far as it can be without the file.
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
  @Option(help: "What one part is: vector, window:LENGTH, window:CHANNELSxLENGTH or image:HEIGHTxWIDTH[xCHANNELS].")
  var input: String?
  @Option(help: "The student's hidden layers in words, such as conv16k3,max2,32; else the usual ones for the input.")
  var student: String?
  @Option(help: "Seed of everything random.") var seed: UInt64 = 1
  @Option(help: "Name of the line.") var line = "new-line"
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
    _ = try chosenLayers()
    do throws(InvalidName) {
      _ = try inputShape()
      _ = try LineID(line)
      _ = try schema()
    } catch {
      throw ValidationError(error.sentence)
    }
  }

  /// The same as values; `validate` has seen that they can be had.
  func wish() throws(Failure) -> LineWish {
    do {
      return LineWish(
        id: try LineID(line), schema: try schema(), request: try request(), layers: try chosenLayers())
    } catch {
      throw Failure(.usage, "\(error)")
    }
  }

  private func schema() throws(InvalidName) -> GroupSchema {
    try GroupSchema(attributes: Self.list(groups), includesOutcome: outcomeInGroups)
  }

  private func request() throws -> PartsRequest {
    PartsRequest(
      label: label, groups: Self.list(groups),
      features: features.map { .named(Self.list($0)) } ?? .allExcept(exclude.map(Self.list) ?? []),
      input: try inputShape(), rows: try rowRange(), teacherLogitsPrefix: teacherLogits,
      classNames: classNames.map(Self.list))
  }

  /// Nil where nobody chose any.
  private func chosenLayers() throws -> [StudentLayer]? {
    do throws(InvalidShape) {
      return try student.map { text throws(InvalidShape) in try StudentLayer.list(text) }
    } catch {
      throw ValidationError("--student: \(error.description)")
    }
  }

  /// Nil for a vector, and for files that know what their parts are.
  private func inputShape() throws(InvalidName) -> InputShape? {
    guard let input else { return nil }
    return try InputShape.named(input)
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

/// A line that is wished for, before its file is read.
struct LineWish {
  let id: LineID
  let schema: GroupSchema
  let request: PartsRequest
  /// Nil: the usual ones for the file's input.
  let layers: [StudentLayer]?
}
