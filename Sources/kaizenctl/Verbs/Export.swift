import ArgumentParser
import ControlText
import Domain
import FoundationEssentials
import Wire

struct Export: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a line's parts, with what was true of them, to files.",
    discussion: """
      parts.csv has a row for each answered part; with --outcomes, outcomes.csv one for everything that was said of \
      parts. manifest.json tells columns, types, rows and a SHA-256 of each file. What comes in meanwhile is not in it.

      csv and jsonl hold features as one array; parquet-csv has a typed column for each, and nothing where a value is not \
      known. To Parquet:
        duckdb -c "COPY (FROM read_csv('DIR/parts.csv', header=true)) TO 'parts.parquet'"
        python3 -c "import pyarrow.csv as c, pyarrow.parquet as p; p.write_table(c.read_csv('parts.csv'), 'parts.parquet')"
      """)

  @OptionGroup var options: GlobalOptions
  @Argument var line: LineID
  @Option(help: ArgumentHelp("The folder to write to; files of those names must not be there.", valueName: "dir"))
  var to: String
  @Option(help: "csv, jsonl or parquet-csv.") var format = ExportFormat.csv
  @Option(help: ArgumentHelp("Only parts of this time (RFC 3339) and later.", valueName: "time")) var since: String?
  @Option(help: ArgumentHelp("Only parts before this time.", valueName: "time")) var until: String?
  @Option(help: ArgumentHelp("Only parts of this group.", valueName: "attribute=value,...")) var group: String?
  @Flag(help: "With what the student was asked.") var features = false
  @Flag(help: "A second file with every outcome, of all channels.") var outcomes = false

  func validate() throws {
    for (name, text) in [("--since", since), ("--until", until)] {
      if let text, Timestamp(text) == nil {
        throw ValidationError("\(name) is a time such as 2026-11-28T06:00:00Z (got \"\(printable(text))\").")
      }
    }
  }

  func run() async throws {
    try await options.reporting {
      let selection = ExportSelection(
        format: format, features: features, since: since.flatMap { Timestamp($0) },
        until: until.flatMap { Timestamp($0) },
        group: group)
      let export = LineExport(
        options: options, line: line, selection: selection, outcomes: outcomes, folder: to)
      let now = Timestamp(microseconds: Int64(Date().timeIntervalSince1970 * 1_000_000))
      let manifest = try await export.run(at: now)
      try options.output.show(ExportText(manifest, folder: to), json: OperatorCoding.bytes(manifest))
    }
  }
}

extension ExportFormat: ExpressibleByArgument {}
