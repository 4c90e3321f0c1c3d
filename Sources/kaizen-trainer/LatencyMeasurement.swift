import Domain
import NeuralNet

/// Times students one part at a time, as they are asked when they serve.
enum LatencyMeasurement {
  /// Enough for a 99th percentile that a single interruption does not make.
  static let passesMaximum = 500
  /// A student so slow that this many take longer than `secondsMaximum` needs no finer figure.
  static let passesMinimum = 20
  static let secondsMaximum = 1.0
  /// Passes before the clock counts: caches and the processor's frequency settle.
  private static let warmPasses = 20

  /// - Parameter parts: rows of a file `[count, inputCount]`, asked about in turn; one at least.
  static func figures(of shape: StudentShape, parts: [Float]) -> LatencyFigures {
    let student = Student(shape: shape, standardizer: Standardizer(fitting: parts, input: shape.input), seed: 1)
    let times = times(of: student, parts: parts)
    let speed = Speed.here(for: shape.input)
    let gigaflops = Double(2 * shape.multiplyAddCount) / 1e9
    return LatencyFigures(
      predictedMicroseconds: (speed.callSeconds + gigaflops / speed.gigaflopsPerSecond) * 1e6,
      referenceGigaflopsPerSecond: speed.gigaflopsPerSecond, medianMicroseconds: times[times.count / 2] * 1e6,
      p99Microseconds: times[min(times.count - 1, times.count * 99 / 100)] * 1e6, passes: times.count)
  }

  /// Milliseconds of one answer, the median: other work on the machine must not make a student look slow.
  static func medianMs(of student: Student, parts: [Float]) -> Double {
    let times = times(of: student, parts: parts)
    return times[times.count / 2] * 1e3
  }

  /// Seconds of each pass, sorted.
  private static func times(of student: Student, parts: [Float]) -> [Double] {
    let width = student.shape.inputCount
    let rowCount = parts.count / width
    var scratch = student.makeScratch(rowCount: 1)
    var logits = [Float](repeating: 0, count: student.shape.classCount)
    var times: [Double] = []
    let began = ProgressLines.seconds()
    for pass in 0..<(warmPasses + passesMaximum) {
      let start = pass % rowCount * width
      let before = ProgressLines.seconds()
      var span = logits.mutableSpan
      student.logits(
        parts.span.extracting(start..<start + width), rowCount: 1, scratch: &scratch, into: &span)
      let after = ProgressLines.seconds()
      if pass >= warmPasses { times.append(after - before) }
      if times.count >= passesMinimum, after - began > secondsMaximum { break }
    }
    return times.sorted()
  }

  /// What a machine makes of arithmetic, measured on students whose arithmetic is known.
  private struct Speed {
    /// Of a student that computes next to nothing.
    let callSeconds: Double
    let gigaflopsPerSecond: Double

    /// The usual student for a usual part of the kind stands for all of that kind.
    static func here(for input: InputShape) -> Speed {
      let empty = median(.vector(count: 1), [])
      let (reference, layers): (InputShape, [StudentLayer]) =
        switch input {
        case .vector: (.vector(count: 64), [.dense(width: 64), .dense(width: 64)])
        case .window: usual(.window(channels: 1, length: 1024))
        case .image: usual(.image(height: 28, width: 28, channels: 1))
        }
      let (seconds, gigaflops) = median(reference, layers)
      return Speed(
        callSeconds: empty.seconds, gigaflopsPerSecond: gigaflops / max(seconds - empty.seconds, 1e-9))
    }

    private static func usual(_ input: InputShape) -> (InputShape, [StudentLayer]) {
      (input, StudentShape.usualLayers(for: input))
    }

    private static func median(_ input: InputShape, _ layers: [StudentLayer]) -> (seconds: Double, gigaflops: Double) {
      guard let shape = try? StudentShape(input: input, hiddenLayers: layers, classCount: 6) else {
        preconditionFailure("the reference students have shapes that are in order")
      }
      let student = Student(shape: shape, standardizer: Standardizer(identity: input.count), seed: 1)
      var random = Generator(seed: 1)
      let part = (0..<input.count).map { _ in Float(random.normal()) }
      let times = LatencyMeasurement.times(of: student, parts: part)
      return (times[times.count / 2], Double(2 * shape.multiplyAddCount) / 1e9)
    }
  }
}
