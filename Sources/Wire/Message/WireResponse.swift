/// One answer on its way to a socket, or as a client received it.
public struct WireResponse: Sendable, Equatable {
  public var status: Int
  public var contentType: String
  /// Fields besides `Content-Type` and those of the transport (`Content-Length`, `Connection`).
  public var headers: WireHeaders
  public var body: [UInt8]
  /// What an infer request took until here; nil for all others.
  public var times: StageTimes?

  /// The whole string: KServe's client compares it, so no charset follows.
  public static let json = "application/json"

  public init(
    status: Int = 200, contentType: String = WireResponse.json, headers: WireHeaders = WireHeaders(), body: [UInt8]
  ) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.body = body
  }

  public var isSuccess: Bool { (200...299).contains(status) }

  /// What a client shows for an answer that is not 2xx: the sentence of `{"error":"..."}`, or the status alone.
  public var errorSentence: String {
    if let value = try? JSONValue(parsing: body), case .text(let sentence) = value["error"] { return sentence }
    return "the daemon answered with status \(status) and no sentence"
  }
}
