import Domain

/// Hidden layers as people write them: words between commas.
///
/// | word | layer |
/// |---|---|
/// | `64` | dense, 64 units |
/// | `conv16k3` | convolution, 16 channels, kernel 3, stride 1; `conv16k64s8` stride 8, `p0` at the end: no padding |
/// | `max2`, `avg2` | largest or mean of 2 (pictures: 2 x 2) neighbours |
/// | `mean` | mean over all positions |
extension StudentLayer: CustomStringConvertible {
  /// Hidden layers of a text such as `conv16k3,max2,conv32k3,max2,64`; blanks around words do no harm.
  ///
  /// - Throws: `InvalidShape` naming the word that is none.
  public static func list(_ text: String) throws(InvalidShape) -> [StudentLayer] {
    var layers: [StudentLayer] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let word = word.filter { $0 != " " }
      guard let layer = StudentLayer(word) else {
        throw InvalidShape(
          "\"\(word)\" is no layer; write 64 (dense), conv16k3 (16 channels, kernel 3; conv16k64s8 with stride 8), max2,"
            + " avg2 or mean, with commas between")
      }
      layers.append(layer)
    }
    return layers
  }

  public var description: String {
    switch self {
    case .dense(let width): return "\(width)"
    case .convolution(let channels, let kernel, let stride, let padding):
      let usual = self == .convolution(channels: channels, kernel: kernel, stride: stride)
      return "conv\(channels)k\(kernel)" + (stride == 1 ? "" : "s\(stride)") + (usual ? "" : "p\(padding)")
    case .maxPool(let size): return "max\(size)"
    case .averagePool(let size): return "avg\(size)"
    case .globalAveragePool: return "mean"
    }
  }

  private init?(_ word: String) {
    if word == "mean" {
      self = .globalAveragePool
    } else if let width = Int(word) {
      self = .dense(width: width)
    } else if word.hasPrefix("max"), let size = Int(word.dropFirst(3)) {
      self = .maxPool(size: size)
    } else if word.hasPrefix("avg"), let size = Int(word.dropFirst(3)) {
      self = .averagePool(size: size)
    } else if word.hasPrefix("conv"), let convolution = Self.convolution(word.dropFirst(4)) {
      self = convolution
    } else {
      return nil
    }
  }

  /// `16k3`, `16k64s8`, `16k3s1p0`.
  private static func convolution(_ text: Substring) -> StudentLayer? {
    var numbers: [Character: Int] = [:]
    var key: Character = "c"
    var digits = ""
    for character in text + "." {
      if character.isASCII, character.isNumber {
        digits.append(character)
        continue
      }
      guard let number = Int(digits), numbers[key] == nil else { return nil }
      numbers[key] = number
      key = character
      digits = ""
    }
    guard let channels = numbers["c"], let kernel = numbers["k"],
      numbers.keys.allSatisfy({ "cksp".contains($0) })
    else { return nil }
    let stride = numbers["s"] ?? 1
    // Sizes out of all bounds stay as they are, for the shape to refuse.
    guard let padding = numbers["p"], kernel <= StudentShape.maximumKernel else {
      return kernel <= StudentShape.maximumKernel
        ? .convolution(channels: channels, kernel: kernel, stride: stride)
        : .convolution(channels: channels, kernel: kernel, stride: stride, padding: 0)
    }
    return .convolution(channels: channels, kernel: kernel, stride: stride, padding: padding)
  }
}

extension StudentShape {
  /// The hidden layers that do well on most lines with such an input.
  public static func usualLayers(for input: InputShape) -> [StudentLayer] {
    switch input {
    case .vector: [.dense(width: 32)]
    case .window(_, let length): usualLayers(length: length)
    case .image(let height, let width, _): usualLayers(height: height, width: width)
    }
  }

  private static func usualLayers(length: Int) -> [StudentLayer] {
    guard length >= 32 else { return [.dense(width: 32)] }
    // A long window is thinned out by its first kernel, which then sees several periods of the signal.
    let first: StudentLayer =
      length >= 512
      ? .convolution(channels: 16, kernel: 64, stride: 8) : .convolution(channels: 16, kernel: 16, stride: 2)
    return [first, .maxPool(size: 2), .convolution(channels: 32, kernel: 3), .globalAveragePool]
  }

  private static func usualLayers(height: Int, width: Int) -> [StudentLayer] {
    guard min(height, width) >= 8 else { return [.dense(width: 32)] }
    var layers: [StudentLayer] = []
    var (rows, columns, channels) = (height, width, 16)
    // Halved until some seven positions a side are left: the head then stays small whatever the camera.
    while min(rows, columns) >= 8, channels <= 64 {
      layers += [.convolution(channels: channels, kernel: 3), .maxPool(size: 2)]
      (rows, columns, channels) = (rows / 2, columns / 2, channels * 2)
    }
    return layers + (min(rows, columns) > 8 ? [.globalAveragePool] : [])
  }
}
