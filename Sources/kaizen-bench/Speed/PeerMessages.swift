import NeuralNet

/// What is asked of the programs in Python, one line of JSON each; every question gets one line in answer.
struct PeerQuestion: Encodable {
  enum Kind: String, Encodable { case hello, train, infer, run, memory }

  var kind: Kind
  /// With `train` and `infer`: what to prepare.
  var work: PeerWork?
  /// With `run`: how often to do what was prepared last.
  var count: Int?
}

/// A student and a batch, in full, so that no shape is written down twice.
struct PeerWork: Encodable {
  /// Of one part: rows, columns, channels; rows is 1 for signals and vectors.
  let input: [Int]
  let layers: [PeerLayer]
  let classCount: Int
  let rowCount: Int
  /// What `BenchBatch.write` wrote.
  let dataPath: String
  /// With `infer`: where the ONNX file is to be written.
  let modelPath: String?
  let alpha: Float
  let temperature: Float
  let learningRate: Float
  /// Whether PyTorch may choose the fastest of several layouts and optimizers.
  let tuned: Bool

  init(shape: StudentShape, rowCount: Int, dataPath: String, modelPath: String?, tuned: Bool) {
    let first = shape.layers[0].input
    input = [first.height, first.width, first.channels]
    layers = shape.layers.map { PeerLayer($0) }
    classCount = shape.classCount
    self.rowCount = rowCount
    self.dataPath = dataPath
    self.modelPath = modelPath
    alpha = benchLoss.alpha
    temperature = benchLoss.temperature
    learningRate = OwnTraining.learningRate
    self.tuned = tuned
  }
}

struct PeerLayer: Encodable {
  let kind: String
  /// Rows, columns and channels.
  let input: [Int]
  let output: [Int]
  var kernel = 0
  var stride = 0
  var padding = 0

  init(_ layer: StudentShape.Layer) {
    input = [layer.input.height, layer.input.width, layer.input.channels]
    output = [layer.output.height, layer.output.width, layer.output.channels]
    switch layer.kind {
    case .dense: kind = "dense"
    case .convolution(_, let kernel, let stride, let padding):
      kind = "convolution"
      (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
    case .maxPool(let size):
      kind = "max"
      (kernel, stride) = (size, size)
    case .averagePool(let size):
      kind = "average"
      (kernel, stride) = (size, size)
    case .globalAveragePool: kind = "mean"
    }
  }
}

/// One line of answer; which members are there depends on the question.
struct PeerAnswer: Decodable {
  /// A sentence; nothing else is there then.
  var error: String?
  /// To `hello`.
  var torch: String?
  var onnxruntime: String?
  /// Path of libonnxruntime.so.
  var library: String?
  /// To `train` and `infer`: what it computed, and which way of computing it was the fastest.
  var answer: [Double]?
  var variant: String?
  /// To `run`: seconds of processor time.
  var seconds: Double?
  /// To `memory`: highest resident memory.
  var kilobytes: Int?
}
