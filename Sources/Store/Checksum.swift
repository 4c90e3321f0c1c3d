import CZlib

/// CRC-32 as zlib computes it (RFC 1952 section 8).
func crc32(_ bytes: [UInt8], from start: Int, to end: Int) -> UInt32 {
  bytes.withUnsafeBufferPointer { buffer in checksum(UnsafeBufferPointer(rebasing: buffer[start..<end])) }
}

func crc32(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.withUnsafeBufferPointer(checksum) }

private func checksum(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
  UInt32(truncatingIfNeeded: CZlib.crc32(0, bytes.baseAddress, UInt32(bytes.count)))
}
