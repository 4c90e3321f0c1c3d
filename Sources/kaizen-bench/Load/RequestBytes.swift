import Wire

/// Requests as bytes, with the place of their id.
enum RequestBytes {
  /// Stands for the id until the client writes its own.
  static let idPlaceholder = "p" + String(repeating: "0", count: RequestSet.idDigits)

  /// `call` over HTTP/1.1, as any client sends it.
  static func http(_ request: OutgoingRequest) -> [UInt8] {
    var head = "\(request.method.text) \(request.path) HTTP/1.1\r\nHost: localhost\r\n"
    if request.method == .post {
      head += "Content-Type: \(WireResponse.json)\r\nContent-Length: \(request.body.count)\r\n"
    }
    return Array((head + "\r\n").utf8) + request.body
  }

  /// Where the digits of the placeholder begin; nil where it does not occur.
  static func idOffset(in bytes: [UInt8]) -> Int? {
    first(Array(idPlaceholder.utf8), in: bytes).map { $0 + 1 }
  }

  /// The first place of `piece`.
  static func first(_ piece: [UInt8], in bytes: [UInt8]) -> Int? {
    guard !piece.isEmpty, bytes.count >= piece.count else { return nil }
    return (0...bytes.count - piece.count).first { bytes[$0] == piece[0] && bytes[$0...].starts(with: piece) }
  }
}
