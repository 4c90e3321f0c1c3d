/// Named scalars of a request, a tensor or an answer, in the order they were set.
///
/// Why no dictionary: there are a handful, and going through them is faster than hashing.
public struct Parameters: Sendable {
  public typealias Element = (name: String, value: Scalar)

  private var elements: [Element] = []

  /// More parameters than attributes and reserved names together.
  public static let countMax = 64

  public init() {}

  /// In the order of their names.
  public init(_ values: [String: Scalar]) {
    elements = values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  /// The value of that name, which is unique; setting nil takes it out.
  public subscript(name: String) -> Scalar? {
    get {
      for element in elements where element.name == name { return element.value }
      return nil
    }
    set {
      let index = elements.firstIndex { $0.name == name }
      switch (index, newValue) {
      case (let index?, let value?): elements[index].value = value
      case (let index?, nil): elements.remove(at: index)
      case (nil, let value?): elements.append((name, value))
      case (nil, nil): break
      }
    }
  }
}

extension Parameters: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { elements.count }
  public subscript(position: Int) -> Element { elements[position] }
}

extension Parameters: ExpressibleByDictionaryLiteral {
  /// Of a name that comes twice the last value holds.
  public init(dictionaryLiteral values: (String, Scalar)...) {
    elements.reserveCapacity(values.count)
    for (name, value) in values { self[name] = value }
  }
}

extension Parameters: Equatable {
  /// The order does not count.
  public static func == (left: Parameters, right: Parameters) -> Bool {
    left.count == right.count && left.allSatisfy { right[$0.name] == $0.value }
  }
}

extension Parameters {
  /// Reads `{"name": scalar}`; null means that the parameter was not sent.
  static func read(from reader: inout JSONReader) throws(WireFault) -> Parameters {
    var parameters = Parameters()
    // One allocation for those of most requests.
    parameters.elements.reserveCapacity(4)
    try reader.members { (reader, name) throws(WireFault) in
      let name = reader.text(of: name)
      parameters[name] = try reader.scalar(name)
      guard parameters.count <= Self.countMax else { throw .badMessage("more than \(Self.countMax) parameters") }
    }
    return parameters
  }

  func write(to writer: inout JSONWriter) {
    writer.object { writer in
      for (name, value) in elements {
        writer.key(named: name)
        value.write(to: &writer)
      }
    }
  }
}
