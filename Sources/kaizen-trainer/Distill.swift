import ArgumentParser
import Domain
import GroupDistil
import NeuralNet

/// Makes a line's first student from a file of parts.
struct Distill: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Distil a line's first student from a file of parts.",
    discussion: """
      Writes check.json before it trains, then student.bin, teacher.json (and the teacher), definition.json and, last of
      all, report.json into --out. Progress comes as JSON lines on standard output. Exit codes: 64 usage, 65 bad data,
      66 no such file, 69 no ONNX Runtime.
      """)

  @OptionGroup var options: DistillOptions

  func run() throws {
    try Failure.reporting { () throws(Failure) in
      let line = try FirstLine.read(options)
      let folder = try ResultFolder(making: options.out)
      try folder.writeJSON(line.check(trainingSeconds: nil), as: LineCheck.file)
      try distill(line, into: folder)
    }
  }

  private func distill(_ line: FirstLine, into folder: ResultFolder) throws(Failure) {
    let learned: LearnedLine
    do throws(DistilError) {
      learned = try line.job.run(now: ProgressLines.seconds) { progress in
        ProgressLines.tell(progress)
        return .more
      }
    } catch {
      throw Failure(error)
    }
    guard let student = learned.student else {
      throw Failure(.data, "no student could be trained; \(learned.report.remarks.last ?? "no reason is known")")
    }
    try folder.writeBytes(student.bytes, as: RetrainSpec.studentFile)
    try line.teacher.save(learned.teacher, in: folder)
    try folder.writeJSON(line.definition, as: "definition.json")
    try folder.writeJSON(learned.report, as: RetrainSpec.reportFile)
  }
}

/// Says what a file of parts would make of a line.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say what a file of parts would make of a line, and how long that would take.",
    discussion: """
      Writes check.json into --out and nothing else. The training is begun to time it, for some seconds, and thrown
      away. Exit codes as those of distill.
      """)

  @OptionGroup var options: DistillOptions

  func run() throws {
    try Failure.reporting { () throws(Failure) in
      let line = try FirstLine.read(options)
      let check = line.check(trainingSeconds: try line.rehearse())
      try ResultFolder(making: options.out).writeJSON(check, as: LineCheck.file)
    }
  }
}
