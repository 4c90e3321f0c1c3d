/// A strict reader of the two texts of metrics, written after their grammars and not after the writer.
struct MetricsParser {
  struct Sample: Equatable {
    let name: String
    let labels: [String: String]
    let value: Double
  }

  struct Family: Equatable {
    let name: String
    let type: String
    var unit: String?
    var help: String?
    var samples: [Sample] = []
  }

  struct Fault: Error, CustomStringConvertible {
    let description: String
  }

  private let isOpenMetrics: Bool
  private(set) var families: [Family] = []
  private var series: Set<String> = []

  init(_ text: String, isOpenMetrics: Bool) throws {
    self.isOpenMetrics = isOpenMetrics
    guard text.hasSuffix("\n") else { throw Fault(description: "no line feed at the end") }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    if isOpenMetrics {
      guard lines.popLast() == "# EOF" else { throw Fault(description: "no # EOF at the end") }
    }
    for line in lines {
      do { try take(line) } catch { throw Fault(description: "\(error) in \"\(line)\"") }
    }
    for family in families { try check(family) }
  }

  private mutating func take(_ line: Substring) throws {
    guard line.hasPrefix("# ") else { return try takeSample(line) }
    let words = line.dropFirst(2).split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3 else { throw Fault(description: "a description of nothing") }
    let name = String(words[1])
    guard words[0] == "TYPE" else {
      guard families.last?.name == name, families.last?.samples.isEmpty == true else {
        throw Fault(description: "a description apart from its family")
      }
      switch words[0] {
      case "UNIT" where isOpenMetrics: families[families.count - 1].unit = String(words[2])
      case "HELP": families[families.count - 1].help = try unescaped(words[2], quotes: isOpenMetrics)
      default: throw Fault(description: "neither HELP nor UNIT")
      }
      return
    }
    let types: Set<Substring> =
      isOpenMetrics
      ? ["gauge", "counter", "histogram", "summary", "info", "stateset", "gaugehistogram", "unknown"]
      : ["gauge", "counter", "histogram", "summary", "untyped"]
    guard types.contains(words[2]) else { throw Fault(description: "no such type") }
    guard !families.contains(where: { $0.name == name }) else { throw Fault(description: "a family in two pieces") }
    guard isName(name) else { throw Fault(description: "no name") }
    families.append(Family(name: name, type: String(words[2])))
  }

  private mutating func takeSample(_ line: Substring) throws {
    var rest = line
    let name = String(rest.prefix { $0 != "{" && $0 != " " })
    rest = rest.dropFirst(name.count)
    var labels: [String: String] = [:]
    if rest.first == "{" { labels = try takeLabels(&rest) }
    guard rest.first == " " else { throw Fault(description: "no blank before the value") }
    let text = rest.dropFirst()
    let value: Double? = text == "+Inf" ? .infinity : text == "NaN" ? .nan : Double(text)
    guard let value, text == "+Inf" || text == "NaN" || text.first?.isLetter == false else {
      throw Fault(description: "no value")
    }
    guard let family = families.last, suffixes(family.type).contains(where: { family.name + $0 == name }) else {
      throw Fault(description: "a sample of another family")
    }
    let key = name + labels.sorted { $0.key < $1.key }.map { "\u{1}\($0.key)\u{2}\($0.value)" }.joined()
    guard series.insert(key).inserted else { throw Fault(description: "the same series twice") }
    families[families.count - 1].samples.append(Sample(name: name, labels: labels, value: value))
  }

  private func takeLabels(_ rest: inout Substring) throws -> [String: String] {
    var labels: [String: String] = [:]
    repeat {
      rest = rest.dropFirst()
      let name = String(rest.prefix { $0 != "=" })
      rest = rest.dropFirst(name.count)
      guard isName(name), !name.contains(":"), rest.hasPrefix("=\"") else { throw Fault(description: "no label") }
      rest = rest.dropFirst(2)
      var value = Substring()
      while let letter = rest.first, letter != "\"" {
        value.append(letter)
        rest = rest.dropFirst()
        guard letter == "\\", let next = rest.first else { continue }
        value.append(next)
        rest = rest.dropFirst()
      }
      guard rest.first == "\"" else { throw Fault(description: "a label without an end") }
      rest = rest.dropFirst()
      guard labels.updateValue(try unescaped(value, quotes: true), forKey: name) == nil else {
        throw Fault(description: "a label twice")
      }
    } while rest.first == ","
    guard rest.first == "}" else { throw Fault(description: "labels without an end") }
    rest = rest.dropFirst()
    return labels
  }

  private func unescaped(_ text: Substring, quotes: Bool) throws -> String {
    var result = ""
    var rest = text
    while let letter = rest.popFirst() {
      guard letter == "\\" else {
        if quotes, letter == "\"" { throw Fault(description: "a bare quote") }
        result.append(letter)
        continue
      }
      switch rest.popFirst() {
      case "\\": result.append("\\")
      case "n": result.append("\n")
      case "\"" where quotes: result.append("\"")
      default: throw Fault(description: "a backslash before nothing")
      }
    }
    return result
  }

  private func suffixes(_ type: String) -> [String] {
    switch type {
    case "counter": [isOpenMetrics ? "_total" : ""]
    case "histogram": ["_bucket", "_count", "_sum"]
    case "info": ["_info"]
    default: [""]
    }
  }

  private func check(_ family: Family) throws {
    let stem = isOpenMetrics || family.type != "counter" ? family.name : String(family.name.dropLast("_total".count))
    guard !family.samples.isEmpty, family.help?.isEmpty == false else {
      throw Fault(description: "\(family.name) says nothing")
    }
    if let unit = family.unit, !stem.hasSuffix("_\(unit)") { throw Fault(description: "\(stem) ends not in its unit") }
    if family.type == "counter", !family.samples.allSatisfy({ $0.name.hasSuffix("_total") && $0.value >= 0 }) {
      throw Fault(description: "\(family.name) is no counter")
    }
    if family.type == "histogram" { try checkHistogram(family) }
  }

  private func checkHistogram(_ family: Family) throws {
    for count in family.samples where count.name.hasSuffix("_count") {
      let buckets = family.samples.filter { sample in
        var labels = sample.labels
        labels["le"] = nil
        return sample.name.hasSuffix("_bucket") && labels == count.labels
      }
      let ends = buckets.compactMap { $0.labels["le"].map { $0 == "+Inf" ? Double.infinity : Double($0) ?? .nan } }
      guard ends.count == buckets.count, ends.last == .infinity, zip(ends, ends.dropFirst()).allSatisfy({ $0 < $1 }),
        zip(buckets, buckets.dropFirst()).allSatisfy({ $0.value <= $1.value }), buckets.last?.value == count.value
      else { throw Fault(description: "\(family.name): buckets do not add up") }
    }
  }

  private func isName(_ text: String) -> Bool {
    guard let first = text.first, first.isASCII, first.isLetter || first == "_" else { return false }
    return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
  }
}
