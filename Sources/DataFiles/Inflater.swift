import CZlib

/// A zlib stream; its state lives at a fixed address because zlib keeps a pointer back to it.
final class Inflater {
  enum Wrapper {
    /// RFC 1952, several members allowed.
    case gzip
    /// RFC 1951 alone, as in a zip file.
    case none
  }

  private let stream: UnsafeMutablePointer<z_stream>
  private let wrapper: Wrapper
  /// True after a complete gzip member, or at the end of the bare stream: the only places where the data may end.
  private(set) var isBetweenMembers = false

  init(_ wrapper: Wrapper) throws(DataFault) {
    self.wrapper = wrapper
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // The largest window; 16 more: a gzip header rather than a zlib one; negative: no header at all.
    let windowBits: Int32 = wrapper == .gzip ? 15 + 16 : -15
    let result = inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard result == Z_OK else { throw DataFault("zlib could not be started (code \(result)); install zlib1g again") }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  /// Up to one chunk of output and how many input bytes it took; nothing of either after the end of a bare stream.
  func inflate(_ input: [UInt8], path: String) throws(DataFault) -> (output: [UInt8], consumed: Int) {
    if isBetweenMembers {
      guard wrapper == .gzip else { return ([], 0) }
      inflateReset(stream)
      isBetweenMembers = false
    }
    var input = input
    var consumed = 0
    var result: Int32 = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: DataLimits.chunkBytes) { buffer, count in
      input.withUnsafeMutableBufferPointer { bytes in
        stream.pointee.next_in = bytes.baseAddress
        stream.pointee.avail_in = UInt32(bytes.count)
        stream.pointee.next_out = buffer.baseAddress
        stream.pointee.avail_out = UInt32(buffer.count)
        result = CZlib.inflate(stream, Z_NO_FLUSH)
        consumed = bytes.count - Int(stream.pointee.avail_in)
      }
      count = buffer.count - Int(stream.pointee.avail_out)
    }
    switch result {
    case Z_OK: break
    case Z_STREAM_END: isBetweenMembers = true
    default: throw DataFault("\(path) is damaged: its compressed data does not decompress; copy the file again")
    }
    return (output, consumed)
  }
}
