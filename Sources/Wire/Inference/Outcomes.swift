import Domain

/// What a client calls the true class: its name, or a number where the line's classes are numbers.
public enum OutcomeLabel: Sendable, Hashable {
  case text(String)
  case number(Double)

  /// As a class name: 1 and 1.0 are "1".
  public var text: String {
    switch self {
    case .text(let value): value
    case .number(let value): Scalar.number(value).text
    }
  }
}

/// One item of `POST /v2/models/LINE/outcomes`.
public struct OutcomeItem: Sendable, Equatable {
  public var id: String
  public var label: OutcomeLabel
  public var observedAt: Timestamp?
  /// The channel it came by; empty when not said.
  public var source: String
  public var amends: Bool

  /// Items in one request: a bulk import sends several requests.
  public static let countMax = 10_000
  /// Channels are words, not reports.
  public static let sourceBytesMax = 64

  public init(
    id: String, label: OutcomeLabel, observedAt: Timestamp? = nil, source: String = "", amends: Bool = false
  ) {
    self.id = id
    self.label = label
    self.observedAt = observedAt
    self.source = source
    self.amends = amends
  }
}

/// The body `{"outcomes":[...]}`.
public enum OutcomesRequest {
  /// - Throws: `malformedJSON`, or `badMessage` naming the item (from 0) that is not an outcome; then none is taken.
  public static func parse(_ bytes: [UInt8]) throws(WireFault) -> [OutcomeItem] {
    var reader = JSONReader(bytes)
    var items: [OutcomeItem]?
    try reader.requireObject("an outcomes request")
    try reader.object { (reader, key) throws(WireFault) in
      guard key == "outcomes" else { return try reader.skipValue() }
      try reader.requireArray(key)
      var read: [OutcomeItem] = []
      try reader.array { (reader, position) throws(WireFault) in
        guard position < OutcomeItem.countMax else {
          throw .badMessage("more than \(OutcomeItem.countMax) outcomes in one request")
        }
        read.append(try item(try reader.value(), position: position))
      }
      items = read
    }
    try reader.finish()
    guard let items else { throw .badMessage("the message has no \"outcomes\" array") }
    return items
  }

  public static func bytes(_ items: [OutcomeItem]) -> [UInt8] {
    var writer = JSONWriter(capacity: 64 * (items.count + 1))
    writer.object { writer in
      writer.key("outcomes")
      writer.array { writer in
        for item in items { write(item, to: &writer) }
      }
    }
    return writer.bytes
  }

  private static func item(_ value: JSONValue, position: Int) throws(WireFault) -> OutcomeItem {
    func bad(_ reason: String) -> WireFault { .badMessage("outcome \(position): \(reason)") }
    guard case .object = value else { throw bad("an object with \"id\" and \"label\" expected") }
    guard let id = try partID(value["id"]?.text) else { throw bad("\"id\" is a string that is not empty") }
    let label: OutcomeLabel
    switch value["label"] {
    case .text(let text): label = .text(text)
    case .integer(let number): label = .number(Double(number))
    case .number(let number): label = .number(number)
    default: throw bad("\"label\" is a class name or a number")
    }
    var result = OutcomeItem(id: id, label: label)
    switch value["observed_at"] {
    case nil, .null: break
    case .text(let text):
      guard let time = Timestamp(text) else { throw bad("\"observed_at\" is no RFC 3339 time: \"\(text)\"") }
      result.observedAt = time
    default: throw bad("\"observed_at\" is an RFC 3339 time in quotes")
    }
    switch value["source"] {
    case nil, .null: break
    case .text(let text) where text.utf8.count <= OutcomeItem.sourceBytesMax: result.source = text
    default: throw bad("\"source\" is a string of at most \(OutcomeItem.sourceBytesMax) bytes")
    }
    switch value["amends"] {
    case nil, .null: break
    case .flag(let amends): result.amends = amends
    default: throw bad("\"amends\" is true or false")
    }
    return result
  }

  private static func write(_ item: OutcomeItem, to writer: inout JSONWriter) {
    writer.object { writer in
      writer.key("id")
      writer.text(item.id)
      writer.key("label")
      switch item.label {
      case .text(let text): writer.text(text)
      case .number(let number): writer.number(number)
      }
      if let time = item.observedAt {
        writer.key("observed_at")
        writer.text(time.description)
      }
      if !item.source.isEmpty {
        writer.key("source")
        writer.text(item.source)
      }
      if item.amends {
        writer.key("amends")
        writer.flag(true)
      }
    }
  }
}

/// The answer `{"outcomes":[{"id","status"}]}`, in the order of the request; always 200.
public struct OutcomesReply: Sendable, Equatable {
  public struct Row: Sendable, Equatable {
    public var id: String
    public var status: OutcomeStatus
    public init(id: String, status: OutcomeStatus) {
      self.id = id
      self.status = status
    }
  }

  public var rows: [Row]
  public init(rows: [Row]) { self.rows = rows }

  public init(parsing bytes: [UInt8]) throws(WireFault) {
    guard let values = try JSONValue(parsing: bytes)["outcomes"]?.elements else {
      throw .badMessage("the answer has no \"outcomes\" array")
    }
    rows = []
    for value in values {
      guard let id = value["id"]?.text, let status = value["status"]?.text.flatMap(OutcomeStatus.init(rawValue:)) else {
        throw .badMessage("an outcome in the answer has no \"id\" or no known \"status\"")
      }
      rows.append(Row(id: id, status: status))
    }
  }

  public var response: WireResponse {
    var writer = JSONWriter(capacity: 48 * (rows.count + 1))
    writer.object { writer in
      writer.key("outcomes")
      writer.array { writer in
        for row in rows {
          writer.object { writer in
            writer.key("id")
            writer.text(row.id)
            writer.key("status")
            writer.text(row.status.rawValue)
          }
        }
      }
    }
    return WireResponse(body: writer.bytes)
  }
}
