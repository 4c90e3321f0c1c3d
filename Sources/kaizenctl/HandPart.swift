import ControlText
import Domain
import Wire

/// One part entered by hand: words of the command line to an inference request, and its answer back.
enum HandPart {
  /// The largest picture written out fits; a file of parts does not belong here.
  static let inputFileBytesMax = 2 << 20
  /// What `--json-inputs` says for standard input.
  static let standardInput = "-"

  /// `name=value` pairs of attributes of the line.
  static func attributes(_ pairs: [String], of line: LineRow) throws -> [(name: String, value: String)] {
    let attributes = try pairs.map { try pair($0, of: "--attribute") }
    for attribute in attributes where !line.attributes.contains(attribute.name) {
      throw Failure(
        .usage,
        "\"\(attribute.name)\" is no attribute of \(line.line) (they are \(line.attributes.joined(separator: ", "))).")
    }
    return attributes
  }

  /// `feature=value` pairs in any order to the line's order.
  static func inputs(_ pairs: [String], of line: LineRow) throws -> [Float] {
    guard !line.features.isEmpty || pairs.isEmpty else {
      throw Failure(
        .usage, "a part of \(line.line) is \(input(of: line)), whose numbers have no names; give them as a list.",
        next: .kaizenctl(["predict", line.line, "--json-inputs", "part.json"]))
    }
    var values: [String: Float] = [:]
    for text in pairs {
      let (name, value) = try pair(text, of: "a feature")
      guard let number = Float(value), number.isFinite else {
        throw Failure(.usage, "feature \(name): \"\(value)\" is not a finite number.")
      }
      guard values.updateValue(number, forKey: name) == nil else {
        throw Failure(.usage, "feature \(name) is given twice.")
      }
    }
    return try ordered(values, of: line, .usage)
  }

  static func inputs(file: String, of line: LineRow) throws -> [Float] {
    let bytes: [UInt8]
    do {
      bytes =
        file == standardInput
        ? try BoundedFile.readStandardInput(bytesMax: inputFileBytesMax)
        : try BoundedFile.read(file, bytesMax: inputFileBytesMax)
    } catch {
      let status: ExitStatus = if case .tooLarge = error { .data } else { .noInput }
      throw Failure(status, "cannot read the features of one part from \(file): \(error).")
    }
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch { throw Failure(.data, "\(file): \(error.sentence).") }
    switch value {
    case .array: return try list(value, file, of: line)
    case .object(let members):
      let values = try members.map { name, value in (name, try float(value, "feature \(name) of \(file)")) }
      return try ordered(Dictionary(values, uniquingKeysWith: { $1 }), of: line, .data)
    default:
      throw Failure(.data, "\(file) holds neither an object of features nor a list of numbers.")
    }
  }

  /// A list of the line's numbers, flat or nested as one part is.
  private static func list(_ value: JSONValue, _ file: String, of line: LineRow) throws -> [Float] {
    var numbers: [Float] = []
    var sizes: [Int] = []
    func gather(_ value: JSONValue, depth: Int) throws {
      guard case .array(let elements) = value else {
        return numbers.append(try float(value, "element \(numbers.count) of \(file)"))
      }
      if depth == sizes.count, numbers.isEmpty { sizes.append(elements.count) }
      guard depth < sizes.count, sizes[depth] == elements.count else {
        throw Failure(.data, "\(file) holds lists of different lengths; one part has the shape \(shapes(of: line)).")
      }
      for element in elements { try gather(element, depth: depth + 1) }
    }
    try gather(value, depth: 0)
    let isWhole = numbers.count == sizes.reduce(1, *)
    guard isWhole, line.inputShape?.partShapes.contains(sizes) ?? (sizes == line.shape) else {
      throw Failure(
        .data,
        "\(file) holds \(countText(numbers.count, "number")) in the shape \(sizes); one part of \(line.line) has"
          + " the shape \(shapes(of: line)).")
    }
    return numbers
  }

  /// `[28, 28, 1] or [28, 28] or [784]`.
  private static func shapes(of line: LineRow) -> String {
    (line.inputShape?.partShapes ?? [line.shape]).map { "\($0)" }.joined(separator: " or ")
  }

  /// `an image 28x28x1`.
  private static func input(of line: LineRow) -> String {
    let text = line.inputShape?.description ?? line.input
    return "\(text.first == "i" ? "an" : "a") \(text)"
  }

  private static func float(_ value: JSONValue, _ place: String) throws -> Float {
    guard let number = value.number.map({ Float($0) }), number.isFinite else {
      throw Failure(.data, "\(place) is not a finite number.")
    }
    return number
  }

  private static func ordered(_ values: [String: Float], of line: LineRow, _ status: ExitStatus) throws -> [Float] {
    let unknown = values.keys.filter { !line.features.contains($0) }.sorted()
    let missing = line.features.filter { values[$0] == nil }
    guard !line.features.isEmpty else {
      throw Failure(
        status, "a part of \(line.line) is \(input(of: line)); give its numbers as a list.",
        next: .kaizenctl(["predict", line.line, "--json-inputs", "part.json"]))
    }
    guard unknown.isEmpty, missing.isEmpty else {
      let faults =
        (unknown.isEmpty ? [] : ["has no feature \(named(unknown))"])
        + (missing.isEmpty ? [] : ["needs also \(named(missing))"])
      throw Failure(
        status, "\(line.line) \(faults.joined(separator: " and ")).", next: .kaizenctl(["lines", line.line]))
    }
    return line.features.compactMap { values[$0] }
  }

  /// More names than this are a list to look up, not a sentence.
  private static let namedFeaturesMax = 10

  private static func named(_ features: [String]) -> String {
    let rest = features.count - namedFeaturesMax
    return features.prefix(namedFeaturesMax).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }

  private static func pair(_ text: String, of what: String) throws -> (name: String, value: String) {
    guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
      throw Failure(.usage, "\(what) is written name=value (got \"\(text)\").")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }
}
