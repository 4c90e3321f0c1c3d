import NIOCore
import NIOHTTP1
import Wire

/// An answer as it goes over the socket (RFC 9112), in one buffer.
enum AnswerBytes {
  static let `continue` = "HTTP/1.1 100 Continue\r\n\r\n"

  static func buffer(_ response: WireResponse, slot: AnswerQueue.Slot, allocator: ByteBufferAllocator) -> ByteBuffer {
    var buffer = allocator.buffer(capacity: response.body.count + 192)
    buffer.writeStaticString("HTTP/1.1 ")
    buffer.writeString(String(response.status))
    buffer.writeStaticString(" ")
    buffer.writeString(HTTPResponseStatus(statusCode: response.status).reasonPhrase)
    buffer.writeStaticString("\r\nContent-Type: ")
    buffer.writeString(clean(response.contentType))
    buffer.writeStaticString("\r\nContent-Length: ")
    buffer.writeString(String(response.body.count))
    for (name, value) in zip(response.headers.names, response.headers.values) {
      buffer.writeStaticString("\r\n")
      buffer.writeString(clean(name))
      buffer.writeStaticString(": ")
      buffer.writeString(clean(value))
    }
    if slot.closes {
      buffer.writeStaticString("\r\nConnection: close")
    } else if slot.isOld {
      buffer.writeStaticString("\r\nConnection: keep-alive")
    }
    buffer.writeStaticString("\r\n\r\n")
    if !slot.isHead { buffer.writeBytes(response.body) }
    return buffer
  }

  /// A line break in a field would let its content write header fields.
  private static func clean(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
    return String(decoding: text.utf8.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
  }
}
