/// One self-contained page: no script, nothing loaded from anywhere, light or dark as the reader's system is, fit to be
/// printed.
public struct Page: Sendable {
  let title: String
  let lead: String
  /// Of its texts: `en`, `ja`.
  let language: String
  private var sections: [Markup] = []

  /// - Parameter lead: a line under the title: what was looked at.
  public init(title: String, lead: String, language: String = "en") {
    self.title = title
    self.lead = lead
    self.language = language
  }

  public mutating func add(_ heading: String, _ content: [Markup]) {
    sections.append(.element("section", [:], [.element("h2", [:], heading)] + content))
  }

  /// The page as the bytes of a file.
  public var html: String {
    let head = Markup.element(
      "head", [:],
      [
        .element("meta", ["charset": "utf-8"]),
        .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        .element("meta", ["name": "color-scheme", "content": "light dark"]),
        .element("title", [:], title), .style(Stylesheet.text),
      ])
    let header = Markup.element(
      "header", [:], [.element("h1", [:], title), .element("p", ["class": "lead"], lead)])
    let body = Markup.element("body", [:], [.element("main", [:], [header] + sections)])
    return "<!DOCTYPE html>\n" + Markup.element("html", ["lang": language], [head, body]).text + "\n"
  }
}

extension Markup {
  public static func paragraph(_ text: String) -> Markup { .element("p", [:], text) }

  public static func list(_ items: [String]) -> Markup {
    .element("ul", [:], items.map { .element("li", [:], $0) })
  }

  /// A drawing with the sentence that says how to read it.
  public static func figure(_ drawing: Markup, caption: String) -> Markup {
    .element("figure", [:], [.element("figcaption", [:], caption), drawing])
  }
}
