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
  /// That the channel looks at a part like this one, from 0.0001 to 1; nil: what the line's settings say of it.
  public var samplingProbability: Double?
  public var amends: Bool

  /// Items in one request: a bulk import sends several requests.
  public static let countMax = 10_000
  public static let sourceBytesMax = OutcomeChannel.nameBytesMax

  public init(
    id: String, label: OutcomeLabel, observedAt: Timestamp? = nil, source: String = "",
    samplingProbability: Double? = nil, amends: Bool = false
  ) {
    self.id = id
    self.label = label
    self.observedAt = observedAt
    self.source = source
    self.samplingProbability = samplingProbability
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
        read.append(try item(&reader, position: position))
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

  private static func item(_ reader: inout JSONReader, position: Int) throws(WireFault) -> OutcomeItem {
    func bad(_ reason: String) -> WireFault { .badMessage("outcome \(position): \(reason)") }
    guard try reader.peek() == UInt8(ascii: "{") else { throw bad("an object with \"id\" and \"label\" expected") }
    var id: String?
    var label: OutcomeLabel?
    var item = OutcomeItem(id: "", label: .text(""))
    try reader.members { (reader, name) throws(WireFault) in
      if reader.says(name, "id") {
        id = try partID(try reader.textIfAny())
      } else if reader.says(name, "label") {
        label = try reader.labelIfAny()
      } else if reader.says(name, "observed_at") {
        guard try !reader.takeNull() else { return }
        guard let text = try reader.textIfAny() else { throw bad("\"observed_at\" is an RFC 3339 time in quotes") }
        guard let time = Timestamp(text) else { throw bad("\"observed_at\" is no RFC 3339 time: \"\(text)\"") }
        item.observedAt = time
      } else if reader.says(name, "source") {
        guard try !reader.takeNull() else { return }
        guard let text = try reader.textIfAny(), text.utf8.count <= OutcomeItem.sourceBytesMax else {
          throw bad("\"source\" is a string of at most \(OutcomeItem.sourceBytesMax) bytes")
        }
        item.source = text
      } else if reader.says(name, "sampling_probability") {
        guard try !reader.takeNull() else { return }
        guard let number = try reader.numberIfAny(), OutcomeChannel.isProbability(number) else {
          throw bad("\"sampling_probability\" is a number from 0.0001 to 1")
        }
        item.samplingProbability = number
      } else if reader.says(name, "amends") {
        guard try !reader.takeNull() else { return }
        guard let amends = try reader.flagIfAny() else { throw bad("\"amends\" is true or false") }
        item.amends = amends
      } else {
        try reader.skipValue()
      }
    }
    guard let id else { throw bad("\"id\" is a string that is not empty") }
    guard let label else { throw bad("\"label\" is a class name or a number") }
    item.id = id
    item.label = label
    return item
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
      if let probability = item.samplingProbability {
        writer.key("sampling_probability")
        writer.number(probability)
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
    var reader = JSONReader(bytes)
    var read: [Row]?
    try reader.requireObject("an answer to outcomes")
    try reader.members { (reader, name) throws(WireFault) in
      guard reader.says(name, "outcomes") else { return try reader.skipValue() }
      try reader.requireArray("outcomes")
      var rows: [Row] = []
      try reader.array { (reader, _) throws(WireFault) in rows.append(try Self.row(&reader)) }
      read = rows
    }
    try reader.finish()
    guard let read else { throw .badMessage("the answer has no \"outcomes\" array") }
    rows = read
  }

  private static func row(_ reader: inout JSONReader) throws(WireFault) -> Row {
    var id: String?
    var status: OutcomeStatus?
    try reader.requireObject("an outcome in the answer")
    try reader.members { (reader, name) throws(WireFault) in
      if reader.says(name, "id") {
        id = try reader.textIfAny()
      } else if reader.says(name, "status") {
        status = try reader.textIfAny().flatMap(OutcomeStatus.init(rawValue:))
      } else {
        try reader.skipValue()
      }
    }
    guard let id, let status else { throw .badMessage("an outcome in the answer has no \"id\" or no known \"status\"") }
    return Row(id: id, status: status)
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

extension JSONReader {
  /// Passes over `null`, if that comes next.
  fileprivate mutating func takeNull() throws(WireFault) -> Bool {
    guard try peek() == UInt8(ascii: "n") else { return false }
    try literal("null")
    return true
  }

  /// nil, having passed over it, for a value that is no string.
  fileprivate mutating func textIfAny() throws(WireFault) -> String? {
    guard try peek() == UInt8(ascii: "\"") else {
      try skipValue()
      return nil
    }
    return try text()
  }

  fileprivate mutating func numberIfAny() throws(WireFault) -> Double? {
    let first = try peek()
    guard first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") <= 9 else {
      try skipValue()
      return nil
    }
    return try double()
  }

  fileprivate mutating func flagIfAny() throws(WireFault) -> Bool? {
    let first = try peek()
    guard first == UInt8(ascii: "t") || first == UInt8(ascii: "f") else {
      try skipValue()
      return nil
    }
    return try flag()
  }

  fileprivate mutating func labelIfAny() throws(WireFault) -> OutcomeLabel? {
    if try peek() == UInt8(ascii: "\"") { return .text(try text()) }
    return try numberIfAny().map { .number($0) }
  }
}
