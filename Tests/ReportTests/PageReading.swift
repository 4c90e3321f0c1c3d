import Foundation
import FoundationXML
import Testing

/// Reads a page as XML and keeps what stands in it.
final class PageReading: NSObject, XMLParserDelegate {
  private(set) var elements: [String: Int] = [:]
  private(set) var attributes: [(name: String, value: String)] = []
  private(set) var text = ""
  private(set) var fault: String?

  init(_ page: String) {
    super.init()
    let parser = XMLParser(data: Data(page.utf8))
    parser.delegate = self
    if !parser.parse() { fault = "line \(parser.lineNumber): \(String(describing: parser.parserError))" }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes values: [String: String]
  ) {
    elements[name, default: 0] += 1
    attributes += values.map { ($0.key, $0.value) }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
}

/// Ways out of a page that must be complete in itself.
func addresses(in page: String) -> [String] {
  let inside = page.replacing("http://www.w3.org/2000/svg", with: "")
  return ["http:", "https:", "url(", "@import", "src=", "href=", "<script", "<link"].filter { inside.contains($0) }
}

/// Every mark lies within its drawing.
func expectMarksInside(_ page: String) throws {
  let drawings = page.matches(of: /<svg[^>]*viewBox="0 0 ([0-9.]+) ([0-9.]+)"[^>]*>(.*?)<\/svg>/)
  #expect(!drawings.isEmpty)
  for drawing in drawings {
    let width = try #require(Double(drawing.1))
    let height = try #require(Double(drawing.2))
    for place in drawing.3.matches(of: #/ (x|x1|x2|cx|y|y1|y2|cy)="([^"]*)"/#) {
      let value = try #require(Double(place.2), "\(place.0)")
      #expect(value >= 0 && value <= (place.1.contains("x") ? width : height), "\(place.0) of \(width) x \(height)")
    }
    for corners in drawing.3.matches(of: #/points="([^"]*)"/#) {
      for corner in corners.1.split(separator: " ") {
        let values = corner.split(separator: ",").compactMap { Double($0) }
        #expect(values.count == 2 && (0...width).contains(values[0]) && (0...height).contains(values[1]), "\(corner)")
      }
    }
  }
}
