/// An SVG drawing in the units of its own box, one unit about a pixel on a screen.
///
/// Coordinates grow to the right and down. Classes are those of the style sheet: marks take `first` ... `fourth` or
/// `plain` beside their kind (`dot`, `ring`, `seed`, `bar`, `interval`, `course`).
struct Drawing {
  let width: Double
  let height: Double
  /// What it shows, for those who cannot see it.
  let description: String
  private var parts: [Markup] = []

  enum Anchor: String { case start, middle, end }

  init(width: Double, height: Double, description: String) {
    self.width = width
    self.height = height
    self.description = description
  }

  mutating func line(_ from: (x: Double, y: Double), _ to: (x: Double, y: Double), _ style: String) {
    parts.append(
      .element(
        "line",
        [
          "class": style, "x1": number(from.x), "y1": number(from.y), "x2": number(to.x), "y2": number(to.y),
        ]))
  }

  mutating func circle(_ centre: (x: Double, y: Double), radius: Double, _ style: String) {
    parts.append(
      .element("circle", ["class": style, "cx": number(centre.x), "cy": number(centre.y), "r": number(radius)]))
  }

  mutating func course(_ points: [(x: Double, y: Double)], _ style: String) {
    let text = points.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    parts.append(.element("polyline", ["class": "course \(style)", "points": text]))
  }

  mutating func polygon(_ corners: [(x: Double, y: Double)], _ style: String) {
    let text = corners.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    parts.append(.element("polygon", ["class": style, "points": text]))
  }

  /// Centred on `at.y`.
  mutating func text(_ text: String, at: (x: Double, y: Double), _ anchor: Anchor = .start, _ style: String = "") {
    parts.append(
      .element(
        "text",
        [
          "class": style, "x": number(at.x), "y": number(at.y + Self.middleOfLetters), "text-anchor": anchor.rawValue,
        ], text))
  }

  var markup: Markup {
    .element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "viewBox": "0 0 \(number(width)) \(number(height))", "role": "img",
        "aria-label": description,
      ], parts)
  }

  /// From the line letters stand on to half their height.
  private static let middleOfLetters = 4.5
  /// Room of one letter, wide ones taken: text is measured nowhere but in the reader's browser.
  private static let letterWidth = 7.3
  /// Of a Chinese, Japanese or Korean letter, which fills a square.
  private static let wideLetterWidth = 13.0

  private static func room(for letter: Character) -> Double {
    let isWide = letter.unicodeScalars.contains { (0x1100...0x115F).contains($0.value) || $0.value >= 0x2E80 }
    return isWide ? wideLetterWidth : letterWidth
  }

  static func room(for text: String) -> Double { text.reduce(0) { $0 + room(for: $1) } }

  /// Cut in the middle where it would not fit: the ends of group names tell them apart.
  static func fitted(_ text: String, to room: Double) -> String {
    guard Self.room(for: text) > max(room, 5 * letterWidth) else { return text }
    var (head, tail) = (Substring(text), Substring())
    let half = (room - letterWidth) / 2
    head = head.prefix(lettersFitting(head, half))
    tail = text.suffix(lettersFitting(text.reversed(), half))
    return head + "…" + tail
  }

  /// How many letters from the front fit; two at least.
  private static func lettersFitting(_ letters: some Sequence<Character>, _ room: Double) -> Int {
    var (count, used) = (0, 0.0)
    for letter in letters {
      used += Self.room(for: letter)
      if used > room { break }
      count += 1
    }
    return max(count, 2)
  }
}

/// Values to coordinates, straight.
struct Scale {
  let values: ClosedRange<Double>
  let places: ClosedRange<Double>
  /// Larger values stand at smaller coordinates: upwards.
  var isReversed = false

  func callAsFunction(_ value: Double) -> Double {
    let share = (min(max(value, values.lowerBound), values.upperBound) - values.lowerBound) / width
    let place = isReversed ? 1 - share : share
    return places.lowerBound + place * (places.upperBound - places.lowerBound)
  }

  private var width: Double { max(values.upperBound - values.lowerBound, .leastNormalMagnitude) }

  /// Round values, nine at most.
  var ticks: [Double] {
    let step = Self.step(width)
    let first = (values.lowerBound / step - 1e-9).rounded(.up)
    let last = (values.upperBound / step + 1e-9).rounded(.down)
    guard first <= last, last - first < 100 else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// Shares of 0...1 with a little room around them, from and to round values.
  static func shares(_ values: [Double], places: ClosedRange<Double>) -> Scale {
    let low = values.min() ?? 0
    let high = values.max() ?? 1
    let step = step(max(high - low, 0.02))
    let lower = max(0, (low / step - 1e-9).rounded(.down) * step)
    let upper = min(1, (high / step + 1e-9).rounded(.up) * step)
    return Scale(values: lower...max(upper, lower + step), places: places)
  }

  /// 1, 2 or 5 times a power of ten, so that at most eight of them make `width`.
  private static func step(_ width: Double) -> Double {
    var step = 1e-6
    while true {
      for factor in [1.0, 2, 5] where width / (step * factor) <= 8 { return step * factor }
      step *= 10
    }
  }
}

/// A coordinate with two digits; more than anyone sees.
private func number(_ value: Double) -> String {
  let text = decimal(value, places: 2)
  return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
}
