import Domain

/// A student as bytes, all little-endian, in words of 32 bits unless said otherwise:
///
/// | part | words |
/// |---|---|
/// | "KZSTUDNT" | 2 |
/// | version: 2 | 1 |
/// | input: 0 vector, 1 window, 2 image; then its sizes | 1 + 1, 2 or 3 |
/// | number of hidden layers | 1 |
/// | each: 0 dense, width; 1 convolution, channels, kernel, stride, padding; 2 max pool, size; 3 average pool, size; /// 4 global average | 2, 5, 2, 2, 1 |
/// | class count | 1 |
/// | mean, then inverse scale of every input value, then parameters, as floats | counted by the shape |
/// | FNV-1a 64 of everything before | 2 |
///
/// Version 1, still read, had no kinds: input count, number of hidden layers, their widths, class count.
extension Student {
  static let magic = Array("KZSTUDNT".utf8)
  static let bytesVersion: UInt32 = 2
  static let checksumSize = 8

  public var bytes: [UInt8] {
    var writer = ByteWriter(bytes: Self.magic)
    writer.append(Self.bytesVersion)
    writer.append(shape.input.code)
    for size in shape.input.sizes { writer.append(UInt32(size)) }
    writer.append(UInt32(shape.hiddenLayers.count))
    for layer in shape.hiddenLayers {
      for word in layer.words { writer.append(word) }
    }
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
    guard version == 1 || version == Self.bytesVersion else { throw .unknownVersion(version) }
    let shape = try reader.shape(version: version)
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
      "the student file has version \(version), this program reads 1 and 2; use the program that wrote it"
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

extension InputShape {
  fileprivate var code: UInt32 {
    switch self {
    case .vector: 0
    case .window: 1
    case .image: 2
    }
  }
}

extension StudentLayer {
  /// Its kind and sizes as they are stored.
  fileprivate var words: [UInt32] {
    switch self {
    case .dense(let width): [0, UInt32(width)]
    case .convolution(let channels, let kernel, let stride, let padding):
      [1, UInt32(channels), UInt32(kernel), UInt32(stride), UInt32(padding)]
    case .maxPool(let size): [2, UInt32(size)]
    case .averagePool(let size): [3, UInt32(size)]
    case .globalAveragePool: [4]
    }
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

  private mutating func number() throws(StudentBytesError) -> Int { Int(try next()) }

  /// What stands between the version and the first float.
  mutating func shape(version: UInt32) throws(StudentBytesError) -> StudentShape {
    let input = version == 1 ? InputShape.vector(count: try number()) : try input()
    let hiddenCount = try next()
    guard hiddenCount <= UInt32(StudentShape.maximumHiddenLayers) else {
      throw .impossibleShape("it claims \(hiddenCount) hidden layers")
    }
    var layers: [StudentLayer] = []
    for _ in 0..<hiddenCount { layers.append(version == 1 ? .dense(width: try number()) : try layer()) }
    let classCount = try number()
    do {
      return try StudentShape(input: input, hiddenLayers: layers, classCount: classCount)
    } catch {
      throw .impossibleShape(error.description)
    }
  }

  private mutating func input() throws(StudentBytesError) -> InputShape {
    switch try next() {
    case 0: return .vector(count: try number())
    case 1: return .window(channels: try number(), length: try number())
    case 2: return .image(height: try number(), width: try number(), channels: try number())
    case let code: throw .impossibleShape("it claims an input of kind \(code)")
    }
  }

  private mutating func layer() throws(StudentBytesError) -> StudentLayer {
    switch try next() {
    case 0: return .dense(width: try number())
    case 1:
      return .convolution(
        channels: try number(), kernel: try number(), stride: try number(), padding: try number())
    case 2: return .maxPool(size: try number())
    case 3: return .averagePool(size: try number())
    case 4: return .globalAveragePool
    case let code: throw .impossibleShape("it claims a layer of kind \(code)")
    }
  }
}
