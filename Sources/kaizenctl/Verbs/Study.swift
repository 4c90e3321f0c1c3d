import ArgumentParser
import ControlText
import DataFiles
import Domain
import Wire

struct Study: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show on a file of labelled parts what each way of training gives.",
    discussion: """
      Needs no daemon and changes nothing. Rows are divided by the file's own column "split" (train, val, test), else in \
      time order within every group and class. All methods get the same rows, student and teacher; every seed is a \
      training of its own. Methods: \(StudyMethod.allCases.map(\.rawValue).joined(separator: ", ")). Besides what `line \
      add` knows, --teacher takes erm or dro: a teacher trained here plainly or robustly over groups; train takes the \
      better of the two.
      """)

  @OptionGroup var options: GlobalOptions
  @OptionGroup(title: "Parts") var parts: PartsOptions
  @OptionGroup(title: "Study") var study: StudyOptions

  func run() async throws {
    try await options.reporting {
      let interruption = try Interruption.install()
      let folder = try DistilledFolder.make()
      defer { folder.remove() }
      let arguments =
        parts.trainerArguments + study.trainerArguments + ["--line=study", "--out=\(folder.path)"]
      let display = ProgressDisplay(output: options.output)
      try Distillation(verb: .study, arguments: arguments, display: display, interruption: interruption).run()
      let report = try folder.study()
      try options.output.show(StudyText(report, page: study.html), json: OperatorCoding.bytes(report))
    }
  }
}

/// What is compared, and how often.
struct StudyOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The methods to compare, or all.", valueName: "a,b,...|all"))
  var methods = "erm,balanced,kd,kd-balanced,groupdistil,portfolio"
  @Option(help: "Trainings of each method, from --seed (1) on.") var seeds = 5
  @Option(help: "Optimizer steps of one training (else the recipe's own).") var steps: Int?
  @Option(help: ArgumentHelp("A page with plots to write, complete in itself.", valueName: "file")) var html: String?

  /// What stands for every method there is.
  static let allKeyword = "all"
  /// More seeds narrow nothing: the test rows are the limit long before.
  static let seedsMax = 100
  /// A student that has not learned by then does not.
  static let stepsMax = 100_000

  func validate() throws {
    _ = try chosenMethods()
    guard (1...Self.seedsMax).contains(seeds) else {
      throw ValidationError("--seeds is 1 to \(Self.seedsMax) (got \(seeds)).")
    }
    if let steps, !(1...Self.stepsMax).contains(steps) {
      throw ValidationError("--steps is 1 to \(Self.stepsMax) (got \(steps)).")
    }
    if let html, html.isEmpty { throw ValidationError("--html needs a file, got an empty text.") }
  }

  func chosenMethods() throws -> [StudyMethod] {
    if methods == Self.allKeyword { return StudyMethod.allCases }
    var chosen: [StudyMethod] = []
    for word in methods.split(separator: ",").map({ $0.filter { $0 != " " } }) {
      guard let method = StudyMethod(rawValue: word) else { throw ValidationError(Self.unknown(word)) }
      guard !chosen.contains(method) else { throw ValidationError("--methods names \(word) twice.") }
      chosen.append(method)
    }
    guard !chosen.isEmpty else { throw ValidationError("--methods needs at least one method.") }
    return chosen
  }

  private static func unknown(_ word: String) -> String {
    let names = StudyMethod.allCases.map(\.rawValue)
    let hint = nearestName(to: word, among: names).map { "did you mean \"\($0)\"?" }
    return "--methods: there is no method \"\(word)\"; "
      + (hint ?? "there are \(names.joined(separator: ", ")), and all for every one.")
  }

  var trainerArguments: [String] {
    let chosen = (try? chosenMethods()) ?? []
    return chosen.map { "--method=\($0.rawValue)" } + ["--seeds=\(seeds)"] + (steps.map { ["--steps=\($0)"] } ?? [])
      + (html.map { ["--html=\($0)"] } ?? [])
  }
}
