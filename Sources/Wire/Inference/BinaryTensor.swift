/// Tensors as raw bytes (triton-inference-server/server, docs/protocol/extension_binary_data.md): little-endian,
/// row-major, nothing between elements; a BOOL is a byte 0 or 1, an element of BYTES four bytes of length and then its
/// text.
enum BinaryTensor {
  /// The header that says how many bytes of a body are JSON; the tensors follow.
  static let lengthHeader = "Inference-Header-Content-Length"
  static let contentType = "application/octet-stream"
  static let sizeParameter = "binary_data_size"
  static let outputParameter = "binary_data"
  static let outputsParameter = "binary_data_output"
  /// Before each element of BYTES.
  static let textLengthBytes = 4

  /// Reads one tensor's bytes.
  /// - Throws: `badTensor` when they do not fit shape and datatype. NaN and infinities are numbers here.
  static func data(
    _ bytes: ArraySlice<UInt8>, datatype: TensorDatatype, shape: [Int], name: String
  ) throws(WireFault) -> TensorData {
    func bad(_ reason: String) -> WireFault { .badTensor(name: name, reason: reason) }
    guard let count = Tensor.elementCount(shape) else { throw bad("shape \(shape) is larger than any body") }
    guard let width = datatype.binaryWidth else { return .bytes(try texts(bytes, count: count, shape, bad)) }
    let (expected, overflow) = count.multipliedReportingOverflow(by: width)
    guard !overflow, expected == bytes.count else {
      throw bad(
        "shape \(shape) of \(datatype.rawValue) takes "
          + "\(overflow ? "more bytes than a body has" : "\(expected) bytes"), "
          + "\"\(sizeParameter)\" says \(bytes.count)")
    }
    if datatype == .bool, let index = bytes.firstIndex(where: { $0 > 1 }) {
      throw bad("element \(index - bytes.startIndex) is neither 0 nor 1")
    }
    let data = bytes.withUnsafeBytes { numbers($0, datatype, count: count) }
    if datatype == .uint64, case .ints(let values) = data, let index = values.firstIndex(where: { $0 < 0 }) {
      throw bad("element \(index) is larger than \(Int64.max), the largest number taken here")
    }
    return data
  }

  private static func numbers(_ raw: UnsafeRawBufferPointer, _ datatype: TensorDatatype, count: Int) -> TensorData {
    switch datatype {
    case .fp32: .floats(floats(raw, count: count) { Float(bitPattern: UInt32(littleEndian: $0)) })
    case .fp64: .floats(floats(raw, count: count) { Float(Double(bitPattern: UInt64(littleEndian: $0))) })
    case .fp16: .floats(floats(raw, count: count) { Float(Float16(bitPattern: UInt16(littleEndian: $0))) })
    case .bf16: .floats(floats(raw, count: count) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) })
    case .bool: .bools(raw.map { $0 == 1 })
    case .uint8: .ints(integers(raw, UInt8.self))
    case .uint16: .ints(integers(raw, UInt16.self))
    case .uint32: .ints(integers(raw, UInt32.self))
    case .int8: .ints(integers(raw, Int8.self))
    case .int16: .ints(integers(raw, Int16.self))
    case .int32: .ints(integers(raw, Int32.self))
    // Those past the largest signed number come out below 0.
    case .int64, .uint64: .ints(integers(raw, Int64.self))
    case .bytes: preconditionFailure("elements of BYTES have no common width")
    }
  }

  private static func floats<Bits: FixedWidthInteger>(
    _ raw: UnsafeRawBufferPointer, count: Int, _ value: (Bits) -> Float
  ) -> [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<count {
        buffer[index] = value(
          raw.loadUnaligned(fromByteOffset: index * MemoryLayout<Bits>.size, as: Bits.self))
      }
      initialized = count
    }
  }

  private static func integers<Value: FixedWidthInteger & BitwiseCopyable>(
    _ raw: UnsafeRawBufferPointer, _: Value.Type
  ) -> [Int64] {
    stride(from: 0, to: raw.count, by: MemoryLayout<Value>.size).map {
      Int64(truncatingIfNeeded: Value(littleEndian: raw.loadUnaligned(fromByteOffset: $0, as: Value.self)))
    }
  }

  private static func texts(
    _ bytes: ArraySlice<UInt8>, count: Int, _ shape: [Int], _ bad: (String) -> WireFault
  ) throws(WireFault) -> [String] {
    guard count <= JSONLimits.elementCountMax else { throw bad("more than \(JSONLimits.elementCountMax) elements") }
    var values: [String] = []
    values.reserveCapacity(min(count, bytes.count / textLengthBytes))
    var rest = bytes
    while !rest.isEmpty {
      guard values.count < count else {
        throw bad("bytes are left after the \(count) elements of shape \(shape)")
      }
      guard rest.count >= textLengthBytes else { throw bad("element \(values.count) has no whole length before it") }
      var length = 0
      for byte in rest.prefix(textLengthBytes).reversed() { length = length << 8 | Int(byte) }
      rest = rest.dropFirst(textLengthBytes)
      guard length <= rest.count else {
        throw bad("element \(values.count) is \(length) bytes long, but \(rest.count) are left")
      }
      guard length <= JSONLimits.textBytesMax else {
        throw bad("element \(values.count) is longer than \(JSONLimits.textBytesMax) bytes")
      }
      guard let text = String(validating: rest.prefix(length), as: UTF8.self) else {
        throw bad("element \(values.count) is not UTF-8")
      }
      values.append(text)
      rest = rest.dropFirst(length)
    }
    guard values.count == count else {
      throw bad("shape \(shape) takes \(count) elements, \(values.count) came")
    }
    return values
  }
}

extension TensorDatatype {
  /// Bytes of one element; nil for BYTES, whose elements are as long as they say.
  var binaryWidth: Int? {
    switch self {
    case .bool, .uint8, .int8: 1
    case .uint16, .int16, .fp16, .bf16: 2
    case .uint32, .int32, .fp32: 4
    case .uint64, .int64, .fp64: 8
    case .bytes: nil
    }
  }
}

extension Tensor {
  /// Bytes of the tensor behind the JSON.
  var binarySize: Int {
    if let width = datatype.binaryWidth { return data.count * width }
    return data.asTexts.reduce(0) { $0 + BinaryTensor.textLengthBytes + $1.utf8.count }
  }

  func appendBinary(to bytes: inout [UInt8]) {
    switch data {
    case .floats(let values): for value in values { append(value, to: &bytes) }
    case .ints(let values): for value in values { append(value, to: &bytes) }
    case .bools(let values): for value in values { bytes.append(value ? 1 : 0) }
    case .bytes(let values):
      for value in values {
        bytes.append(littleEndian: UInt32(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
      }
    }
  }

  private func append(_ value: Float, to bytes: inout [UInt8]) {
    switch datatype {
    case .fp16: bytes.append(littleEndian: Float16(value).bitPattern)
    case .bf16: bytes.append(littleEndian: UInt16(value.bitPattern >> 16))
    case .fp64: bytes.append(littleEndian: Double(value).bitPattern)
    default: bytes.append(littleEndian: value.bitPattern)
    }
  }

  private func append(_ value: Int64, to bytes: inout [UInt8]) {
    switch datatype.binaryWidth {
    case 1: bytes.append(UInt8(truncatingIfNeeded: value))
    case 2: bytes.append(littleEndian: UInt16(truncatingIfNeeded: value))
    case 4: bytes.append(littleEndian: UInt32(truncatingIfNeeded: value))
    default: bytes.append(littleEndian: value)
    }
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}

/// Which outputs go out as raw bytes behind the JSON.
public struct BinaryOutputs: Sendable, Equatable {
  /// What holds for outputs that say nothing of their own.
  public var byDefault: Bool
  /// Names of outputs of which the opposite holds.
  public var exceptions: [String]

  public init(byDefault: Bool = false, exceptions: [String] = []) {
    self.byDefault = byDefault
    self.exceptions = exceptions
  }

  public func contains(_ name: String) -> Bool { byDefault != exceptions.contains(name) }
}

/// A body of which the first `headerLength` bytes are JSON and the rest raw tensors; all of it JSON where that is nil.
public struct BinaryMessage: Sendable, Equatable {
  public var body: [UInt8]
  public var headerLength: Int?

  public init(body: [UInt8], headerLength: Int? = nil) {
    self.body = body
    self.headerLength = headerLength
  }

  /// What HTTP says of such a body.
  public var headers: WireHeaders {
    guard let headerLength else { return WireHeaders() }
    return WireHeaders([BinaryTensor.lengthHeader: String(headerLength)])
  }

  /// JSON first, then the binary ones among the tensors in their order.
  init(capacity: Int, tensors: [Tensor], isBinary: (Tensor) -> Bool, json: (inout JSONWriter) -> Void) {
    let size = tensors.reduce(0) { $0 + (isBinary($1) ? $1.binarySize : 0) }
    var writer = JSONWriter(capacity: capacity + size)
    json(&writer)
    body = writer.bytes
    headerLength = nil
    for tensor in tensors where isBinary(tensor) {
      if headerLength == nil { headerLength = body.count }
      tensor.appendBinary(to: &body)
    }
  }
}
