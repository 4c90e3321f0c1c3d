import Domain

/// Calls of `inference.GRPCInferenceService/ModelInfer` as frames of HTTP/2, with their values raw.
struct GRPCRequests {
  let bench: BenchLines
  let socket: String

  private static let path = "/inference.GRPCInferenceService/ModelInfer"
  /// Field numbers of ModelInferRequest and ModelInferResponse (open_inference_grpc.proto).
  private enum Field {
    static let (modelName, id, parameters, inputs, rawInputs) = (1, 3, 4, 5, 7)
    static let (outputs, rawOutputs) = (5, 6)
  }

  /// One kind for each part, with the answer it must get; the daemon answers each twice, as in `Encoding.requests`.
  func requests() throws -> RequestSet {
    let line = bench.lines[0]
    var kinds: [RequestKind] = []
    for (number, part) in bench.parts.enumerated() {
      let endings = try (0..<2).map { try ending("grpc-probe-\(number)-\($0)", part, line: line) }
      guard endings[0] == endings[1] else {
        throw BenchFailure("two answers to one part end differently, so answers cannot be checked while measuring")
      }
      let bytes = Self.frames(Self.message(part, line: line, id: RequestBytes.idPlaceholder))
      kinds.append(
        RequestKind(
          bytes: bytes, idOffset: RequestBytes.idOffset(in: bytes), expected: .answer(status: 200, ending: endings[0])))
    }
    return RequestSet(kinds)
  }

  private static func message(_ part: BenchPart, line: LineID, id: String) -> [UInt8] {
    var request = ProtoBytes()
    request.add(Field.modelName, line.text)
    request.add(Field.id, id)
    request.add(Field.parameters) { entry in
      entry.add(1, "product")
      // A choice of types, of which 3 is text.
      entry.add(2) { $0.add(3, part.product) }
    }
    request.add(Field.inputs) { tensor in
      tensor.add(1, "features")
      tensor.add(2, "FP32")
      tensor.add(3, packed: [1, part.values.count])
    }
    request.add(Field.rawInputs, bytes: part.values.flatMap(InferMessage.littleEndian))
    return request.bytes
  }

  /// HEADERS and DATA; the client puts the stream's number in.
  private static func frames(_ message: [UInt8]) -> [UInt8] {
    // HPACK (RFC 7541): POST and http by number, the rest as literals that are not remembered.
    var header: [UInt8] = [0x83, 0x86]
    func literal(_ name: [UInt8], _ value: String) { header += name + [UInt8(value.utf8.count)] + Array(value.utf8) }
    literal([0x04], path)
    literal([0x01], "localhost")
    literal([0x00, 2] + Array("te".utf8), "trailers")
    literal([0x0F, 0x10], "application/grpc")
    let (endHeaders, endStream): (UInt8, UInt8) = (4, 1)
    let body = [0] + bigEndian(message.count, 4) + message
    return frame(1, endHeaders, header) + frame(0, endStream, body)
  }

  private static func frame(_ type: UInt8, _ flags: UInt8, _ payload: [UInt8]) -> [UInt8] {
    bigEndian(payload.count, 3) + [type, flags, 0, 0, 0, 1] + payload
  }

  private static func bigEndian(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * (count - 1 - $0))) }
  }

  /// Everything of an answer from the outputs on, once it is what the student says.
  private func ending(_ id: String, _ part: BenchPart, line: LineID) throws -> [UInt8] {
    let answer = try call(Self.message(part, line: line, id: id))
    let fields = try ProtoBytes.fields(answer)
    let raw = fields.filter { $0.field == Field.rawOutputs }
    guard raw.count == 2, let start = fields.first(where: { $0.field == Field.outputs })?.start else {
      throw BenchFailure("a gRPC answer does not have a label and probabilities as raw tensors")
    }
    let read = try InferMessage.rawOutputs(raw.flatMap(\.value))
    guard part.isRight(read, tolerance: 0) else {
      throw BenchFailure("a part was answered \(read) over gRPC; the student says \(part.label) \(part.probabilities)")
    }
    return Array(answer[start...])
  }

  /// One call on a connection of its own.
  /// - Returns: the message of its answer.
  private func call(_ message: [UInt8]) throws -> [UInt8] {
    guard let connection = RawConnection(socket) else { throw BenchFailure("nobody listens on \(socket)") }
    connection.write(Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + Self.frame(4, 0, []).replacingStream())
    connection.write(Self.frames(message))
    func exactly(_ count: Int) throws -> [UInt8] {
      var bytes: [UInt8] = []
      while bytes.count < count {
        let more = connection.read(count - bytes.count)
        guard !more.isEmpty else { throw BenchFailure("a gRPC call was not answered") }
        bytes += more
      }
      return bytes
    }
    while true {
      let head = try exactly(9)
      let payload = try exactly(head.prefix(3).reduce(0) { $0 << 8 | Int($1) })
      if head[3] == 0, payload.count > 5 { return Array(payload.dropFirst(5)) }
      // HEADERS that end the stream without a message: an error stands in them.
      if head[3] == 1, head[4] & 1 != 0 {
        throw BenchFailure(
          "a gRPC call was refused: " + String(decoding: payload.filter { (0x20..<0x7F).contains($0) }, as: UTF8.self))
      }
    }
  }
}

extension [UInt8] {
  /// A frame of the connection itself has stream 0.
  fileprivate func replacingStream() -> [UInt8] {
    var frame = self
    frame[8] = 0
    return frame
  }
}
