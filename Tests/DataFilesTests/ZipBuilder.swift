/// A zip file of stored entries, every field of which a test may spoil.
struct ZipBuilder {
  struct Entry {
    var name: String
    var data: [UInt8]
    var method = 0
    var flags = 0
    /// What the table of contents says of the size; nil: the truth.
    var claimedSize: Int?
    var claimedOffset: Int?
  }

  var entries: [Entry] = []

  /// An .npy array with this header and these bytes.
  static func npy(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let text = Array(header.utf8) + [0x0A]
    let length = number(text.count, bytes: version == 1 ? 2 : 4)
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + data
  }

  static func header(_ type: String, _ shape: String) -> String {
    "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)), }"
  }

  mutating func add(_ name: String, _ type: String, _ shape: String, _ data: [UInt8]) {
    entries.append(Entry(name: name + ".npy", data: Self.npy(Self.header(type, shape), data)))
  }

  var bytes: [UInt8] {
    var file: [UInt8] = []
    var contents: [UInt8] = []
    for entry in entries {
      let size = entry.claimedSize ?? entry.data.count
      let common =
        Self.number(20, bytes: 2) + Self.number(entry.flags, bytes: 2) + Self.number(entry.method, bytes: 2)
        + Self.number(0, bytes: 4) + Self.number(Int(Self.checksum(entry.data)), bytes: 4)
        + Self.number(entry.method == 0 ? size : entry.data.count, bytes: 4) + Self.number(size, bytes: 4)
        + Self.number(entry.name.utf8.count, bytes: 2) + [0, 0]
      contents += [0x50, 0x4B, 1, 2, 20, 0] + common + [UInt8](repeating: 0, count: 10)
      contents += Self.number(entry.claimedOffset ?? file.count, bytes: 4) + Array(entry.name.utf8)
      file += [0x50, 0x4B, 3, 4] + common + Array(entry.name.utf8) + entry.data
    }
    let count = Self.number(entries.count, bytes: 2)
    return file + contents + [0x50, 0x4B, 5, 6, 0, 0, 0, 0] + count + count + Self.number(contents.count, bytes: 4)
      + Self.number(file.count, bytes: 4) + [0, 0]
  }

  static func number(_ value: Int, bytes: Int) -> [UInt8] {
    (0..<bytes).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  /// CRC-32 of RFC 1952, bit by bit.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var value: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
    return ~value
  }
}
