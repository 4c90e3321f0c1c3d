/// Tensor datatypes of the Open Inference Protocol V2.
public enum TensorDatatype: String, Sendable, CaseIterable {
  case bool = "BOOL"
  case uint8 = "UINT8"
  case uint16 = "UINT16"
  case uint32 = "UINT32"
  case uint64 = "UINT64"
  case int8 = "INT8"
  case int16 = "INT16"
  case int32 = "INT32"
  case int64 = "INT64"
  /// FP16 and BF16 come as raw bytes alone: the protocol leaves their text form open.
  case fp16 = "FP16"
  /// The upper half of an FP32, as Triton has it.
  case bf16 = "BF16"
  case fp32 = "FP32"
  case fp64 = "FP64"
  case bytes = "BYTES"

  /// Values of an integer type; nil for the others. UINT64 ends at the largest signed value.
  var integerRange: ClosedRange<Int64>? {
    switch self {
    case .uint8: 0...Int64(UInt8.max)
    case .uint16: 0...Int64(UInt16.max)
    case .uint32: 0...Int64(UInt32.max)
    case .uint64: 0...Int64.max
    case .int8: Int64(Int8.min)...Int64(Int8.max)
    case .int16: Int64(Int16.min)...Int64(Int16.max)
    case .int32: Int64(Int32.min)...Int64(Int32.max)
    case .int64: Int64.min...Int64.max
    case .bool, .fp16, .bf16, .fp32, .fp64, .bytes: nil
    }
  }
}

/// A tensor's elements, row-major.
public enum TensorData: Sendable, Equatable {
  /// FP16, BF16, FP32 and FP64; students compute in single precision.
  case floats([Float])
  case ints([Int64])
  case bools([Bool])
  /// BYTES as text.
  case bytes([String])

  public var count: Int {
    switch self {
    case .floats(let values): values.count
    case .ints(let values): values.count
    case .bools(let values): values.count
    case .bytes(let values): values.count
    }
  }

  /// As features of a student; nil for text.
  public var asFloats: [Float]? {
    switch self {
    case .floats(let values): values
    case .ints(let values): values.map { Float($0) }
    case .bools(let values): values.map { $0 ? 1 : 0 }
    case .bytes: nil
    }
  }

  /// As attribute values, one an element.
  public var asTexts: [String] {
    switch self {
    case .floats(let values): values.map { Scalar.number(Double($0)).text }
    case .ints(let values): values.map { String($0) }
    case .bools(let values): values.map { String($0) }
    case .bytes(let values): values
    }
  }

  func write(to writer: inout JSONWriter) {
    writer.array { writer in
      switch self {
      case .floats(let values): for value in values { writer.number(value) }
      case .ints(let values): for value in values { writer.integer(value) }
      case .bools(let values): for value in values { writer.flag(value) }
      case .bytes(let values): for value in values { writer.text(value) }
      }
    }
  }
}

/// One input or output: its element count is the product of its shape.
public struct Tensor: Sendable, Equatable {
  public var name: String
  public var shape: [Int]
  public var datatype: TensorDatatype
  public var data: TensorData

  /// Tensors of more dimensions are in no model here.
  public static let rankMax = 8

  /// - Precondition: the data's count is the product of the shape.
  public init(name: String, shape: [Int], datatype: TensorDatatype, data: TensorData) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && Self.elementCount(shape) == data.count,
      "shape \(shape) does not hold \(data.count) elements")
    self.name = name
    self.shape = shape
    self.datatype = datatype
    self.data = data
  }

  /// The product of the dimensions; nil past the range of Int.
  static func elementCount(_ shape: [Int]) -> Int? {
    var product = 1
    for dimension in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow else { return nil }
      product = next
    }
    return product
  }

  /// - Parameter isBinary: the data follows the JSON as raw bytes.
  func write(to writer: inout JSONWriter, isBinary: Bool) {
    writer.object { writer in
      writer.key("name")
      writer.text(name)
      writer.key("datatype")
      writer.text(datatype.rawValue)
      writer.key("shape")
      writer.array { writer in
        for dimension in shape { writer.integer(dimension) }
      }
      if isBinary {
        writer.key("parameters")
        writer.object { writer in
          writer.key("binary_data_size")
          writer.integer(binarySize)
        }
      } else {
        writer.key("data")
        data.write(to: &writer)
      }
    }
  }
}

public typealias InputTensor = Tensor
public typealias OutputTensor = Tensor
