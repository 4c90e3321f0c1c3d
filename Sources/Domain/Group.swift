/// The attribute values of a part in schema order: what is known when the part is served, hence what routing may use.
public struct Cell: Hashable, Comparable, Sendable, Codable {
  public let values: [String]
  public init(_ values: [String]) { self.values = values }

  public static func < (left: Cell, right: Cell) -> Bool {
    left.values.lexicographicallyPrecedes(right.values)
  }
}

/// What training, monitoring and gates count: a cell, or a cell and the true class of the part.
///
/// The true class is known only once the outcome has come; a group with an outcome can never be routed to.
public struct GroupKey: Hashable, Comparable, Sendable, Codable {
  public let cell: Cell
  /// Index into the line's class names, nil when the line's groups are attributes alone.
  public let outcome: Int?

  public init(cell: Cell, outcome: Int? = nil) {
    self.cell = cell
    self.outcome = outcome
  }

  public static func < (left: GroupKey, right: GroupKey) -> Bool {
    left.cell == right.cell ? (left.outcome ?? -1) < (right.outcome ?? -1) : left.cell < right.cell
  }
}

/// Which attributes make a line's groups, and whether the true class is part of the group.
public struct GroupSchema: Hashable, Sendable, Codable {
  /// Attribute names in order; these are the names on the wire. At most `maximumAttributes`.
  public let attributes: [String]
  public let includesOutcome: Bool

  /// More attributes make cells too small to say anything about.
  public static let maximumAttributes = 8
  /// Bytes of one attribute value; longer values are a mistake in the gateway, not a product name.
  public static let maximumValueBytes = 64
  /// Stands for an attribute the gateway did not send.
  public static let missingValue = "?"
  /// The name the true class goes by in a group's text, hence not allowed as an attribute.
  public static let outcomeName = "outcome"

  /// - Throws: `InvalidName` for an empty list, a repeated, empty or reserved name, or one with `=` or `,`.
  public init(attributes: [String], includesOutcome: Bool) throws(InvalidName) {
    guard !attributes.isEmpty, attributes.count <= Self.maximumAttributes else {
      throw InvalidName("groups need 1 to \(Self.maximumAttributes) attributes, got \(attributes.count)")
    }
    guard Set(attributes).count == attributes.count else {
      throw InvalidName("an attribute is named twice in \(attributes.joined(separator: ","))")
    }
    for name in attributes {
      let clean = name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") }
      guard !name.isEmpty, clean, name.utf8.count <= Self.maximumValueBytes else {
        throw InvalidName("an attribute's name holds no space, '=' or ',' and at most 64 bytes (got \"\(name)\")")
      }
      guard name != Self.outcomeName else {
        throw InvalidName("\"outcome\" names the true class in a group; rename that attribute")
      }
    }
    self.attributes = attributes
    self.includesOutcome = includesOutcome
  }

  /// The cell of a part; an attribute that was not sent counts as `missingValue`.
  public func cell(_ values: [String: String]) -> Cell {
    Cell(attributes.map { values[$0] ?? Self.missingValue })
  }

  public func group(cell: Cell, label: Int) -> GroupKey {
    GroupKey(cell: cell, outcome: includesOutcome ? label : nil)
  }

  /// `mold=8412,shift=day`, with `%`, `,`, `=` and control bytes of values percent-encoded.
  public func text(_ cell: Cell) -> String {
    zip(attributes, cell.values).map { "\($0)=\(Self.escape($1))" }.joined(separator: ",")
  }

  /// `mold=8412,shift=day,outcome=fail`.
  public func text(_ group: GroupKey, classNames: [String]) -> String {
    guard let outcome = group.outcome else { return text(group.cell) }
    return text(group.cell) + ",\(Self.outcomeName)=\(Self.escape(classNames[outcome]))"
  }

  /// Reads `text(_:classNames:)` back; attributes may stand in any order.
  ///
  /// - Throws: `InvalidName` naming the attribute that is missing, unknown or doubled, or the class that is unknown.
  public func group(parsing text: String, classNames: [String]) throws(InvalidName) -> GroupKey {
    var values: [String: String] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = part.firstIndex(of: "=") else {
        throw InvalidName("\"\(part)\" is not attribute=value in the group \"\(text)\"")
      }
      let name = String(part[..<equals])
      guard attributes.contains(name) || name == Self.outcomeName else {
        throw InvalidName(
          "\"\(name)\" is not an attribute of this line (they are \(attributes.joined(separator: ", ")))")
      }
      guard values.updateValue(Self.unescape(part[part.index(after: equals)...]), forKey: name) == nil else {
        throw InvalidName("\"\(name)\" stands twice in the group \"\(text)\"")
      }
    }
    for name in attributes where values[name] == nil {
      throw InvalidName("the group \"\(text)\" lacks \(name)=...")
    }
    let cell = Cell(attributes.map { values[$0] ?? "" })
    guard let outcomeName = values[Self.outcomeName] else { return GroupKey(cell: cell) }
    guard let outcome = classNames.firstIndex(of: outcomeName) else {
      throw InvalidName(
        "\"\(outcomeName)\" is not a class of this line (they are \(classNames.joined(separator: ", ")))")
    }
    return GroupKey(cell: cell, outcome: outcome)
  }

  /// - Parameter bounds: whether `<` and `>` are encoded too, as names before a bound need it.
  static func escape(_ value: String, bounds: Bool = false) -> String {
    var result: [UInt8] = []
    for byte in value.utf8 {
      if byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "%") || byte == UInt8(ascii: ",")
        || byte == UInt8(ascii: "=") || bounds && (byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">"))
      {
        result.append(UInt8(ascii: "%"))
        result.append(hexDigits[Int(byte >> 4)])
        result.append(hexDigits[Int(byte & 15)])
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  static func unescape(_ text: Substring) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let high = hexDigits.firstIndex(of: bytes[index + 1]), let low = hexDigits.firstIndex(of: bytes[index + 2])
      {
        result.append(UInt8(high * 16 + low))
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let hexDigits = Array("0123456789ABCDEF".utf8)
}
