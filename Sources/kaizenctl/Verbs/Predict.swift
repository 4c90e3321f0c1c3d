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
  @Argument(help: ArgumentHelp("The features by name.", valueName: "feature=value")) var features: [String] = []

  func validate() throws {
    if jsonInputs != nil, !features.isEmpty {
      throw ValidationError("--json-inputs and feature=value both give the features. Take one.")
    }
  }

  func run() async throws {
    try await options.reporting {
      let row = try await options.daemon.line(line.text)
      let attributes = try HandPart.attributes(attribute, of: row)
      let inputs = try jsonInputs.map { try HandPart.inputs(file: $0, of: row) } ?? HandPart.inputs(features, of: row)
      let request = HandPart.request(id: id, attributes: attributes, inputs: inputs, of: row)
      let call = InferenceCall.infer(line, nil, request)
      let answer = try await options.daemon.exchange(options.daemon.inferSocket, call.outgoing)
      let reply = try HandPart.reply(answer, of: row)
      try options.output.show(reply, json: OperatorCoding.bytes(reply))
    }
  }
}
