import ArgumentParser
import Domain
import PlantSimulation
import Wire

struct ReplayVerb: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Stream the rows of a data file as parts of a line, in event time.",
    discussion: "Ends with each group's accuracy beside that of the student that served at the start, frozen.")

  @Argument(help: "The line the parts belong to.") var line: String
  @Option(help: "Data file, .csv or .csv.gz.") var data: String
  @Option(help: "First row, counted from 1 below the header.") var fromRow = 1
  @Option(help: "Last row; without it all.") var toRow: Int?
  @Option(help: "Column of the true class.") var label = "label"
  @Option(help: "Column of RFC 3339 times.") var timeColumn: String?
  @Option(help: "Column of dates; the parts of a day are spread over its 24 hours.") var dateColumn: String?
  @Option(help: "For files without times: so many parts make a day.") var partsPerDay = 1000
  @OptionGroup var options: StreamOptions

  func validate() throws {
    guard fromRow >= 1, toRow.map({ $0 >= fromRow }) ?? true else {
      throw ValidationError("rows are counted from 1, and --to-row is not before --from-row")
    }
    guard timeColumn == nil || dateColumn == nil else {
      throw ValidationError("a row has one time: give --time-column or --date-column")
    }
    guard (1...10_000_000).contains(partsPerDay) else { throw ValidationError("--parts-per-day is 1 to 10000000") }
  }

  private var clock: ReplayClock {
    if let timeColumn { return .times(column: timeColumn) }
    if let dateColumn { return .dates(column: dateColumn) }
    return .steady(partsPerDay: partsPerDay, start: Scenario.start)
  }

  func run() async throws {
    try await reporting {
      let client = try await PlantClient.connect(stateDirectory: options.stateDir)
      let line = try await client.line(line)
      let file = ReplayFile(
        path: data, rows: fromRow...(toRow ?? Int.max), labelColumn: label, attributes: line.row.attributes,
        features: line.row.features, featureCount: line.row.shape.reduce(1, *), classNames: line.row.classes,
        clock: clock, idPrefix: options.idPrefix)
      let run = StreamRun(
        client: client, lines: [line], failures: [nil], plan: options.plan(), seed: options.seed, log: options.log)
      let report = try await run.report(on: try file.parts())
      try report.show(json: options.json)
      try report.check()
    }
  }
}
