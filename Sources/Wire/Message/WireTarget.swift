/// What a request asks about: its path and query, decoded once. A connection that asks for the same again keeps it.
public struct WireTarget: Sendable, Equatable {
  /// Percent-decoded; no segment can hold an encoded `/` or a control character.
  public let path: String
  /// Percent-decoded; of a name that comes twice the last value holds.
  public let query: [String: String]
  /// The path's segments; empty ones (doubled or trailing slashes) are left out.
  public let segments: [String]

  /// Longer targets belong to no path of these protocols.
  public static let bytesMax = 4096
  /// More query parameters than any path here takes.
  public static let queryCountMax = 32

  /// - Parameter text: the request target in origin form or absolute form (RFC 9112 section 3.2).
  /// - Throws: `WireFault.badTarget` for a bad percent sequence, bytes that are not UTF-8, an encoded `/` or a control
  ///   character, or a target past the limits.
  public init(_ text: String) throws(WireFault) {
    guard text.utf8.count <= Self.bytesMax else {
      throw .badTarget("the path is longer than \(Self.bytesMax) bytes")
    }
    if Self.isPlainPath(text) {
      path = text
      query = [:]
      segments = Self.segments(of: text)
      return
    }
    let local = Self.originForm(Substring(text))
    guard local.utf8.first == UInt8(ascii: "/") else {
      throw .badTarget("a request's path starts with / (got \"\(text)\")")
    }
    let pieces = local.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = try PercentCoding.decode(pieces[0], within: .path)
    var query: [String: String] = [:]
    if pieces.count == 2 {
      let pairs = pieces[1].split(separator: "&")
      guard pairs.count <= Self.queryCountMax else {
        throw .badTarget("more than \(Self.queryCountMax) query parameters")
      }
      for pair in pairs {
        let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = try PercentCoding.decode(sides[0], within: .query)
        query[name] = sides.count == 2 ? try PercentCoding.decode(sides[1], within: .query) : ""
      }
    }
    self.path = path
    self.query = query
    segments = Self.segments(of: path)
  }

  /// True for a target that is its own decoded path, as nearly all are.
  private static func isPlainPath(_ target: String) -> Bool {
    target.utf8.first == UInt8(ascii: "/")
      && target.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "%") && $0 != UInt8(ascii: "?") }
  }

  private static func segments(of path: String) -> [String] { path.split(separator: "/").map { String($0) } }

  private static func originForm(_ target: Substring) -> Substring {
    guard target.hasPrefix("http://") else { return target }
    let rest = target.dropFirst("http://".utf8.count)
    guard let slash = rest.firstIndex(of: "/") else { return "/" }
    return rest[slash...]
  }
}
