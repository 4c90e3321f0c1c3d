import Domain

/// What a model reads and gives: its only input and its only output.
struct OnnxSignature {
  let inputName: String
  let outputName: String
  /// Rows the model insists on, nil when it takes any number.
  let fixedRowCount: Int?
  /// Sizes of one part as the model has them.
  let partSizes: [Int]
  /// For each value of the model's part its place in the line's; nil when they stand in the same order.
  let order: [Int]?
  let classCount: Int
  var featureCount: Int { partSizes.reduce(1, *) }

  /// ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT.
  static let float: Int32 = 1
  /// Wider than this is not a model of rows of measured values.
  static let widthMax: Int64 = 1 << 20

  private typealias Count = @convention(c) (OpaquePointer, UnsafeMutablePointer<Int>) -> OnnxLibrary.Status
  private typealias Info =
    @convention(c) (OpaquePointer, Int, UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status

  /// - Parameter part: what the line's parts are; nil: a list as long as the model says.
  init(_ library: OnnxLibrary, session: OpaquePointer, path: String, part: InputShape?) throws(TeacherError) {
    try Self.expectOne(library, session, .sessionGetInputCount, "inputs", path)
    try Self.expectOne(library, session, .sessionGetOutputCount, "outputs", path)
    let input = try Self.shape(library, session, .sessionGetInputTypeInfo, "input", path)
    let output = try Self.shape(library, session, .sessionGetOutputTypeInfo, "output", path)
    inputName = try Self.name(library, session, .sessionGetInputName, path)
    outputName = try Self.name(library, session, .sessionGetOutputName, path)
    (partSizes, order) = try Self.arrangement(input, of: part, path: path)
    guard output.count == 2, (2...Self.widthMax).contains(output[1]) else {
      throw TeacherError(
        .model, "\(path) must give one number per class, shape [rows, classes]; its output is \(output)")
    }
    fixedRowCount = input[0] > 0 ? Int(input[0]) : nil
    classCount = Int(output[1])
  }

  /// How the line's parts become the model's: a list, or channels first or last.
  private static func arrangement(_ input: [Int64], of part: InputShape?, path: String)
    throws(TeacherError) -> ([Int], [Int]?)
  {
    let shown = "[" + input.map { $0 > 0 ? "\($0)" : "?" }.joined(separator: ", ") + "]"
    guard (2...4).contains(input.count), input.allSatisfy({ $0 <= Self.widthMax }) else {
      throw TeacherError(
        .model, "\(path) must read rows of numbers, shape [rows, features], windows or pictures; its input is \(shown)")
    }
    guard let part else {
      guard input.count == 2, input[1] > 0 else {
        throw TeacherError(.model, "\(path) must read rows of numbers, shape [rows, features]; its input is \(shown)")
      }
      return ([Int(input[1])], nil)
    }
    guard let axes = part.axes(of: input.dropFirst().map { $0 > 0 ? Int($0) : nil }) else {
      let sizes = (["rows"] + part.sizes.map { String($0) }).joined(separator: ", ")
      throw TeacherError(
        .model,
        "\(path) reads \(shown) and the line's parts are [\(sizes)] (\(part)); a teacher takes them as they are, with"
          + " channels first, or as a list")
    }
    let places = axes.places(in: part.axisOrder)
    return (axes.sizes, places == Array(places.indices) ? nil : places)
  }

  private static func expectOne(
    _ library: OnnxLibrary, _ session: OpaquePointer, _ slot: OnnxLibrary.Slot, _ what: String, _ path: String
  ) throws(TeacherError) {
    let count: Count = library.function(slot)
    var found = 0
    try library.check(count(session, &found), .model, "\(path) could not be examined")
    guard found == 1 else {
      throw TeacherError(
        .model, "\(path) has \(found) \(what) and a teacher has one: export only the logits of one input of features")
    }
  }

  /// Dimensions of the first input or output, -1 where they are free.
  private static func shape(
    _ library: OnnxLibrary, _ session: OpaquePointer, _ slot: OnnxLibrary.Slot, _ what: String, _ path: String
  ) throws(TeacherError) -> [Int64] {
    let failure = "\(path) could not be examined"
    let info: Info = library.function(slot)
    let type = try OnnxObject(library, release: .releaseTypeInfo, .model, failure) { info(session, 0, $0) }
    typealias Cast = @convention(c) (OpaquePointer, UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
    let cast: Cast = library.function(.castTypeInfoToTensorInfo)
    var tensor: OpaquePointer?
    try library.check(cast(type.pointer, &tensor), .model, failure)
    guard let tensor else { throw TeacherError(.model, "\(path): its \(what) is not a tensor of numbers") }
    typealias Element = @convention(c) (OpaquePointer, UnsafeMutablePointer<Int32>) -> OnnxLibrary.Status
    let elementType: Element = library.function(.getTensorElementType)
    var element: Int32 = 0
    try library.check(elementType(tensor, &element), .model, failure)
    guard element == float else {
      throw TeacherError(
        .model,
        "\(path): its \(what) is not of 32-bit floats; export the model with float32 \(what) and logits as result")
    }
    return try dimensions(library, tensor, failure)
  }

  static func dimensions(_ library: OnnxLibrary, _ tensor: OpaquePointer, _ failure: String)
    throws(TeacherError) -> [Int64]
  {
    let rank: Count = library.function(.getDimensionsCount)
    var count = 0
    try library.check(rank(tensor, &count), .model, failure)
    guard (0...16).contains(count) else { throw TeacherError(.model, "\(failure): \(count) dimensions") }
    typealias Sizes = @convention(c) (OpaquePointer, UnsafeMutablePointer<Int64>?, Int) -> OnnxLibrary.Status
    let sizes: Sizes = library.function(.getDimensions)
    var result = [Int64](repeating: 0, count: count)
    let status = result.withUnsafeMutableBufferPointer { sizes(tensor, $0.baseAddress, count) }
    try library.check(status, .model, failure)
    return result
  }

  private static func name(
    _ library: OnnxLibrary, _ session: OpaquePointer, _ slot: OnnxLibrary.Slot, _ path: String
  ) throws(TeacherError) -> String {
    typealias Allocator = @convention(c) (UnsafeMutablePointer<OpaquePointer?>) -> OnnxLibrary.Status
    typealias Name =
      @convention(c) (OpaquePointer, Int, OpaquePointer, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>)
      -> OnnxLibrary.Status
    typealias Free = @convention(c) (OpaquePointer, UnsafeMutableRawPointer) -> OnnxLibrary.Status
    let failure = "\(path) could not be examined"
    let defaultAllocator: Allocator = library.function(.getAllocatorWithDefaultOptions)
    var allocator: OpaquePointer?
    try library.check(defaultAllocator(&allocator), .model, failure)
    guard let allocator else { throw TeacherError(.model, failure) }
    let name: Name = library.function(slot)
    var text: UnsafeMutablePointer<CChar>?
    try library.check(name(session, 0, allocator, &text), .model, failure)
    guard let text else { throw TeacherError(.model, failure) }
    let result = String(cString: text)
    let free: Free = library.function(.allocatorFree)
    try library.check(free(allocator, text), .model, failure)
    return result
  }
}
