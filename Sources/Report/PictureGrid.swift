/// Pictures side by side, each with a line that is read first and some smaller ones under it.
public struct PictureGrid: Sendable {
  public struct Picture: Sendable {
    /// Where the picture's bytes are: a `data:` address, so that the page stays whole.
    let source: String
    /// What it shows, for those who cannot see it.
    let description: String
    let title: String
    let notes: [String]

    public init(source: String, description: String, title: String, notes: [String]) {
      self.source = source
      self.description = description
      self.title = title
      self.notes = notes
    }
  }

  private let pictures: [Picture]

  public init(_ pictures: [Picture]) { self.pictures = pictures }

  public var markup: Markup {
    .element("div", ["class": "pictures"], pictures.map(Self.card))
  }

  private static func card(_ picture: Picture) -> Markup {
    let notes = picture.notes.map { Markup.element("small", [:], $0) }
    let caption = [Markup.element("strong", [:], picture.title)] + notes
    return .element(
      "figure", [:],
      [
        .element("img", ["src": picture.source, "alt": picture.description]), .element("figcaption", [:], caption),
      ])
  }
}
