import Domain
import GroupDistil
import NeuralNet

/// What can be said of a line before it is trained.
extension FirstLine {
  /// Parts the student is timed on: more than the caches hold, as parts of a plant are.
  private static let timedParts = 256

  func check(trainingSeconds: Double?) -> LineCheck {
    let rows = job.rows
    let parts = Array(rows.inputs.prefix(min(rows.count, Self.timedParts) * rows.featureCount))
    let latency = LatencyMeasurement.figures(of: shape, parts: parts)
    return LineCheck(
      groups: folds(rows.groups, names: job.groupNames), classes: folds(rows.labels, names: definition.classNames),
      unlabelledRows: job.unlabelledGroups.count, input: definition.input, student: shape.figures, latency: latency,
      teacher: teacherSentence, trainingSeconds: trainingSeconds, warnings: warnings(latency))
  }

  private func folds(_ indexes: [Int], names: [String]) -> [NamedFolds] {
    var counts = [[Int]](repeating: [0, 0, 0], count: names.count)
    for (index, fold) in zip(indexes, job.folds.folds) {
      switch fold {
      case .train: counts[index][0] += 1
      case .select: counts[index][1] += 1
      case .heldOut: counts[index][2] += 1
      case .unused: break
      }
    }
    return zip(names, counts).map { NamedFolds(name: $0, train: $1[0], select: $1[1], heldOut: $1[2]) }
  }

  private var teacherSentence: String {
    switch job.teacher {
    case .absent(let reason): return "none, because \(reason)"
    case .answers(let name, _, _): return "\(name), which answers for all rows of the file"
    case .train(let parameters):
      let layers = parameters.layers(for: definition.input)
      let size = (try? StudentShape(input: definition.input, hiddenLayers: layers, classCount: shape.classCount))
        .map { " (\($0.parameterCount) parameters)" }
      return "a network of hidden layers \(layers.map(\.description).joined(separator: ","))\(size ?? ""), trained here"
        + " on the labels before the student"
    }
  }

  /// Begun, timed and thrown away.
  private static let rehearsalSeconds = 3.0

  /// Seconds the whole training would take at the pace of its first seconds.
  /// - Throws: `Failure` where the training would end in one.
  func rehearse() throws(Failure) -> Double {
    let began = ProgressLines.seconds()
    var fraction = 0.0
    do throws(DistilError) {
      _ = try job.run(now: ProgressLines.seconds) { progress in
        fraction = progress.fraction
        return ProgressLines.seconds() - began < Self.rehearsalSeconds || fraction == 0 ? .more : .stop
      }
      return ProgressLines.seconds() - began
    } catch .stoppedEarly {
      return (ProgressLines.seconds() - began) / fraction
    } catch {
      throw Failure(error)
    }
  }
}
