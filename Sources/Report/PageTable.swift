/// A table of a page.
public struct PageTable: Sendable {
  public struct Column: Sendable {
    let title: String
    let isNumber: Bool
    /// Smaller, on a line of its own below the title.
    let aside: String?

    public init(_ title: String, isNumber: Bool = false, aside: String? = nil) {
      self.title = title
      self.isNumber = isNumber
      self.aside = aside
    }
  }

  public struct Cell: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    let text: String
    /// Smaller, on a line of its own below the text.
    let aside: String?
    let tone: Tone
    /// Ground in a colour of this strength, -1 (bad) ... 1 (good); nil: none.
    let wash: Double?

    public enum Tone: String, Sendable { case plain = "", strong, soft }

    public init(_ text: String, aside: String? = nil, tone: Tone = .plain, wash: Double? = nil) {
      self.text = text
      self.aside = aside
      self.tone = tone
      self.wash = wash
    }

    public init(stringLiteral text: String) { self.init(text) }
  }

  let columns: [Column]
  let isDense: Bool
  public var rows: [[Cell]] = []

  /// - Parameter isDense: for many columns of short numbers.
  public init(_ columns: [Column], isDense: Bool = false) {
    self.columns = columns
    self.isDense = isDense
  }

  public var markup: Markup {
    let head = columns.map { column in
      Markup.element(
        "th", ["class": column.isNumber ? "number" : "name", "scope": "col"],
        Self.content(column.title, column.aside, isNumber: false))
    }
    let body = rows.map { row in
      Markup.element("tr", [:], zip(columns, row).map { Self.cell($1, isNumber: $0.isNumber) })
    }
    let table = Markup.element(
      "table", ["class": isDense ? "dense" : ""],
      [.element("thead", [:], [.element("tr", [:], head)]), .element("tbody", [:], body)])
    return .element("div", ["class": "scroll"], [table])
  }

  private static func cell(_ cell: Cell, isNumber: Bool) -> Markup {
    let classes = [isNumber ? "number" : "name", cell.tone.rawValue].filter { !$0.isEmpty }.joined(separator: " ")
    let content = content(cell.text, cell.aside, isNumber: isNumber)
    guard let wash = cell.wash else { return .element("td", ["class": classes], content) }
    let strength = decimal(min(abs(wash), 1) * washStrongest, places: 2)
    let colour = "background: rgba(var(--\(wash < 0 ? "down" : "up")), \(strength))"
    return .element("td", ["class": classes, "style": colour], content)
  }

  /// A number keeps together at its thousands.
  private static func content(_ text: String, _ aside: String?, isNumber: Bool) -> [Markup] {
    (isNumber ? [Markup(text)] : Markup.breakable(text)) + (aside.map { [.element("small", [:], $0)] } ?? [])
  }

  /// A ground any text stays readable on.
  private static let washStrongest = 0.4
}
