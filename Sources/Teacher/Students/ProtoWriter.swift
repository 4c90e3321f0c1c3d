/// A message in protocol buffer encoding.
struct ProtoWriter {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: Int, _ value: Int) {
    varint(UInt64(field) << 3)
    varint(UInt64(bitPattern: Int64(value)))
  }

  mutating func add(_ field: Int, _ value: Float) {
    varint(UInt64(field) << 3 | 5)
    append(value)
  }

  mutating func add(_ field: Int, _ value: some Collection<UInt8>) {
    varint(UInt64(field) << 3 | 2)
    varint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func add(_ field: Int, _ value: String) { add(field, Array(value.utf8)) }

  mutating func add(_ field: Int, _ message: (inout ProtoWriter) -> Void) {
    var writer = ProtoWriter()
    message(&writer)
    add(field, writer.bytes)
  }

  /// Floats as ONNX's `raw_data`: little-endian, side by side.
  mutating func add(_ field: Int, raw values: some Collection<Float>) {
    var raw = ProtoWriter()
    raw.bytes.reserveCapacity(values.count * 4)
    for value in values { raw.append(value) }
    add(field, raw.bytes)
  }

  private mutating func append(_ value: Float) {
    for shift in [UInt32(0), 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> shift)) }
  }

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}
