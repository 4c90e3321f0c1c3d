/// A piece of a page that is well formed by construction: texts in it are escaped, elements are closed.
///
/// What comes out is HTML that an XML parser reads too, so that a page can be checked whole and taken apart by scripts.
public struct Markup: Sendable, Equatable {
  public let text: String

  /// The text as people shall read it, whatever signs it holds.
  public init(_ text: String) { self.text = Self.escaped(text) }

  public init(_ parts: [Markup]) { text = parts.map(\.text).joined() }

  private init(raw text: String) { self.text = text }

  /// - Parameters:
  ///   - name: of the element, from the program, never from data.
  ///   - attributes: names from the program, values of any kind.
  public static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: [Markup] = []
  ) -> Markup {
    let head = name + attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
    guard !content.isEmpty else {
      return Markup(raw: closedAlone.contains(name) ? "<\(head)/>" : "<\(head)></\(name)>")
    }
    return Markup(raw: "<\(head)>" + content.map(\.text).joined() + "</\(name)>")
  }

  public static func element(
    _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: String
  ) -> Markup {
    element(name, attributes, [Markup(content)])
  }

  /// The text with room to break after commas: group names have no spaces.
  static func breakable(_ text: String) -> [Markup] {
    let pieces = text.split(separator: ",", omittingEmptySubsequences: false)
    return pieces.enumerated().flatMap { index, piece -> [Markup] in
      index == pieces.count - 1 ? [Markup(String(piece))] : [Markup(piece + ","), .element("wbr")]
    }
  }

  /// A style sheet of the program; HTML does not unescape in it, so it must hold no sign that would need it.
  static func style(_ sheet: String) -> Markup {
    precondition(!sheet.contains("<") && !sheet.contains("&"), "a style sheet is read as it stands")
    return Markup(raw: "<style>\n\(sheet)\n</style>")
  }

  /// Elements HTML writes without an end tag, and those of SVG that hold nothing.
  private static let closedAlone: Set<String> = [
    "meta", "wbr", "circle", "line", "polyline", "polygon",
  ]

  private static func escaped(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result.append(contentsOf: "&amp;".unicodeScalars)
      case "<": result.append(contentsOf: "&lt;".unicodeScalars)
      case ">": result.append(contentsOf: "&gt;".unicodeScalars)
      case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
      case "'": result.append(contentsOf: "&#39;".unicodeScalars)
      default: result.append(isShown(scalar) ? scalar : "\u{FFFD}")
      }
    }
    return String(result)
  }

  /// Control characters are not allowed in XML; format characters can reorder what is shown (U+202E).
  private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value & 0xFFFE == 0xFFFE { return false }
    return switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: scalar == "\n" || scalar == "\t"
    default: true
    }
  }
}
