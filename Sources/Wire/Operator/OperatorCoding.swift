import Domain
import FoundationEssentials

/// The one way operator messages become bytes and back: snake_case keys, sorted.
public enum OperatorCoding {
  /// - Throws: `internalFailure` for a number JSON cannot say (NaN, infinity).
  public static func bytes(_ message: some Encodable) throws(WireFault) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(message))
    } catch {
      throw .internalFailure("the answer holds a number that JSON cannot say: \(error)")
    }
  }

  public static func response(_ message: some Encodable, status: Int = 200) -> WireResponse {
    do {
      return WireResponse(status: status, body: try bytes(message))
    } catch {
      return error.response
    }
  }

  /// - Throws: `malformedJSON` with the offset, or `badMessage` naming the member that is missing or wrong.
  public static func message<Message: Decodable>(_ type: Message.Type = Message.self, from bytes: [UInt8])
    throws(WireFault) -> Message
  {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
      return try decoder.decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw fault(error, bytes)
    } catch let error as InvalidName {
      throw .badMessage(error.sentence)
    } catch {
      throw .badMessage("the message could not be read: \(error)")
    }
  }

  public static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

  /// nil for text that is not base64.
  public static func bytes(base64 text: String) -> [UInt8]? { Data(base64Encoded: text).map { [UInt8]($0) } }

  private static func fault(_ error: DecodingError, _ bytes: [UInt8]) -> WireFault {
    switch error {
    case .keyNotFound(let key, let context): .badMessage("\(place(context.codingPath + [key])) is missing")
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      .badMessage("\(place(context.codingPath)): \(context.debugDescription)")
    case .dataCorrupted(let context):
      syntaxFault(bytes) ?? .badMessage("\(place(context.codingPath)): \(context.debugDescription)")
    @unknown default: .badMessage("the message could not be read")
    }
  }

  /// Foundation hides the offset of a syntax error; our own reader knows it.
  private static func syntaxFault(_ bytes: [UInt8]) -> WireFault? {
    do {
      var reader = JSONReader(bytes)
      try reader.skipValue()
      try reader.finish()
      return nil
    } catch {
      return error
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the message" }
    return path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
  }
}
