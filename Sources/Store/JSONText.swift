import Engine
import FoundationEssentials

/// Values of JSON columns: readable for analysts and for the next version's migrations.
enum JSONText {
  /// - Throws: `StorageFailure` for what JSON cannot hold, such as a NaN.
  static func encode(_ value: some Encodable, for column: String) throws(StorageFailure) -> String {
    let encoder = JSONEncoder()
    // The same value gives the same text, so that a text can be a key.
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw StorageFailure("\(column) cannot be stored as JSON (\(error)); report this as a defect", mayPass: false)
    }
  }
}

extension Statement {
  /// Reads a JSON column.
  /// - Throws: `StorageFailure` naming the column when the text is not what it should be: the row is damaged.
  func json<Value: Decodable>(_ column: Int32, _ type: Value.Type = Value.self) throws(StorageFailure) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes(column)))
    } catch {
      throw damaged("\(columnName(column)) is no \(type): \(error)")
    }
  }
}
