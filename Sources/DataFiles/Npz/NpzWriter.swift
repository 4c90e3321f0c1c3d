import CZlib

/// Writes arrays as one .npz file, in the way of `np.savez` or `np.savez_compressed`.
public struct NpzWriter {
  /// The file so far, without its table of contents.
  private var bytes: [UInt8] = []
  private var contents: [UInt8] = []
  private var count = 0
  private let compressed: Bool

  public init(compressed: Bool) { self.compressed = compressed }

  /// Adds an array of floats, row-major.
  /// - Precondition: `shape` holds as many values.
  public mutating func add(_ name: String, shape: [Int], _ values: [Float]) { add(name, npy: Self.npy(shape, values)) }

  /// Adds an array of pixels, row-major.
  /// - Precondition: `shape` holds as many values.
  public mutating func add(_ name: String, shape: [Int], _ values: [UInt8]) { add(name, npy: Self.npy(shape, values)) }

  public mutating func add(_ name: String, _ values: [Int]) { add(name, npy: Self.npy(values)) }

  /// Adds texts; shorter ones are filled up with zeros, as NumPy does.
  public mutating func add(_ name: String, _ values: [String]) { add(name, npy: Self.npy(values)) }

  /// Adds an array as the bytes of an .npy file.
  public mutating func add(_ name: String, npy array: [UInt8]) {
    let packed = compressed ? Self.deflate(array) : nil
    let stored = packed ?? array
    let entry = "\(name).npy"
    let checksum = array.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
    precondition(bytes.count + stored.count + entry.utf8.count < 0xFFFF_0000, "a plain zip file holds 4 GiB")
    // Version 2.0; names in UTF-8 (flag bit 11); 1980-01-01, so that the same arrays give the same file.
    let common =
      half(20) + half(0x0800) + half(packed == nil ? ZipEntry.stored : ZipEntry.deflated) + half(0) + half(0x21)
      + word(UInt32(checksum)) + word(UInt32(stored.count)) + word(UInt32(array.count)) + half(entry.utf8.count)
    contents += word(0x0201_4B50) + half(20) + common + half(0) + half(0) + half(0) + half(0) + word(0)
    contents += word(UInt32(bytes.count)) + Array(entry.utf8)
    bytes += word(0x0403_4B50) + common + half(0) + Array(entry.utf8)
    bytes += stored
    count += 1
  }

  /// The whole file.
  public var file: [UInt8] {
    bytes + contents + word(0x0605_4B50) + half(0) + half(0) + half(count) + half(count)
      + word(UInt32(contents.count)) + word(UInt32(bytes.count)) + half(0)
  }

  /// Nil when it does not get smaller.
  private static func deflate(_ data: [UInt8]) -> [UInt8]? {
    // At a fixed address, because zlib keeps a pointer back to it.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    stream.initialize(to: z_stream())
    defer {
      stream.deinitialize(count: 1)
      stream.deallocate()
    }
    let started = deflateInit2_(
      stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard started == Z_OK else { return nil }
    defer { deflateEnd(stream) }
    var data = data
    var isDone = false
    let packed = [UInt8](unsafeUninitializedCapacity: data.count) { output, count in
      data.withUnsafeMutableBufferPointer { input in
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(output.count)
        isDone = CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END
        count = output.count - Int(stream.pointee.avail_out)
      }
    }
    return isDone ? packed : nil
  }
}

/// Arrays as .npy files (format 1.0).
extension NpzWriter {
  /// Floats, row-major.
  public static func npy(_ shape: [Int], _ values: [Float]) -> [UInt8] {
    precondition(shape.reduce(1, *) == values.count, "the shape holds all values")
    return npy("<f4", shape, values.flatMap { word($0.bitPattern) })
  }

  /// Pixels, row-major.
  public static func npy(_ shape: [Int], _ values: [UInt8]) -> [UInt8] {
    precondition(shape.reduce(1, *) == values.count, "the shape holds all values")
    return npy("|u1", shape, values)
  }

  public static func npy(_ values: [Int]) -> [UInt8] {
    let bytes = values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
    return npy("<i8", [values.count], bytes)
  }

  public static func npy(_ values: [String]) -> [UInt8] {
    let width = max(1, values.map(\.unicodeScalars.count).max() ?? 1)
    var data: [UInt8] = []
    data.reserveCapacity(values.count * width * 4)
    for value in values {
      for scalar in value.unicodeScalars { data.append(contentsOf: word(scalar.value)) }
      data.append(contentsOf: repeatElement(0, count: (width - value.unicodeScalars.count) * 4))
    }
    return npy("<U\(width)", [values.count], data)
  }

  private static func npy(_ type: String, _ shape: [Int], _ data: [UInt8]) -> [UInt8] {
    let sizes = shape.map { String($0) }.joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // The values start at a multiple of 64 bytes; the header ends in a line end.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    return NpyHeader.magic + [1, 0] + half(header.utf8.count) + Array(header.utf8) + data
  }
}

private func half(_ value: Int) -> [UInt8] {
  [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
}

private func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
