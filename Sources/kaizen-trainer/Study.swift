import ArgumentParser
import Domain
import FoundationEssentials
import GroupDistil
import NeuralNet
import Report

extension StudyMethod: ExpressibleByArgument {}

/// Compares ways of training on one file of parts.
struct Study: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare ways of training on a file of parts; started by kaizenctl.",
    discussion: """
      Writes study.json into --out and, where asked for, the page. Progress comes as JSON lines on standard output.
      Exit codes as those of distill.
      """)

  @OptionGroup var options: DistillOptions
  @Option(help: "A method; repeated, in the order of the results.") var method: [StudyMethod]
  @Option(help: "How many seeds, from --seed on.") var seeds = 5
  @Option(help: "Optimizer steps of one training; else the recipe's own.") var steps: Int?
  @Option(help: "Page to write.") var html: String?

  func validate() throws {
    guard !method.isEmpty, seeds > 0, steps.map({ $0 > 0 }) ?? true else {
      throw ValidationError("a study has at least one method, one seed and one step")
    }
    guard options.seed.addingReportingOverflow(UInt64(seeds)).overflow == false else {
      throw ValidationError("--seed leaves no room for \(seeds) seeds")
    }
  }

  func run() throws {
    LowPriority.enter()
    try Failure.reporting { () throws(Failure) in
      let page = try html.map { path throws(Failure) in try PageFile(path) }
      let folder = try ResultFolder(making: options.out)
      let report = try study()
      if let page { try page.write(StudyPage(report).html) }
      try folder.writeJSON(report, as: StudyReport.resultFile)
    }
  }

  private func study() throws(Failure) -> StudyReport {
    let start = ProgressLines.seconds()
    let file = try StudyFile.read(options, steps: steps)
    let numbers = (0..<UInt64(seeds)).map { options.seed + $0 }
    let workers = StudyWorkers(file: file, methods: method, seeds: numbers)
    let ends = try workers.run()
    let examination = ends.first?.examination
    let groups = file.groups(teacher: examination)
    let summary = StudySummary(runs: ends.flatMap(\.runs), methods: method, groups: groups)
    guard !summary.results.isEmpty else {
      throw Failure(.data, "no method could be trained: " + (ends.first?.failures.first ?? "no reason is known"))
    }
    return StudyReport(
      results: summary.results, chosen: summary.chosen, differences: summary.differences,
      sentences: StudyFindings(summary, unlabelledRows: file.unlabelledRows).sentences,
      file: options.data.split(separator: "/").last.map { String($0) } ?? options.data, groups: groups,
      student: StudyStudent(
        description: file.studentText, parameters: file.recipe.shape.parameterCount),
      teacher: examination.map { StudyTeacherReport(name: $0.name, verdict: $0.verdict, sentence: $0.sentence) },
      seeds: numbers, weights: summary.weights, instructionSet: InstructionSet.best.name,
      seconds: ProgressLines.seconds() - start, remarks: file.remarks + ends.flatMap(\.failures))
  }
}
