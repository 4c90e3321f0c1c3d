import CZlib

/// Compressed bodies (RFC 9110 section 8.4.1), both ways.
enum ContentCoding {
  case gzip, deflate

  /// - Throws: `unsupportedMedia` for codings not known here, and for several at once.
  init?(_ field: String?) throws(WireFault) {
    switch field?.lowercased() {
    case nil, "", "identity": return nil
    case "gzip", "x-gzip": self = .gzip
    case "deflate": self = .deflate
    case let other?: throw .unsupportedMedia("the body's Content-Encoding is \(other); send gzip, deflate or none")
    }
  }

  /// The one to answer with; nil where `Accept-Encoding` names neither.
  init?(accepted field: String?) {
    guard let field else { return nil }
    var names: [Substring] = []
    for item in field.split(separator: ",") {
      let parts = item.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased()[...] }
      let isRefused = parts.dropFirst().contains { $0.hasPrefix("q=0") && !$0.contains { ("1"..."9").contains($0) } }
      if let name = parts.first, !isRefused { names.append(name) }
    }
    if names.contains("gzip") { self = .gzip } else if names.contains("deflate") { self = .deflate } else { return nil }
  }

  var name: String { self == .gzip ? "gzip" : "deflate" }

  /// Output of one step: memory is taken as bytes come, never as a header promises them.
  private static let chunkBytes = 64 << 10
  /// zlib's largest window; 16 more stand for a gzip header, a negative one for none at all.
  private static let windowBits: Int32 = 15

  /// - Throws: `bodyTooLarge` as soon as more than `limit` bytes come out, `badMessage` for damaged or cut data.
  func inflated(_ bytes: [UInt8], limit: Int) throws(WireFault) -> [UInt8] {
    let whole: [UInt8]?
    switch self {
    case .gzip: whole = try Self.inflate(bytes, windowBits: Self.windowBits + 16, limit: limit)
    case .deflate:
      // The RFC means zlib's format; some clients send the bare stream, which may happen to begin like it.
      let zlib =
        Self.beginsAsZlib(bytes) ? try Self.inflate(bytes, windowBits: Self.windowBits, limit: limit) : nil
      whole = if let zlib { zlib } else { try Self.inflate(bytes, windowBits: -Self.windowBits, limit: limit) }
    }
    guard let whole else {
      throw .badMessage("the body's \(name) data is damaged or cut short; send it again or uncompressed")
    }
    return whole
  }

  /// RFC 1950 section 2.2: method 8, and a check of both bytes.
  private static func beginsAsZlib(_ bytes: [UInt8]) -> Bool {
    bytes.count >= 2 && bytes[0] & 0x0F == 8 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
  }

  /// - Returns: nil where the data is not whole.
  private static func inflate(_ bytes: [UInt8], windowBits: Int32, limit: Int) throws(WireFault) -> [UInt8]? {
    // zlib keeps a pointer back to its stream, so that must not move.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let started = inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { throw .internalFailure("zlib could not be started (code \(started))") }
    defer { inflateEnd(stream) }
    return try bytes.withUnsafeBufferPointer { (input) throws(WireFault) -> [UInt8]? in
      stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
      stream.pointee.avail_in = UInt32(input.count)
      var output: [UInt8] = []
      while true {
        let (status, count) = step(stream, into: &output)
        guard output.count <= limit else { throw .bodyTooLarge(limit: limit) }
        switch status {
        case Z_OK where count > 0 || stream.pointee.avail_in > 0: continue
        case Z_STREAM_END where stream.pointee.avail_in == 0: return output
        // A gzip file may hold several members (RFC 1952 section 2.2).
        case Z_STREAM_END where windowBits > Self.windowBits: inflateReset(stream)
        default: return nil
        }
      }
    }
  }

  private static func step(_ stream: UnsafeMutablePointer<z_stream>, into output: inout [UInt8])
    -> (status: Int32, count: Int)
  {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: chunkBytes) { chunk in
      stream.pointee.next_out = chunk.baseAddress
      stream.pointee.avail_out = UInt32(chunk.count)
      let status = CZlib.inflate(stream, Z_NO_FLUSH)
      let count = chunk.count - Int(stream.pointee.avail_out)
      output.append(contentsOf: chunk[..<count])
      return (status, count)
    }
  }

  /// - Returns: nil where it is not worth it: the result would not be smaller, or zlib has no memory.
  func deflated(_ bytes: [UInt8]) -> [UInt8]? {
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer { stream.deallocate() }
    let windowBits = self == .gzip ? Self.windowBits + 16 : Self.windowBits
    let started = deflateInit2_(
      stream, Z_BEST_SPEED, Z_DEFLATED, windowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { return nil }
    defer { deflateEnd(stream) }
    var status = Z_OK
    let result = [UInt8](unsafeUninitializedCapacity: bytes.count) { output, count in
      bytes.withUnsafeBufferPointer { input in
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(bytes.count)
        status = CZlib.deflate(stream, Z_FINISH)
      }
      count = bytes.count - Int(stream.pointee.avail_out)
    }
    return status == Z_STREAM_END ? result : nil
  }

  /// zlib's own default.
  private static let memoryLevel: Int32 = 8
}

extension WireRequest {
  /// Bytes of one request's body, as it comes and once it is inflated, where nobody sets another limit: 10,000 parts of
  /// 64 features in JSON take about 6 MB.
  public static let bodyBytesMax = 16 << 20

  /// The body without its `Content-Encoding`.
  func plainBody() throws(WireFault) -> [UInt8] {
    guard let coding = try ContentCoding(headers["Content-Encoding"]) else { return body }
    return try coding.inflated(body, limit: bodyBytesMax)
  }
}

extension WireResponse {
  /// Smaller bodies gain nothing: a socket of this machine takes them in one piece.
  static let compressedBytesMin = 4096

  /// The answer in the coding that the request's `Accept-Encoding` asks for, where that is worth it.
  public func compressed(accepting field: String?) -> WireResponse {
    guard body.count >= Self.compressedBytesMin, headers["Content-Encoding"] == nil,
      let coding = ContentCoding(accepted: field), let smaller = coding.deflated(body)
    else { return self }
    var response = self
    response.body = smaller
    response.headers.append("Content-Encoding", coding.name)
    return response
  }
}
