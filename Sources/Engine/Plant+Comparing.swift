import Domain
import NeuralNet
import Policy

/// Comparing a challenger with the students before it, on parts whose outcome has come.
extension Plant {
  /// Rows read and compared at once: of pictures, some tens of megabytes.
  private static let rowsAtOnce = 256
  /// What all trials of a line may take of the plant's thread at one look; a student may be slow.
  private static let timeMaximum = Duration.milliseconds(100)

  /// Goes on with every trial of a line, up to parts of an age at which outcomes count. Inside a ledger transaction.
  /// - Returns: false when more is left than one look takes.
  func compareTrials(_ line: inout LineState, now: Timestamp) throws(StorageFailure) -> Bool {
    let watermark = now.advanced(hours: -line.maturityHours)
    let began = ContinuousClock.now
    for index in line.trials.indices {
      while true {
        let trial = line.trials[index]
        let rows = try ledger.matured(
          line: line.id, after: trial.watch.cursor, watermark: watermark, future: now.advanced(hours: 1),
          limit: Self.rowsAtOnce, inputs: .ofLabelled)
        guard let last = rows.last else { break }
        line.trials[index].watch.compare(rows, trial, line)
        line.trials[index].watch.cursor = last.row
        if ContinuousClock.now - began > Self.timeMaximum { return false }
      }
    }
    return true
  }
}

extension TrialWatch {
  /// Adds labelled rows that one of the two students answered; what the other would have answered is computed.
  fileprivate mutating func compare(_ rows: [MaturedPrediction], _ trial: TrialState, _ line: LineState) {
    let definition = line.definition
    let record = trial.record
    let shift = definition.schema.attributes.firstIndex(of: Self.shiftAttribute)
    var asked: [ModelVersion: [(row: MaturedPrediction, cell: Cell, label: Int)]] = [:]
    var unknown = 0
    for row in rows {
      let cell = line.aliases.isEmpty ? row.cell : line.aliases.canonical(row.cell)
      guard let label = row.label, record.covers(cell), !line.retired.contains(PartSlice(values: cell.values)) else {
        continue
      }
      let before = record.versionBefore(cell)
      let other = row.version == record.version ? before : record.version
      // Asked for by number, or by a student that has gone: it says nothing of these two.
      guard row.version == record.version || row.version == before else { continue }
      guard row.inputs?.count == definition.featureCount else {
        unknown += 1
        continue
      }
      if let shift { see(shift: cell.values[shift]) }
      asked[other, default: []].append((row, cell, label))
    }
    var comparisons: [Comparison] = []
    var unusable = 0
    for (version, parts) in asked {
      guard let student = version == record.version ? trial.challenger : trial.before[version] else { continue }
      let answers = student.classes(parts.map { $0.row.inputs ?? [] })
      for (part, answer) in zip(parts, answers) {
        if answer == nil, version == record.version { unusable += 1 }
        let isOtherRight = answer == part.label
        let isServedRight = part.row.predictedClass == part.label
        let isChallenger = version == record.version
        comparisons.append(
          Comparison(
            group: definition.schema.group(cell: part.cell, label: part.label), day: part.row.time.day,
            isChallengerRight: isChallenger ? isOtherRight : isServedRight,
            isBeforeRight: isChallenger ? isServedRight : isOtherRight))
      }
    }
    count(comparisons, unusable: unusable, unknown: unknown)
  }
}

extension Student {
  /// The class it answers to each part; nil where its answer is not finite.
  fileprivate func classes(_ parts: [[Float]]) -> [Int?] {
    let inputs = parts.flatMap { part in part.allSatisfy(\.isFinite) ? part : standardizer.fillingIn(part) }
    let all = logits(inputs, rowCount: parts.count)
    let width = shape.classCount
    return parts.indices.map { index in
      let row = all[index * width..<(index + 1) * width]
      return row.allSatisfy(\.isFinite) ? topClass(Array(row)).index : nil
    }
  }
}
