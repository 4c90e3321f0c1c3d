import Domain
import Foundation
import UnixSocket
import Wire

/// How a part's values travel.
enum Encoding: String, Codable, Sendable, CaseIterable {
  case json
  case binary

  /// One kind of request for each line and part, with the answer it must get.
  ///
  /// The daemon answers each part twice here. What it says must be what the student says; its bytes are then what every
  /// later answer is held against, so that a client in C can check a hundred thousand a second.
  ///
  /// - Parameter tolerance: how far probabilities may be from the student's; 0 for programs that compute them as we do.
  func requests(_ bench: BenchLines, socket: String, tolerance: Float = 0) async throws -> RequestSet {
    let client = try await HTTPUnixClient.connect(path: socket)
    var kinds: [RequestKind] = []
    for (number, part) in bench.parts.enumerated() {
      for line in bench.lines {
        var endings: [[UInt8]] = []
        for _ in 0..<2 {
          let probe = message(part, line: line, id: "probe-\(UUID().uuidString)")
          let answer = try await client.send(
            method: .post, path: probe.path, headers: probe.headers, body: probe.body)
          guard answer.isSuccess else { throw BenchFailure("a \(self) request was refused: \(answer.errorSentence)") }
          let read = try probe.read(answer)
          guard part.isRight(read, tolerance: tolerance) else {
            throw BenchFailure(
              "part \(number) was answered \(read); the student says \(part.label) \(part.probabilities)")
          }
          endings.append(try Self.ending(answer))
        }
        guard endings[0] == endings[1] else {
          throw BenchFailure("two answers to one part end differently, so answers cannot be checked while measuring")
        }
        let bytes = message(part, line: line, id: RequestBytes.idPlaceholder).bytes
        kinds.append(
          RequestKind(
            bytes: bytes, idOffset: RequestBytes.idOffset(in: bytes),
            expected: .answer(status: 200, ending: endings[0])))
      }
    }
    await client.close()
    return RequestSet(kinds)
  }

  private func message(_ part: BenchPart, line: LineID, id: String) -> InferMessage {
    switch self {
    case .json: InferMessage(json: part.request(id: id), line: line)
    case .binary: InferMessage(binary: part, line: line, id: id)
    }
  }

  /// Everything from the outputs on: what comes before may differ from answer to answer.
  static func ending(_ answer: WireResponse) throws -> [UInt8] {
    guard let start = RequestBytes.first(Array("\"outputs\":".utf8), in: answer.body) else {
      throw BenchFailure("an answer has no \"outputs\"")
    }
    return Array(answer.body[start...])
  }
}

/// One part on its way, in either encoding.
struct InferMessage {
  let path: String
  var headers = WireHeaders()
  let body: [UInt8]
  private let isBinary: Bool

  /// Names the bytes of a body that are JSON (the binary tensor extension).
  private static let headerLengthName = "Inference-Header-Content-Length"

  init(json request: InferRequest, line: LineID) {
    let outgoing = InferenceCall.infer(line, nil, request).outgoing
    path = outgoing.path
    body = outgoing.body
    isBinary = false
  }

  /// Values as raw little-endian FP32 behind the JSON, and the probabilities of the answer likewise.
  init(binary part: BenchPart, line: LineID, id: String) {
    path = InferenceCall.infer(line, nil, part.request(id: id)).outgoing.path
    let count = part.values.count
    let json = """
      {"id":"\(id)","parameters":{"product":"\(part.product)"},"inputs":[{"name":"\(InferBatch.featuresName)",\
      "shape":[1,\(count)],"datatype":"FP32","parameters":{"binary_data_size":\(4 * count)}}],\
      "outputs":[{"name":"label","parameters":{"binary_data":true}},\
      {"name":"probabilities","parameters":{"binary_data":true}}]}
      """
    body = Array(json.utf8) + part.values.flatMap(Self.littleEndian)
    headers.append(Self.headerLengthName, String(json.utf8.count))
    headers.append("Content-Type", "application/octet-stream")
    isBinary = true
  }

  static func littleEndian(_ value: Float) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
  }

  /// As a client sends it over HTTP/1.1.
  var bytes: [UInt8] {
    var head = "POST \(path) HTTP/1.1\r\nHost: localhost\r\n"
    if headers["Content-Type"] == nil { head += "Content-Type: \(WireResponse.json)\r\n" }
    for (name, value) in zip(headers.names, headers.values) { head += "\(name): \(value)\r\n" }
    return Array((head + "Content-Length: \(body.count)\r\n\r\n").utf8) + body
  }

  /// The label and the probabilities of the answer.
  func read(_ answer: WireResponse) throws -> (String, [Float]) {
    guard isBinary else {
      let reply = try InferReply(parsing: answer.body)
      guard case .bytes(let labels)? = reply.outputs.first(where: { $0.name == "label" })?.data,
        let probabilities = reply.outputs.first(where: { $0.name == "probabilities" })?.data.asFloats,
        let label = labels.first
      else { throw BenchFailure("an answer has no label or no probabilities") }
      return (label, probabilities)
    }
    guard let length = answer.headers[Self.headerLengthName].flatMap({ Int($0) }), length < answer.body.count else {
      throw BenchFailure("a binary answer does not say where its JSON ends")
    }
    return try Self.rawOutputs(Array(answer.body[length...]))
  }

  /// A BYTES element is its length in four bytes and itself; the probabilities follow.
  static func rawOutputs(_ raw: [UInt8]) throws -> (String, [Float]) {
    func word(_ place: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(raw[place + $1]) << UInt32(8 * $1) } }
    guard raw.count >= 4, Int(word(0)) <= raw.count - 4, (raw.count - Int(word(0))).isMultiple(of: 4) else {
      throw BenchFailure("the raw tensors of an answer are not a label and probabilities")
    }
    let first = 4 + Int(word(0))
    let label = String(decoding: raw[4..<first], as: UTF8.self)
    return (label, stride(from: first, to: raw.count, by: 4).map { Float(bitPattern: word($0)) })
  }
}
