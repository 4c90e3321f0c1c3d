/// Tensors of transports that give name, datatype and shape beside the elements.
extension Tensor {
  /// - Parameter elements: of the datatype.
  /// - Throws: `badTensor` when datatype, shape and elements do not fit, `badMessage` without a name.
  public init(
    name: String, datatype: String, shape: [Int64], elements: (TensorDatatype) throws(WireFault) -> TensorData
  ) throws(WireFault) {
    let (type, dimensions) = try Self.checked(name: name, datatype: datatype, shape: shape)
    let data = try elements(type)
    guard let expected = Self.elementCount(dimensions), expected == data.count else {
      throw .badTensor(name: name, reason: "shape \(dimensions) does not hold the \(data.count) elements that came")
    }
    self.init(name: name, shape: dimensions, datatype: type, data: data)
  }

  /// - Parameter raw: little-endian, row-major; an element of BYTES after its length in four bytes.
  /// - Throws: `badTensor` when datatype, shape and bytes do not fit, `badMessage` without a name.
  public init(name: String, datatype: String, shape: [Int64], raw: ArraySlice<UInt8>) throws(WireFault) {
    let (type, dimensions) = try Self.checked(name: name, datatype: datatype, shape: shape)
    if let width = type.binaryWidth, let count = Self.elementCount(dimensions), count <= raw.count,
      count * width != raw.count
    {
      throw .badTensor(
        name: name, reason: "shape \(dimensions) of \(datatype) takes \(count * width) bytes, \(raw.count) came")
    }
    let data = try BinaryTensor.data(raw, datatype: type, shape: dimensions, name: name)
    self.init(name: name, shape: dimensions, datatype: type, data: data)
  }

  /// The elements as `init(name:datatype:shape:raw:)` reads them.
  public var rawBytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(binarySize)
    appendBinary(to: &bytes)
    return bytes
  }

  private static func checked(name: String, datatype: String, shape: [Int64]) throws(WireFault)
    -> (TensorDatatype, [Int])
  {
    guard !name.isEmpty else { throw .badMessage("a tensor has no \"name\"") }
    guard let type = TensorDatatype(rawValue: datatype) else {
      throw .badTensor(name: name, reason: "datatype \"\(datatype.prefix(20))\" is none of the protocol's")
    }
    guard shape.count <= rankMax else { throw .badTensor(name: name, reason: "more than \(rankMax) dimensions") }
    guard shape.allSatisfy({ $0 >= 0 }) else {
      throw .badTensor(name: name, reason: "\"shape\" holds whole numbers from 0 on")
    }
    return (type, shape.map { Int($0) })
  }
}
