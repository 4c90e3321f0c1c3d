/// What stands before the values of an .npy array (NumPy Enhancement Proposal 1): their type and the array's sizes.
struct NpyHeader: Equatable {
  /// What one value is; numbers little-endian.
  enum Element: Equatable {
    case bool
    case signed(bytes: Int)
    case unsigned(bytes: Int)
    case float(bytes: Int)
    /// `S`: bytes, here UTF-8, filled up with zeros.
    case bytes(count: Int)
    /// `U`: UTF-32, filled up with zeros.
    case text(characters: Int)

    /// Bytes of one value.
    var size: Int {
      switch self {
      case .bool: 1
      case .signed(let bytes), .unsigned(let bytes), .float(let bytes), .bytes(let bytes): bytes
      case .text(let characters): characters * 4
      }
    }

    var isNumber: Bool {
      switch self {
      case .bool, .signed, .unsigned, .float: true
      case .bytes, .text: false
      }
    }
  }

  let element: Element
  let shape: [Int]

  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
  /// NumPy itself refuses longer ones unless told to trust the file.
  static let textBytesMax = 10_000
  /// One dimension more than pictures in colour need, for a sentence about what is wrong with it.
  static let dimensionsMax = 8
  /// Characters of one text; labels and groups have far fewer.
  static let charactersMax = 1024

  /// Reads `{'descr': '<f4', 'fortran_order': False, 'shape': (60, 28, 28), }`.
  /// - Throws: `DataFault` for types that are no numbers or texts, other byte orders and column-major arrays.
  init(_ text: String, array: String) throws(DataFault) {
    var scanner = PythonScanner(text)
    guard let fields = scanner.dictionary(), Set(fields.keys) == ["descr", "fortran_order", "shape"] else {
      throw DataFault(array: array, "its header is not what NumPy writes; save it again with np.savez")
    }
    guard case .text(let type) = fields["descr"] else {
      throw DataFault(array: array, "it holds records of several fields; save every field as an array of its own")
    }
    element = try Self.element(type, array: array)
    guard case .flag(let isColumnMajor) = fields["fortran_order"], case .numbers(let sizes) = fields["shape"],
      sizes.count <= Self.dimensionsMax
    else {
      throw DataFault(array: array, "its header is not what NumPy writes; save it again with np.savez")
    }
    guard !isColumnMajor || sizes.count < 2 else {
      throw DataFault(
        array: array, "it is stored column by column (Fortran order); save np.ascontiguousarray(\(array)) instead")
    }
    shape = sizes
  }

  /// Bytes of all values; nil when no machine could hold as many as the sizes that are not 0 say.
  var dataBytes: Int? {
    var product = max(1, element.size)
    for size in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(1, size))
      guard !overflow else { return nil }
      product = next
    }
    return shape.contains(0) || element.size == 0 ? 0 : product
  }

  private static func element(_ type: String, array: String) throws(DataFault) -> Element {
    let order = type.first ?? " "
    let kind = type.dropFirst().first ?? " "
    let size = Int(type.dropFirst(2))
    guard kind != "O" else {
      throw DataFault(
        array: array,
        "it holds Python objects (saved with allow_pickle), which only Python can read; save numbers or texts, for"
          + " example \(array).astype(str)")
    }
    if let size {
      switch (kind, size) {
      case ("b", 1): return .bool
      case ("i", 1), ("i", 2), ("i", 4), ("i", 8): if isLittle(order, size) { return .signed(bytes: size) }
      case ("u", 1), ("u", 2), ("u", 4), ("u", 8): if isLittle(order, size) { return .unsigned(bytes: size) }
      case ("f", 2), ("f", 4), ("f", 8): if isLittle(order, size) { return .float(bytes: size) }
      case ("S", 0...charactersMax): return .bytes(count: size)
      case ("U", 0...charactersMax): if isLittle(order, 4) { return .text(characters: size) }
      case ("S", _), ("U", _):
        throw DataFault(array: array, "its texts are longer than \(charactersMax) characters; shorten them")
      default: break
      }
    }
    if order == ">" {
      throw DataFault(
        array: array, "its numbers have their bytes the other way round (\(type)); save it as \"<\(type.dropFirst())\"")
    }
    throw DataFault(
      array: array,
      "values of type \"\(type.prefix(20))\" cannot be used; save float32, integers, booleans or texts")
  }

  private static func isLittle(_ order: Character, _ size: Int) -> Bool {
    order == "<" || (order == "|" && size == 1)
  }
}

/// The few Python literals a header is made of.
private struct PythonScanner {
  enum Value: Equatable {
    case text(String)
    case flag(Bool)
    case numbers([Int])
    /// Lists of fields, skipped over.
    case other
  }

  private var rest: Substring

  init(_ text: String) { rest = text[...] }

  /// Nil when the text is no dictionary of such values.
  mutating func dictionary() -> [String: Value]? {
    var result: [String: Value] = [:]
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = string(), take(":"), let value = value(), result.updateValue(value, forKey: key) == nil else {
        return nil
      }
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipBlanks()
    return rest.isEmpty ? result : nil
  }

  private mutating func value() -> Value? {
    skipBlanks()
    switch rest.first {
    case "'", "\"": return string().map { .text($0) }
    case "(": return numbers().map { .numbers($0) }
    case "T": return take("True") ? .flag(true) : nil
    case "F": return take("False") ? .flag(false) : nil
    case "[":
      guard let end = rest.lastIndex(of: "]") else { return nil }
      rest = rest[rest.index(after: end)...]
      return .other
    default: return nil
    }
  }

  private mutating func numbers() -> [Int]? {
    var result: [Int] = []
    guard take("(") else { return nil }
    while !take(")") {
      skipBlanks()
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      guard let number = Int(digits), result.count <= NpyHeader.dimensionsMax else { return nil }
      rest = rest.dropFirst(digits.count)
      // Python 2 wrote long integers with an L.
      _ = take("L")
      result.append(number)
      if !take(",") {
        guard take(")") else { return nil }
        break
      }
    }
    return result
  }

  private mutating func string() -> String? {
    skipBlanks()
    guard let quote = rest.first, quote == "'" || quote == "\"" else { return nil }
    rest.removeFirst()
    guard let end = rest.firstIndex(of: quote) else { return nil }
    defer { rest = rest[rest.index(after: end)...] }
    return String(rest[..<end])
  }

  private mutating func take(_ word: String) -> Bool {
    skipBlanks()
    guard rest.hasPrefix(word) else { return false }
    rest = rest.dropFirst(word.count)
    return true
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == " " || $0 == "\n" } }
}
