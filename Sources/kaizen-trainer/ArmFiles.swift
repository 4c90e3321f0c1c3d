import Domain
import FoundationEssentials
import GroupDistil
import NeuralNet

/// Arms that a run has finished, each a file of its folder, so that a run can go on where it was broken off.
struct ArmFiles {
  private let folder: ResultFolder
  /// The sum of the rows that the arms were made from.
  private let rows: String

  init(_ folder: ResultFolder, rows: String) {
    self.folder = folder
    self.rows = rows
  }

  private struct Content: Codable {
    let rows: String
    let instructionSet: String
    let report: ArmReport
    /// A student's bytes in base64.
    let student: Data?
    /// Of the run until then.
    let cost: TrainingCost
  }

  /// Nil for an arm that no attempt has finished, and for what is damaged or made otherwise: it is made again then.
  func recall(_ arm: String) -> FinishedArm? {
    guard let content = content(arm) else { return nil }
    guard let bytes = content.student else {
      return content.report.skipped == nil ? nil : FinishedArm(report: content.report, student: nil)
    }
    guard let student = try? Student(bytes: Array(bytes)) else { return nil }
    return FinishedArm(report: content.report, student: student)
  }

  func keep(_ arm: FinishedArm, cost: TrainingCost) throws(Failure) {
    let content = Content(
      rows: rows, instructionSet: InstructionSet.best.name, report: arm.report,
      student: arm.student.map { Data($0.bytes) }, cost: cost)
    let bytes: [UInt8]
    do {
      bytes = try Array(JSONEncoder().encode(content))
    } catch {
      throw Failure(.software, "the arm \(arm.report.name) cannot be written down: \(error)")
    }
    try folder.writeSealed(bytes, as: Self.file(arm.report.name))
  }

  /// What earlier attempts cost until the last arm they finished.
  func costSoFar(_ arms: [String]) -> TrainingCost {
    arms.compactMap { content($0)?.cost }.reduce(TrainingCost(cpuSeconds: 0, pausedSeconds: 0, peakBytes: 0)) {
      TrainingCost(
        cpuSeconds: max($0.cpuSeconds, $1.cpuSeconds), pausedSeconds: max($0.pausedSeconds, $1.pausedSeconds),
        peakBytes: max($0.peakBytes, $1.peakBytes))
    }
  }

  func removeAll(_ arms: [String]) {
    for arm in arms { folder.remove(Self.file(arm)) }
  }

  private func content(_ arm: String) -> Content? {
    guard let bytes = folder.readSealed(Self.file(arm)),
      let content = try? JSONDecoder().decode(Content.self, from: Data(bytes)), content.rows == rows,
      content.instructionSet == InstructionSet.best.name, content.report.name == arm
    else { return nil }
    return content
  }

  /// `arm-own-head.json`.
  private static func file(_ arm: String) -> String {
    "arm-" + arm.map { $0 == " " ? "-" : $0 } + ".json"
  }
}
