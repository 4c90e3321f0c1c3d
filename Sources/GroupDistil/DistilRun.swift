import NeuralNet

/// The state of one run between two steps, with all the room a step needs.
struct DistilRun {
  private(set) var student: Student
  private(set) var weights: GroupWeights
  private(set) var skippedSteps = 0
  let slots: WeightSlots

  private let rows: TrainingRows
  private let unlabelled: UnlabelledRows?
  private let parameters: DistilParameters
  private let loss: DistillationLoss
  private let rowDrawer: BatchDrawer
  private let unlabelledDrawer: BatchDrawer?
  private let slotOfRow: [Int?]
  /// Rows of uncertain groups, with the slots they may be of.
  private let softSlots: [Int: [GroupShare]]
  private let mixup: InClassMixup?
  /// Rows that move the weights under `.heldOut`.
  private let weighing: TrainingRows?
  private let instructionSet: InstructionSet
  private var random: Generator
  private var optimizer: AdamW
  private var scratch: TrainingScratch
  private var batch: Batch

  init(
    student: Student, rows: TrainingRows, unlabelled: UnlabelledRows?, weighing: TrainingRows?,
    parameters: DistilParameters, seed: UInt64, on instructionSet: InstructionSet
  ) {
    self.student = student
    self.rows = rows
    self.unlabelled = parameters.unlabelledShare > 0 ? unlabelled : nil
    self.parameters = parameters
    self.weighing = weighing
    self.instructionSet = instructionSet
    let slots = WeightSlots(rows)
    self.slots = slots
    weights = GroupWeights(rowCounts: slots.rowCounts, parameters: parameters)
    loss = DistillationLoss(alpha: parameters.alpha, temperature: parameters.temperature)
    let softSlots = slots.shares(rows.softGroups)
    self.softSlots = softSlots
    // An uncertain row is drawn as often as the rows of its likeliest group.
    slotOfRow = rows.groups.enumerated().map { row, group in
      rows.softGroups[row] == nil
        ? slots.slotOfGroup[group] : softSlots[row]?.max { $0.share < $1.share }?.group
    }
    mixup = parameters.mixupBelow > 0 ? InClassMixup(rows, below: parameters.mixupBelow) : nil
    rowDrawer = BatchDrawer(slots: slotOfRow, slotCount: slots.rowCounts.count, draw: parameters.batches)
    unlabelledDrawer = self.unlabelled.map { unlabelled in
      BatchDrawer(groups: unlabelled.groups)
    }
    random = Generator(seed: seed)
    optimizer = AdamW(
      parameterCount: student.parameterCount, weightDecay: parameters.weightDecay, clipNorm: parameters.clipNorm,
      on: instructionSet)
    let rowCount = parameters.batchSize * (self.unlabelled == nil ? 1 : 2)
    scratch = student.makeTrainingScratch(rowCount: rowCount, on: instructionSet)
    batch = Batch(rowCount: rowCount, classCount: rows.classCount)
  }

  /// Step `number` of `parameters.stepCount`, counted from 1; a step without a finite loss and gradient is left out.
  mutating func step(_ number: Int) {
    if number > 1, (number - 1) % GroupWeights.heldOutInterval == 0 { weighHeldOut() }
    fillBatch()
    let rowCount = batch.labels.count
    let classCount = rows.classCount
    student.trainingLogits(batch.inputs, rowCount: rowCount, scratch: &scratch, into: &batch.logits)
    loss.evaluate(
      logits: batch.logits, labels: batch.labels, teacher: batch.teacher, classCount: classCount,
      losses: &batch.losses, gradient: &batch.gradient)
    guard batch.losses.allSatisfy(\.isFinite) else {
      skippedSteps += 1
      return
    }
    weighBatch()
    scaleRows(&batch.gradient, by: batch.rowWeights, classCount: classCount)
    student.backward(batch.gradient, rowCount: rowCount, scratch: &scratch)
    let rate = cosineDecay(base: parameters.learningRate, step: number - 1, stepCount: parameters.stepCount)
    if !optimizer.update(&student, gradient: scratch.gradient, learningRate: rate) { skippedSteps += 1 }
  }

  private mutating func fillBatch() {
    batch.clear()
    rowDrawer.draw(parameters.batchSize, into: &batch.rows, random: &random)
    for row in batch.rows {
      batch.labels.append(rows.labels[row])
      batch.slots.append(slotOfRow[row] ?? 0)
      if let shares = softSlots[row] { batch.softSlots[batch.labels.count - 1] = shares }
      batch.append(inputs: rows.inputs, row: row, width: rows.featureCount)
      if let teacher = rows.teacherLogits { batch.append(teacher: teacher, row: row, width: rows.classCount) }
      if let (partner, share) = mixup?.partner(of: row, in: rows, random: &random) {
        batch.mixLast(inputs: rows.inputs, row: partner, width: rows.featureCount, share: share)
        if let teacher = rows.teacherLogits {
          batch.mixLast(teacher: teacher, row: partner, width: rows.classCount, share: share)
        }
      }
    }
    guard let unlabelled, let unlabelledDrawer else { return }
    if rows.teacherLogits == nil {
      batch.teacher.append(contentsOf: repeatElement(0, count: parameters.batchSize * rows.classCount))
    }
    batch.rows.removeAll(keepingCapacity: true)
    unlabelledDrawer.draw(parameters.batchSize, into: &batch.rows, random: &random)
    for row in batch.rows {
      batch.labels.append(DistillationLoss.unlabelled)
      batch.append(inputs: unlabelled.inputs, row: row, width: unlabelled.featureCount)
      batch.append(teacher: unlabelled.teacherLogits, row: row, width: unlabelled.classCount)
    }
  }

  /// Moves the group weights by the cross-entropy of the rows set aside for it.
  private mutating func weighHeldOut() {
    guard case .heldOut = parameters.weighting, let weighing else { return }
    let logits = student.logits(weighing.inputs, rowCount: weighing.count, on: instructionSet)
    var losses = [Float](repeating: 0, count: weighing.count)
    var gradient = [Float](repeating: 0, count: logits.count)
    DistillationLoss(alpha: 0, temperature: 1).evaluate(
      logits: logits, labels: weighing.labels, teacher: [], classCount: weighing.classCount, losses: &losses,
      gradient: &gradient)
    var sums = [Double](repeating: 0, count: slots.rowCounts.count)
    var counts = [Int](repeating: 0, count: slots.rowCounts.count)
    for (group, loss) in zip(weighing.groups, losses) {
      guard let slot = slots.slotOfGroup[group] else { continue }
      sums[slot] += Double(loss)
      counts[slot] += 1
    }
    weights.update(heldOut: zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : nil }, rows: counts)
  }

  /// Moves the group weights by this batch's losses, then gives every row its part of its group's weight.
  private mutating func weighBatch() {
    let labelledCount = parameters.batchSize
    var sums = [Double](repeating: 0, count: slots.rowCounts.count)
    // Rows per slot, uncertain ones by their shares.
    var masses = sums
    for row in 0..<labelledCount {
      batch.forEachShare(of: row) { slot, share in
        sums[slot] += share * Double(batch.losses[row])
        masses[slot] += share
      }
    }
    weights.update(losses: zip(sums, masses).map { $1 > 0 ? $0 / $1 : nil })
    let present = zip(weights.weights, masses).reduce(0) { $1.1 > 0 ? $0 + $1.0 : $0 }
    // Uniform batches were measured without renormalising over the groups present, the others with it.
    let scale = parameters.batches == .uniform ? 1 : 1 / present
    let share = unlabelled == nil ? 0 : parameters.unlabelledShare
    for row in 0..<labelledCount {
      var weight = 0.0
      if parameters.weighting == .none {
        weight = 1 / Double(labelledCount)
      } else {
        batch.forEachShare(of: row) { slot, part in
          weight += part * weights.weights[slot] * scale / masses[slot]
        }
      }
      batch.rowWeights[row] = Float((1 - share) * weight)
    }
    for row in labelledCount..<batch.labels.count {
      batch.rowWeights[row] = Float(share / Double(batch.labels.count - labelledCount))
    }
  }
}

/// One step's rows side by side; the arrays keep their room from step to step.
private struct Batch {
  var rows: [Int] = []
  var inputs: [Float] = []
  var labels: [Int] = []
  var slots: [Int] = []
  /// By position in the batch: rows that count for several slots.
  var softSlots: [Int: [GroupShare]] = [:]
  var teacher: [Float] = []
  var logits: [Float]
  var losses: [Float]
  var gradient: [Float]
  var rowWeights: [Float]

  init(rowCount: Int, classCount: Int) {
    logits = Array(repeating: 0, count: rowCount * classCount)
    losses = Array(repeating: 0, count: rowCount)
    gradient = logits
    rowWeights = losses
  }

  mutating func clear() {
    rows.removeAll(keepingCapacity: true)
    inputs.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    slots.removeAll(keepingCapacity: true)
    softSlots.removeAll(keepingCapacity: true)
    teacher.removeAll(keepingCapacity: true)
  }

  mutating func append(inputs values: [Float], row: Int, width: Int) {
    inputs.append(contentsOf: values[(row * width)..<((row + 1) * width)])
  }

  mutating func append(teacher values: [Float], row: Int, width: Int) {
    teacher.append(contentsOf: values[(row * width)..<((row + 1) * width)])
  }

  func forEachShare(of position: Int, _ body: (_ slot: Int, _ share: Double) -> Void) {
    guard !softSlots.isEmpty, let shares = softSlots[position] else { return body(slots[position], 1) }
    for share in shares { body(share.group, share.share) }
  }

  mutating func mixLast(inputs values: [Float], row: Int, width: Int, share: Float) {
    mix(&inputs, with: values, row: row, width: width, share: share)
  }

  mutating func mixLast(teacher values: [Float], row: Int, width: Int, share: Float) {
    mix(&teacher, with: values, row: row, width: width, share: share)
  }

  private func mix(_ batch: inout [Float], with values: [Float], row: Int, width: Int, share: Float) {
    let start = batch.count - width
    for index in 0..<width {
      batch[start + index] += share * (values[row * width + index] - batch[start + index])
    }
  }
}
