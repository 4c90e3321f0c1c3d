import CZlib

/// Grey pictures as PNG files (ISO/IEC 15948), for pages that carry their pictures within them.
public enum GreyPNG {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The file of one picture, `pixels` row-major from 0 (black) to 255 (white).
  /// - Precondition: both sizes are positive and the pixels as many as they hold.
  public static func file(pixels: [UInt8], width: Int, height: Int) -> [UInt8] {
    precondition(width > 0 && height > 0 && pixels.count == width * height, "a picture holds width x height pixels")
    // 8 bits a pixel, grey, deflate, the usual filters, not interlaced.
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 0, 0, 0, 0]
    var rows: [UInt8] = []
    rows.reserveCapacity((width + 1) * height)
    for row in 0..<height {
      rows.append(0)  // No filter.
      rows += pixels[row * width..<(row + 1) * width]
    }
    return signature + chunk("IHDR", header) + chunk("IDAT", compressed(rows)) + chunk("IEND", [])
  }

  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    let sum = crc32(0, body, UInt32(body.count))
    return bigEndian(UInt32(data.count)) + body + bigEndian(UInt32(truncatingIfNeeded: sum))
  }

  /// A zlib stream (RFC 1950).
  private static func compressed(_ bytes: [UInt8]) -> [UInt8] {
    let bound = Int(compressBound(UInt(bytes.count)))
    return [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      var size = UInt(bound)
      let result = compress2(buffer.baseAddress, &size, bytes, UInt(bytes.count), Z_BEST_COMPRESSION)
      precondition(result == Z_OK, "zlib compresses into a buffer of its own bound")
      count = Int(size)
    }
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}
