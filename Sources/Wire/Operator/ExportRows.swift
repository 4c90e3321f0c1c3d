/// Builds lines of CSV (RFC 4180, line feeds) or JSON, value by value.
///
/// In CSV nothing stands for a value that is not known, and `""` for an empty text.
public struct ExportRows: Sendable {
  public enum Value: Sendable, Equatable {
    case none
    case text(String)
    case integer(Int64)
    case number(Double)
    /// Of float32, so that its shortest digits are few; NaN and infinities are told as `nan`, `inf`, `-inf` in CSV and
    /// as null in JSON.
    case single(Float)
    case flag(Bool)
    /// In CSV a JSON array.
    case numbers([Float])
  }

  public private(set) var bytes: [UInt8] = []
  /// Rows that were ended.
  public private(set) var count = 0
  private let isJSON: Bool
  private var isFirst = true

  public init(_ format: ExportFormat) { isJSON = format == .jsonl }

  /// The line of names that a CSV file begins with; empty for JSON, whose rows say their names.
  public static func header(_ names: [String], _ format: ExportFormat) -> [UInt8] {
    guard format != .jsonl else { return [] }
    var rows = ExportRows(format)
    rows.begin()
    for name in names { rows.add(name, .text(name)) }
    rows.end()
    return rows.bytes
  }

  public mutating func begin() {
    isFirst = true
    if isJSON { bytes.append(UInt8(ascii: "{")) }
  }

  public mutating func end() {
    if isJSON { bytes.append(UInt8(ascii: "}")) }
    bytes.append(UInt8(ascii: "\n"))
    count += 1
  }

  public mutating func add(_ name: String, _ value: Value) {
    if !isFirst { bytes.append(UInt8(ascii: ",")) }
    isFirst = false
    if isJSON { addJSON(name, value) } else { addCSV(value) }
  }

  // MARK: - JSON

  private mutating func addJSON(_ name: String, _ value: Value) {
    append(json: name)
    bytes.append(UInt8(ascii: ":"))
    switch value {
    case .none: bytes.append(contentsOf: "null".utf8)
    case .text(let text): append(json: text)
    case .numbers(let numbers): append(array: numbers)
    case .integer(let number): bytes.append(contentsOf: String(number).utf8)
    case .number(let number): bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
    case .single(let number): bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
    case .flag(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }
  }

  private mutating func append(json text: String) {
    var writer = JSONWriter(capacity: text.utf8.count + 2)
    writer.text(text)
    bytes.append(contentsOf: writer.bytes)
  }

  private mutating func append(array numbers: [Float]) {
    bytes.append(UInt8(ascii: "["))
    for (index, number) in numbers.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: (number.isFinite ? number.description : "null").utf8)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  // MARK: - CSV

  private mutating func addCSV(_ value: Value) {
    switch value {
    case .none: break
    case .text(let text): append(csv: text)
    case .numbers(let numbers):
      bytes.append(UInt8(ascii: "\""))
      append(array: numbers)
      bytes.append(UInt8(ascii: "\""))
    case .integer(let number): bytes.append(contentsOf: String(number).utf8)
    case .number(let number): bytes.append(contentsOf: number.description.utf8)
    case .single(let number): bytes.append(contentsOf: number.description.utf8)
    case .flag(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
    }
  }

  private mutating func append(csv text: String) {
    let quotes = text.isEmpty || text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
    guard quotes else { return bytes.append(contentsOf: text.utf8) }
    bytes.append(0x22)
    for byte in text.utf8 {
      if byte == 0x22 { bytes.append(0x22) }
      bytes.append(byte)
    }
    bytes.append(0x22)
  }
}
