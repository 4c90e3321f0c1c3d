import ArgumentParser
import ControlText
import Domain
import Wire

struct Predict: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask about one part, by hand.",
    discussion: "The answer is logged as any other: with a made-up --id it stays without an outcome.")

  @OptionGroup var options: GlobalOptions
  @Argument var line: LineID
  @Option(help: "The part's serial number; the same id and input give the same answer.") var id: String?
  @Option(help: ArgumentHelp("One attribute of the group; may be repeated.", valueName: "name=value"))
  var attribute: [String] = []
  @Option(
    help: ArgumentHelp(
      "A JSON object of features by name, or a list of one part's numbers, flat or nested as its shape is; - for"
        + " standard input.", valueName: "file"))
  var jsonInputs: String?
  @Option(help: "A file of parts, .csv, .csv.gz or .npz, with the line's attributes; --row says which part.")
  var data: String?
  @Option(help: "The part's row in --data, counted from 1.") var row: Int?
  @Option(help: "The column of --data with the true class, which is no feature.") var label = "label"
  @Argument(help: ArgumentHelp("The features by name.", valueName: "feature=value")) var features: [String] = []

  func validate() throws {
    guard [jsonInputs != nil, !features.isEmpty, data != nil].count(where: { $0 }) <= 1 else {
      throw ValidationError("--json-inputs, --data and feature=value all give the features. Take one.")
    }
    guard (data == nil) == (row == nil), row ?? 1 >= 1 else {
      throw ValidationError("--data names a file and --row a part in it, counted from 1. Give both.")
    }
  }

  func run() async throws {
    try await options.reporting {
      let definition = try await options.daemon.line(line.text)
      let given = try HandPart.attributes(attribute, of: definition)
      let (attributes, inputs) = try part(definition)
      // What is typed counts more than what the file says.
      let request = HandPart.request(id: id, attributes: attributes + given, inputs: inputs, of: definition)
      let call = InferenceCall.infer(line, nil, request)
      let answer = try await options.daemon.exchange(options.daemon.inferSocket, call.outgoing)
      let reply = try HandPart.reply(answer, of: definition)
      try options.output.show(reply, json: OperatorCoding.bytes(reply))
    }
  }

  private func part(_ definition: LineRow) throws -> (attributes: [(name: String, value: String)], inputs: [Float]) {
    if let data, let row {
      let part = try HandRow.read(data, row: row, label: label, of: definition)
      return (part.attributes, part.inputs)
    }
    let inputs =
      if let jsonInputs { try HandPart.inputs(file: jsonInputs, of: definition) } else {
        try HandPart.inputs(features, of: definition)
      }
    return ([], inputs)
  }
}
