/// How many inputs, hidden units and classes a student has; every layer but the last ends in a ReLU.
public struct StudentShape: Sendable, Hashable {
  public let inputCount: Int
  public let hiddenWidths: [Int]
  public let classCount: Int
  /// One entry per dense layer, in order.
  let layers: [DenseLayer]
  public let parameterCount: Int

  /// A 64 x 64 image; more features belong behind a feature extractor.
  public static let maximumInputCount = 4096
  /// Deeper plain networks do not train well without normalisation layers.
  public static let maximumHiddenLayers = 8
  /// Four times the widest teacher the design measured.
  public static let maximumWidth = 1024
  /// More outcome classes than a person tells apart.
  public static let maximumClassCount = 256
  /// 16 MB of parameters: a retraining must fit a small machine.
  public static let maximumParameterCount = 4_000_000

  /// - Throws: `InvalidShape` when a size is out of the bounds above.
  public init(inputCount: Int, hiddenWidths: [Int], classCount: Int) throws(InvalidShape) {
    guard (1...Self.maximumInputCount).contains(inputCount) else {
      throw InvalidShape("a student takes 1 to \(Self.maximumInputCount) features, got \(inputCount)")
    }
    guard hiddenWidths.count <= Self.maximumHiddenLayers else {
      throw InvalidShape("a student has at most \(Self.maximumHiddenLayers) hidden layers, got \(hiddenWidths.count)")
    }
    for width in hiddenWidths where !(1...Self.maximumWidth).contains(width) {
      throw InvalidShape("a hidden layer has 1 to \(Self.maximumWidth) units, got \(width)")
    }
    guard (2...Self.maximumClassCount).contains(classCount) else {
      throw InvalidShape("a student tells 2 to \(Self.maximumClassCount) classes apart, got \(classCount)")
    }
    var layers: [DenseLayer] = []
    var offset = 0
    var width = inputCount
    for next in hiddenWidths + [classCount] {
      layers.append(DenseLayer(inputCount: width, outputCount: next, weightOffset: offset))
      offset += (width + 1) * next
      width = next
    }
    guard offset <= Self.maximumParameterCount else {
      throw InvalidShape(
        "a student has at most \(Self.maximumParameterCount) parameters, this one would have \(offset)")
    }
    self.inputCount = inputCount
    self.hiddenWidths = hiddenWidths
    self.classCount = classCount
    self.layers = layers
    self.parameterCount = offset
  }
}

/// Where one layer's weights [inputCount, outputCount] and then its bias [outputCount] stand among the parameters.
struct DenseLayer: Sendable, Hashable {
  let inputCount: Int
  let outputCount: Int
  let weightOffset: Int
  var biasOffset: Int { weightOffset + inputCount * outputCount }
}

/// A size no student can have, as a sentence.
public struct InvalidShape: Error, Equatable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
