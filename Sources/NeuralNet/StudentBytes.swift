/// A student as bytes, all little-endian: "KZSTUDNT", version, input count, hidden count, hidden widths, class count
/// (32 bits each), mean and inverse scale per feature, parameters (32-bit floats), FNV-1a 64 of everything before.
extension Student {
  static let magic = Array("KZSTUDNT".utf8)
  static let bytesVersion: UInt32 = 1
  static let checksumSize = 8

  public var bytes: [UInt8] {
    var writer = ByteWriter(bytes: Self.magic)
    writer.append(Self.bytesVersion)
    writer.append(UInt32(shape.inputCount))
    writer.append(UInt32(shape.hiddenWidths.count))
    for width in shape.hiddenWidths { writer.append(UInt32(width)) }
    writer.append(UInt32(shape.classCount))
    for value in standardizer.mean + standardizer.inverseScale + parameters { writer.append(value.bitPattern) }
    let checksum = checksum(of: writer.bytes[...])
    writer.append(UInt32(truncatingIfNeeded: checksum))
    writer.append(UInt32(truncatingIfNeeded: checksum >> 32))
    return writer.bytes
  }

  /// - Throws: `StudentBytesError` for anything `bytes` did not write; nothing is allocated by a size not yet checked.
  public init(bytes: [UInt8]) throws(StudentBytesError) {
    guard bytes.starts(with: Self.magic) else { throw .notAStudent }
    var reader = ByteReader(bytes: bytes, position: Self.magic.count)
    let version = try reader.next()
    guard version == Self.bytesVersion else { throw .unknownVersion(version) }
    let inputCount = try reader.next()
    let hiddenCount = try reader.next()
    guard hiddenCount <= UInt32(StudentShape.maximumHiddenLayers) else {
      throw .impossibleShape("it claims \(hiddenCount) hidden layers")
    }
    var hiddenWidths: [Int] = []
    for _ in 0..<hiddenCount { hiddenWidths.append(Int(try reader.next())) }
    let classCount = try reader.next()
    let shape: StudentShape
    do {
      shape = try StudentShape(inputCount: Int(inputCount), hiddenWidths: hiddenWidths, classCount: Int(classCount))
    } catch {
      throw .impossibleShape(error.description)
    }
    let size = reader.position + 4 * (2 * shape.inputCount + shape.parameterCount) + Self.checksumSize
    guard bytes.count == size else { throw .wrongLength(expected: size, got: bytes.count) }
    let content = bytes[..<(size - Self.checksumSize)]
    let mean = try reader.floats(shape.inputCount)
    let inverseScale = try reader.floats(shape.inputCount)
    let parameters = try reader.floats(shape.parameterCount)
    let stored = UInt64(try reader.next()) | UInt64(try reader.next()) << 32
    guard stored == checksum(of: content) else { throw .damaged }
    guard let standardizer = Standardizer(mean: mean, inverseScale: inverseScale),
      let student = Student(shape: shape, standardizer: standardizer, parameters: parameters)
    else { throw .notFinite }
    self = student
  }
}

/// Why bytes are not a student.
public enum StudentBytesError: Error, Equatable, CustomStringConvertible {
  case notAStudent
  case unknownVersion(UInt32)
  case impossibleShape(String)
  case wrongLength(expected: Int, got: Int)
  case truncated
  case damaged
  case notFinite

  public var description: String {
    switch self {
    case .notAStudent: "this is not a student file: it does not begin with KZSTUDNT; check the path"
    case .unknownVersion(let version):
      "the student file has version \(version), this program reads 1; use the program that wrote it"
    case .impossibleShape(let reason): "the student file describes an impossible network: \(reason)"
    case .wrongLength(let expected, let got):
      "the student file should have \(expected) bytes and has \(got): it was cut or extended; copy it again"
    case .truncated: "the student file ends inside its header: it was cut; copy it again"
    case .damaged: "the student file's checksum does not match: its bytes were changed; copy it again"
    case .notFinite: "the student file holds values that are not finite numbers; train the student again"
    }
  }
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): finds accidents, not forgery.
private func checksum(of bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.withUnsafeBufferPointer { bytes in
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    return hash
  }
}

private struct ByteWriter {
  var bytes: [UInt8]

  mutating func append(_ value: UInt32) {
    for shift in [UInt32(0), 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }
}

private struct ByteReader {
  let bytes: [UInt8]
  var position: Int

  mutating func next() throws(StudentBytesError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw .truncated }
    defer { position += 4 }
    return UInt32(bytes[position]) | UInt32(bytes[position + 1]) << 8 | UInt32(bytes[position + 2]) << 16
      | UInt32(bytes[position + 3]) << 24
  }

  mutating func floats(_ count: Int) throws(StudentBytesError) -> [Float] {
    var values: [Float] = []
    values.reserveCapacity(count)
    for _ in 0..<count { values.append(Float(bitPattern: try next())) }
    return values
  }
}
