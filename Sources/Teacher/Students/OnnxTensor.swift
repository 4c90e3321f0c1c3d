/// A constant of a model: weights as floats, or sizes and axes as whole numbers.
struct OnnxTensor: Equatable {
  enum Values: Equatable {
    case floats([Float])
    case ints([Int])

    var count: Int {
      switch self {
      case .floats(let values): values.count
      case .ints(let values): values.count
      }
    }
  }

  var dims: [Int]
  var values: Values

  static let rankMax = 8
  /// Twice the parameters of the largest student.
  static let countMax = 8_000_000

  /// ONNX's `TensorProto.DataType`.
  enum Element: Int {
    case float = 1
    case int32 = 6
    case int64 = 7
    case half = 10
    case double = 11

    var size: Int {
      switch self {
      case .float, .int32: 4
      case .int64, .double: 8
      case .half: 2
      }
    }
  }

  var floats: [Float]? {
    guard case .floats(let values) = values else { return nil }
    return values
  }

  var ints: [Int]? {
    guard case .ints(let values) = values else { return nil }
    return values
  }

  /// Sizes as steps through a row-major list.
  static func strides(_ dims: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: dims.count)
    for axis in dims.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * dims[axis + 1] }
    return strides
  }

  /// Nil unless `order` names every axis once.
  func transposed(_ order: [Int]) -> OnnxTensor? {
    guard order.sorted() == Array(dims.indices) else { return nil }
    let steps = Self.strides(dims)
    let sizes = order.map { dims[$0] }
    var places = [0]
    for axis in order {
      places = places.flatMap { place in (0..<dims[axis]).map { place + $0 * steps[axis] } }
    }
    switch values {
    case .floats(let values): return OnnxTensor(dims: sizes, values: .floats(places.map { values[$0] }))
    case .ints(let values): return OnnxTensor(dims: sizes, values: .ints(places.map { values[$0] }))
    }
  }
}

/// A tensor as it stands in the file, its values not yet looked at.
struct OnnxTensorBytes {
  private(set) var name = ""
  private var dims: [Int] = []
  private var type = 0
  private var raw: ArraySlice<UInt8>?
  private var floats: ArraySlice<UInt8> = []
  private var doubles: ArraySlice<UInt8> = []
  private var ints: [Int] = []
  private var outside: [String: String] = [:]
  private var isOutside = false

  init(_ bytes: ArraySlice<UInt8>) throws(OnnxFault) {
    var reader = ProtoReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: try field.add(to: &dims, max: OnnxTensor.rankMax)
      case 2: type = try field.int()
      case 4:
        // Values may stand packed or one by one.
        if case .fixed32(let bits) = field.value {
          floats.append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) })
        } else {
          floats.append(contentsOf: try field.bytes())
        }
      case 5, 7: try field.add(to: &ints, max: OnnxTensor.countMax)
      case 8: name = try field.text()
      case 9: raw = try field.bytes()
      case 10: doubles.append(contentsOf: try field.bytes())
      case 13:
        let (key, value) = try OnnxModel.entry(try field.bytes())
        if outside.count < OnnxTensor.rankMax { outside[key] = value }
      case 14: isOutside = try field.int() == 1
      default: break
      }
    }
  }

  /// The values as floats or whole numbers.
  /// - Parameter beside: the bytes of a file next to the model; exporters keep large weights there.
  /// - Throws: `OnnxFault` when they are of another type, or not as many as the sizes say.
  func tensor(beside: OnnxSideFiles) throws(OnnxFault) -> OnnxTensor {
    var count = 1
    for size in dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= OnnxTensor.countMax else {
        throw fault("has the sizes \(dims); a student's weights are far fewer")
      }
      count = product
    }
    guard let element = OnnxTensor.Element(rawValue: type) else {
      throw fault("is of the type number \(type); export the model in 32-bit floats")
    }
    let values = try isOutside ? Self.decode(try outsideBytes(beside), element) : ownValues(element)
    guard values.count == count else { throw fault("holds \(values.count) values and its sizes \(dims) say \(count)") }
    if case .floats(let floats) = values, !floats.allSatisfy(\.isFinite) {
      throw fault("holds values that are no finite 32-bit floats; train the model again")
    }
    return OnnxTensor(dims: dims, values: values)
  }

  private func ownValues(_ element: OnnxTensor.Element) throws(OnnxFault) -> OnnxTensor.Values {
    if let raw { return Self.decode(raw, element) }
    switch element {
    case .float: return Self.decode(floats, element)
    case .double: return Self.decode(doubles, element)
    case .int32, .int64: return .ints(ints)
    case .half: return .floats(ints.map { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) })
    }
  }

  private func outsideBytes(_ beside: OnnxSideFiles) throws(OnnxFault) -> ArraySlice<UInt8> {
    let location = outside["location"] ?? ""
    guard !location.isEmpty, !location.contains("/"), location != ".." else {
      throw fault(
        "is kept in the file \"\(location.prefix(60))\", which is not beside the model; export it in one file")
    }
    let bytes = try beside.bytes(location)
    let offset = Int(outside["offset"] ?? "0") ?? -1
    let length = outside["length"].map { Int($0) ?? -1 } ?? bytes.count - offset
    guard offset >= 0, length >= 0, offset <= bytes.count, length <= bytes.count - offset else {
      throw fault("is kept beyond the end of \(location); copy both files again")
    }
    return bytes[(bytes.startIndex + offset)..<(bytes.startIndex + offset + length)]
  }

  private static func decode(_ bytes: ArraySlice<UInt8>, _ element: OnnxTensor.Element) -> OnnxTensor.Values {
    let count = bytes.count / element.size
    return bytes.withUnsafeBytes { raw in
      func words<Word: FixedWidthInteger>(_ word: Word.Type) -> [Word] {
        (0..<count).map {
          Word(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Word>.size, as: word))
        }
      }
      switch element {
      case .float: return .floats(words(UInt32.self).map { Float(bitPattern: $0) })
      case .double: return .floats(words(UInt64.self).map { Float(Double(bitPattern: $0)) })
      case .half: return .floats(words(UInt16.self).map { Float(Float16(bitPattern: $0)) })
      case .int32: return .ints(words(Int32.self).map { Int($0) })
      case .int64: return .ints(words(Int64.self).map { Int($0) })
      }
    }
  }

  private func fault(_ what: String) -> OnnxFault { OnnxFault("the constant \"\(name.prefix(60))\" \(what)") }
}

/// Files beside a model that hold its weights.
public struct OnnxSideFiles: Sendable {
  let read: @Sendable (String) -> [UInt8]?

  /// - Parameter read: a file's bytes by its name, which holds no folder; nil when it cannot be read.
  public init(read: @escaping @Sendable (String) -> [UInt8]?) { self.read = read }

  /// The largest file worth reading: the largest student in 64-bit numbers, and room for names.
  public static let bytesMax = OnnxModel.bytesMax

  /// For a model that has all within itself.
  public static let none = OnnxSideFiles { _ in nil }

  func bytes(_ name: String) throws(OnnxFault) -> ArraySlice<UInt8> {
    guard let bytes = read(name) else {
      throw OnnxFault(
        "the model keeps its weights in \"\(name.prefix(60))\", and that file cannot be read beside it; copy it there or"
          + " export the model in one file (external_data=False)")
    }
    return bytes[...]
  }
}
