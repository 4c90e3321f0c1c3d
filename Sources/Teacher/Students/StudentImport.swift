import Domain
import NeuralNet

/// A student made from an ONNX file.
public struct ImportedStudent: Sendable {
  public let student: Student
  /// The file's own key and value pairs, ours or any exporter's.
  public let metadata: [String: String]
  /// What a person should know about the way it was read.
  public let remarks: [String]

  /// - Parameters:
  ///   - input: the line's input.
  ///   - classCount: the line's classes.
  ///   - beside: files next to the model, for weights that are kept outside it.
  /// - Throws: `OnnxFault` naming the node that no student can do, and what would do instead.
  public init(onnx bytes: [UInt8], input: InputShape, classCount: Int, beside: OnnxSideFiles = .none)
    throws(OnnxFault)
  {
    let model = try OnnxModel(bytes)
    var reader = try StudentImport(model, input: input, beside: beside)
    student = try reader.run(classCount: classCount)
    metadata = model.metadata
    remarks = reader.remarks
  }
}

/// Reads a model's nodes in order; they must form one chain from the input to the logits.
struct StudentImport {
  enum Value {
    case constant(OnnxTensor)
    /// Sizes computed from a tensor's shape; nil stands for the number of parts.
    case sizes([Int?])
    /// A tensor of the chain, and the draft's step it belongs to.
    case activation(TensorAxes, step: Int)
  }

  let model: OnnxModel
  let beside: OnnxSideFiles
  var draft: StudentDraft
  var values: [String: Value] = [:]
  /// The number of parts a model was exported for, nil when it takes any.
  let fixedRowCount: Int?
  /// A softmax was read: nothing may follow.
  var isFinished = false
  private(set) var remarks: [String] = []

  static let operations =
    "Gemm, MatMul, Conv, Relu, MaxPool, AveragePool, GlobalAveragePool, BatchNormalization, Flatten, Reshape,"
    + " Transpose, Add, Sub, Mul, Div and a final Softmax"

  init(_ model: OnnxModel, input: InputShape, beside: OnnxSideFiles) throws(OnnxFault) {
    self.model = model
    self.beside = beside
    guard model.inputs.count == 1, model.outputs.count == 1, let first = model.inputs.first else {
      throw OnnxFault(
        "the model has \(model.inputs.count) inputs and \(model.outputs.count) outputs; a student has one of each")
    }
    draft = StudentDraft(input)
    fixedRowCount = first.dims.first ?? nil
    guard first.dims.count >= 2, let axes = input.axes(of: Array(first.dims.dropFirst())) else {
      let found = first.dims.map { $0.map { String($0) } ?? "?" }.joined(separator: ", ")
      let wanted = (["n"] + input.sizes.map { String($0) }).joined(separator: ", ")
      throw OnnxFault("the model reads [\(found)] and the line's parts are [\(wanted)] (\(input)); they must fit")
    }
    values[first.name] = .activation(axes, step: 0)
    for bytes in model.initializers { values[bytes.name] = .constant(try bytes.tensor(beside: beside)) }
  }

  mutating func run(classCount: Int) throws(OnnxFault) -> Student {
    for node in model.nodes {
      guard node.isStandard else {
        throw node.fault("is not of the ONNX standard; export the model with standard operators alone")
      }
      guard let output = node.outputs.first else { continue }
      values[output] = try read(node)
    }
    guard case .activation(let axes, let step) = values[model.outputs[0]], step == draft.step else {
      throw OnnxFault("the model's output \"\(model.outputs[0].prefix(60))\" is not what its last layer gives")
    }
    guard axes.sizes.count == 1 else {
      throw OnnxFault("the model gives \(axes.sizes) numbers a part; it must give a plain list of logits")
    }
    do {
      return try draft.student(classCount: classCount)
    } catch {
      throw OnnxFault(error.what)
    }
  }

  private mutating func read(_ node: OnnxNode) throws(OnnxFault) -> Value {
    switch node.operation {
    case "Constant": return .constant(try constant(node))
    case "Identity", "Dropout", "Cast": return try value(node, 0)
    case "Shape", "Gather", "Slice", "Concat": return .sizes(try sizes(node))
    case "Unsqueeze", "Squeeze", "Reshape", "Flatten", "Transpose": return try rearranged(node)
    default: break
    }
    guard !isFinished else { throw node.fault("follows the softmax; a student ends with its logits") }
    switch node.operation {
    case "Gemm", "MatMul": return try dense(node)
    case "Conv": return try convolution(node)
    case "MaxPool", "AveragePool": return try pool(node)
    case "GlobalAveragePool", "ReduceMean": return try globalAverage(node)
    case "BatchNormalization": return try normalization(node)
    case "Add", "Sub", "Mul", "Div": return try arithmetic(node)
    case "Clip": return try clip(node)
    case "Relu":
      let axes = try activation(node, 0)
      return try changed(node, axes) { draft throws(DraftFault) in try draft.addReLU() }
    case "Softmax", "LogSoftmax":
      let axes = try activation(node, 0)
      guard draft.isOpen, axes.sizes.count == 1 else {
        throw node.fault("stands inside the model; a student has ReLU alone there")
      }
      isFinished = true
      remarks.append("the final \(node.operation) was left out: a student gives logits and the same probabilities")
      return .activation(axes, step: draft.step)
    case "Sigmoid", "Tanh", "LeakyRelu", "Elu", "Gelu", "Selu", "PRelu", "HardSwish", "HardSigmoid", "Erf", "Softplus":
      throw node.fault("cannot be done by a student: its layers end in a ReLU; train the model with nn.ReLU instead")
    default:
      throw node.fault("cannot be done by a student; it knows \(Self.operations)")
    }
  }

  // MARK: What nodes read

  func value(_ node: OnnxNode, _ index: Int) throws(OnnxFault) -> Value {
    guard node.inputs.indices.contains(index), let value = values[node.inputs[index]] else {
      throw node.fault("reads something that no earlier node gives; export the model again")
    }
    return value
  }

  func hasInput(_ node: OnnxNode, _ index: Int) -> Bool {
    node.inputs.indices.contains(index) && !node.inputs[index].isEmpty
  }

  /// The chain's tensor, as the draft stands now.
  func activation(_ node: OnnxNode, _ index: Int) throws(OnnxFault) -> TensorAxes {
    guard case .activation(let axes, let step) = try value(node, index) else {
      throw node.fault("computes on constants alone; export the model with constant folding")
    }
    guard step == draft.step else {
      throw node.fault("reads the result of an earlier layer again; a student is one chain without branches or skips")
    }
    return axes
  }

  /// A constant of numbers.
  func weights(_ node: OnnxNode, _ index: Int) throws(OnnxFault) -> (dims: [Int], floats: [Float]) {
    guard case .constant(let tensor) = try value(node, index), let floats = tensor.floats else {
      throw node.fault("takes weights that are computed; a student's are constants")
    }
    return (tensor.dims, floats)
  }

  /// Whole numbers from a constant or from sizes.
  func list(_ node: OnnxNode, _ index: Int) throws(OnnxFault) -> [Int?] {
    switch try value(node, index) {
    case .sizes(let sizes): return sizes
    case .constant(let tensor):
      guard let ints = tensor.ints, ints.count <= OnnxModel.nodesMax else { break }
      return ints
    case .activation: break
    }
    throw node.fault("computes sizes in a way that depends on the part; export the model for a fixed part")
  }

  /// Axes given as an attribute (older operator sets) or as an input.
  func axisList(_ node: OnnxNode) throws(OnnxFault) -> [Int]? {
    if let axes = node.ints("axes") { return axes }
    guard hasInput(node, 1) else { return nil }
    return try list(node, 1).compactMap { $0 }
  }

  /// Changes the draft and says where the chain now is.
  mutating func changed(
    _ node: OnnxNode, _ axes: TensorAxes, _ change: (inout StudentDraft) throws(DraftFault) -> Void
  ) throws(OnnxFault) -> Value {
    do {
      try change(&draft)
    } catch {
      throw node.fault(error.what)
    }
    return .activation(axes, step: draft.step)
  }

  private func constant(_ node: OnnxNode) throws(OnnxFault) -> OnnxTensor {
    if let bytes = node.tensor("value") { return try bytes.tensor(beside: beside) }
    if let ints = node.ints("value_ints") { return OnnxTensor(dims: [ints.count], values: .ints(ints)) }
    if node.has("value_int") { return OnnxTensor(dims: [], values: .ints([node.int("value_int", default: 0)])) }
    if node.has("value_float") {
      return OnnxTensor(dims: [], values: .floats([node.float("value_float", default: 0)]))
    }
    throw node.fault("is a constant of a kind no student needs")
  }
}
