/// A table of a page.
public struct PageTable: Sendable {
  public struct Column: Sendable {
    let title: String
    let isNumber: Bool

    public init(_ title: String, isNumber: Bool = false) {
      self.title = title
      self.isNumber = isNumber
    }
  }

  public struct Cell: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    let text: String
    /// Smaller, behind the text.
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
  public var rows: [[Cell]] = []

  public init(_ columns: [Column]) { self.columns = columns }

  public var markup: Markup {
    let head = columns.map { column in
      Markup.element("th", ["class": column.isNumber ? "number" : "", "scope": "col"], column.title)
    }
    let body = rows.map { row in
      Markup.element("tr", [:], zip(columns, row).map { Self.cell($1, isNumber: $0.isNumber) })
    }
    let table = Markup.element(
      "table", [:], [.element("thead", [:], [.element("tr", [:], head)]), .element("tbody", [:], body)])
    return .element("div", ["class": "scroll"], [table])
  }

  private static func cell(_ cell: Cell, isNumber: Bool) -> Markup {
    let classes = [isNumber ? "number" : "name", cell.tone.rawValue].filter { !$0.isEmpty }.joined(separator: " ")
    let content = [Markup(cell.text)] + (cell.aside.map { [Markup(" "), .element("small", [:], $0)] } ?? [])
    guard let wash = cell.wash else { return .element("td", ["class": classes], content) }
    let strength = decimal(min(abs(wash), 1) * washStrongest, places: 2)
    let colour = "background: rgba(var(--\(wash < 0 ? "down" : "up")), \(strength))"
    return .element("td", ["class": classes, "style": colour], content)
  }

  /// A ground any text stays readable on.
  private static let washStrongest = 0.4
}
