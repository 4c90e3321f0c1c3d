import CZlib
import Domain
import Testing
import Wire

/// What zlib itself makes of bytes: windowBits 31 gzip, 15 zlib's format, -15 the bare stream.
private func packed(_ bytes: [UInt8], windowBits: Int32, level: Int32 = 6) -> [UInt8] {
  var stream = z_stream()
  deflateInit2_(
    &stream, level, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  defer { deflateEnd(&stream) }
  var input = bytes
  return [UInt8](unsafeUninitializedCapacity: bytes.count + 1024) { output, count in
    input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      deflate(&stream, Z_FINISH)
    }
    count = output.count - Int(stream.avail_out)
  }
}

private func unpacked(_ bytes: [UInt8], windowBits: Int32, count: Int) -> [UInt8] {
  var stream = z_stream()
  inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  defer { inflateEnd(&stream) }
  var input = bytes
  return [UInt8](unsafeUninitializedCapacity: count + 1) { output, produced in
    input.withUnsafeMutableBufferPointer { input in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      inflate(&stream, Z_FINISH)
    }
    produced = output.count - Int(stream.avail_out)
  }
}

private let features = InputTensor(
  name: "features", shape: [1, 64], datatype: .fp32, data: .floats((0..<64).map { Float($0) / 8 }))

private func decode(_ body: [UInt8], _ coding: String, headerLength: Int? = nil) throws -> InferenceCall {
  var headers = WireHeaders(["Content-Encoding": coding])
  if let headerLength { headers.append("Inference-Header-Content-Length", String(headerLength)) }
  return try InferenceCall.decode(
    try WireRequest(method: .post, target: "/v2/models/l/infer", headers: headers, body: body))
}

private func fault(_ body: [UInt8], _ coding: String) -> WireFault? {
  do {
    _ = try decode(body, coding)
    return nil
  } catch { return error as? WireFault }
}

@Suite struct ContentCodingTests {
  private let request = InferRequest(id: "p", inputs: [features])

  @Test(arguments: [("gzip", 31), ("X-GZIP", 31), ("deflate", 15), ("Deflate", -15), ("deflate", -15)])
  func `compressed requests are read like plain ones`(coding: String, windowBits: Int32) throws {
    let call = InferenceCall.infer(try LineID("l"), nil, request)
    #expect(try decode(packed(request.bytes, windowBits: windowBits), coding) == call)
    // The header's length is that of the JSON before it was compressed.
    let message = request.message(binary: true)
    let body = packed(message.body, windowBits: windowBits)
    #expect(try decode(body, coding, headerLength: message.headerLength) == call)
  }

  @Test func `a gzip file of several members is one body, and identity is none`() throws {
    let bytes = request.bytes
    let body = packed(Array(bytes[..<40]), windowBits: 31) + packed(Array(bytes[40...]), windowBits: 31)
    #expect(try decode(body, "gzip") == .infer(try LineID("l"), nil, request))
    #expect(try decode(bytes, "identity") == .infer(try LineID("l"), nil, request))
  }

  @Test func `outcomes come compressed too`() throws {
    let items = [OutcomeItem(id: "a", label: .text("ok"))]
    let received = try WireRequest(
      method: .post, target: "/v2/models/l/outcomes", headers: WireHeaders(["Content-Encoding": "gzip"]),
      body: packed(OutcomesRequest.bytes(items), windowBits: 31))
    #expect(try InferenceCall.decode(received) == .outcomes(try LineID("l"), items))
  }

  @Test func `damaged, cut and trailing data is refused`() {
    for (coding, windowBits) in [("gzip", Int32(31)), ("deflate", 15), ("deflate", -15)] {
      let whole = packed(request.bytes, windowBits: windowBits)
      for count in 0..<whole.count {
        #expect(fault(Array(whole[..<count]), coding)?.status == 400, "\(coding) cut at \(count)")
      }
      #expect(fault(whole + [1], coding)?.status == 400)
    }
    #expect(fault(request.bytes, "gzip")?.sentence.contains("gzip data is damaged") == true)
    #expect(fault(request.bytes, "deflate")?.status == 400)
  }

  @Test func `a body that inflates past the limit is 413`() {
    let limit = WireRequest.bodyBytesMax
    let spaces = [UInt8](repeating: 0x20, count: limit - request.bytes.count)
    #expect(fault(packed(spaces + request.bytes, windowBits: 31, level: 1), "gzip") == nil)
    let bomb = packed([UInt8](repeating: 0x20, count: limit + 1), windowBits: 31, level: 9)
    #expect(bomb.count < 20_000)
    #expect(fault(bomb, "gzip") == .bodyTooLarge(limit: limit))
    #expect(fault(packed([UInt8](repeating: 0, count: limit + 1), windowBits: -15), "deflate")?.status == 413)
    // Many small members are bounded together.
    let part = packed([UInt8](repeating: 0x20, count: 1 << 20), windowBits: 31)
    #expect(fault((0..<20).flatMap { _ in part }, "gzip")?.status == 413)
  }

  @Test func `a body may unpack to what its socket takes, not to what others take`() throws {
    let call = InferenceCall.infer(try LineID("l"), nil, request)
    let spaces = [UInt8](repeating: 0x20, count: 4096 - request.bytes.count)
    let larger = [UInt8](repeating: 0x20, count: WireRequest.bodyBytesMax)
    for (body, limits) in [
      (request.bytes + spaces, [4095: false, 4096: true]),
      (request.bytes + larger, [WireRequest.bodyBytesMax: false, WireRequest.bodyBytesMax * 2: true]),
    ] {
      for (coding, windowBits) in [("gzip", Int32(31)), ("deflate", 15), ("deflate", -15)] {
        for (limit, fits) in limits {
          var received = try WireRequest(
            method: .post, target: "/v2/models/l/infer", headers: WireHeaders(["Content-Encoding": coding]),
            body: packed(body, windowBits: windowBits))
          received.bodyBytesMax = limit
          let read = Result { () throws(WireFault) in try InferenceCall.decode(received) }
          #expect(read == (fits ? .success(call) : .failure(.bodyTooLarge(limit: limit))))
        }
      }
    }
  }

  @Test func `random bytes in any coding are a result or a fault`() {
    var random = Seeded(21)
    for round in 0..<5000 {
      let coding = round % 2 == 0 ? "gzip" : "deflate"
      var bytes = packed(request.bytes, windowBits: round % 2 == 0 ? 31 : [15, -15][round / 2 % 2])
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let fault = fault(bytes, coding) { #expect(fault.status == 400) }
    }
  }

  @Test(
    arguments: [
      ("gzip", "gzip"), ("deflate", "deflate"), ("deflate, gzip;q=0.5", "gzip"), ("gzip;q=0, deflate", "deflate"),
      ("GZIP ; q=1", "gzip"), ("br, zstd", nil), ("", nil), ("gzip;q=0.0", nil), ("identity", nil), (nil, nil),
    ] as [(String?, String?)])
  func `long answers are compressed for those who ask`(field: String?, coding: String?) throws {
    let body = Array(String(repeating: #"{"label":"ok","confidence":0.75},"#, count: 500).utf8)
    let response = WireResponse(body: body).compressed(accepting: field)
    #expect(response.headers["Content-Encoding"] == coding)
    if let coding {
      #expect(response.body.count < body.count / 4)
      #expect(unpacked(response.body, windowBits: coding == "gzip" ? 31 : 15, count: body.count) == body)
    } else {
      #expect(response.body == body)
    }
  }

  @Test func `short answers and those that would not shrink stay as they are`() {
    let short = WireResponse(body: Array("{}".utf8))
    #expect(short.compressed(accepting: "gzip") == short)
    var random = Seeded(22)
    let noise = WireResponse(body: (0..<10_000).map { _ in UInt8.random(in: 0...255, using: &random) })
    #expect(noise.compressed(accepting: "gzip, deflate") == noise)
  }
}
