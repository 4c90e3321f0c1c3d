import ArgumentParser
import DataFiles
import Domain
import GroupDistil
import NeuralNet

/// Makes a line's first student from a file of parts.
struct Distill: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Distil a line's first student from a file of parts.",
    discussion: """
      Writes student.bin, teacher.json (and the teacher), definition.json and, last of all, report.json into --out.
      Progress comes as JSON lines on standard output. Exit codes: 64 usage, 65 bad data, 66 no such file, 69 no ONNX
      Runtime.
      """)

  @OptionGroup var options: DistillOptions

  func run() throws {
    let request = try options.request()
    let hiddenLayers = try options.hiddenLayers()
    let id = try LineID(options.line)
    let schema = try options.schema()
    try Failure.reporting { () throws(Failure) in
      try distill(request, id, schema, hiddenLayers)
    }
  }

  private func distill(
    _ request: PartsRequest, _ id: LineID, _ schema: GroupSchema, _ hiddenLayers: [StudentLayer]
  ) throws(Failure) {
    ProgressLines.tell(TrainingProgress(stage: "reading", fraction: 0, secondsLeft: nil))
    let table: PartsTable
    do throws(DataFault) {
      table = try PartsTable.read(path: options.data, request: request)
    } catch {
      throw Failure(error)
    }
    let definition = LineDefinition(
      id: id, schema: schema, input: table.input, featureNames: table.featureNames, classNames: table.classNames)
    let teacher = DistillTeacher(options)
    let job = try FirstStudentJob(table, definition: definition)
      .job(teacher: teacher, hiddenLayers: hiddenLayers, seed: options.seed)
    let learned: LearnedLine
    do throws(DistilError) {
      learned = try job.run(now: ProgressLines.seconds) { progress in
        ProgressLines.tell(progress)
        return .more
      }
    } catch {
      throw Failure(error)
    }
    guard let student = learned.student else {
      throw Failure(.data, "no student could be trained; \(learned.report.remarks.last ?? "no reason is known")")
    }
    let folder = try ResultFolder(making: options.out)
    try folder.writeBytes(student.bytes, as: RetrainSpec.studentFile)
    try teacher.save(learned.teacher, in: folder)
    try folder.writeJSON(definition, as: "definition.json")
    try folder.writeJSON(learned.report, as: RetrainSpec.reportFile)
  }
}
