import Domain
import FoundationEssentials
import Wire

/// A student on its way between the daemon and an ONNX file: the training program converts it in a folder of ours.
struct ModelExchange {
  let folder: DistilledFolder
  private let options: GlobalOptions
  private let interruption: Interruption

  private static let givenFile = "given.bin"
  private static let cardFile = "card.json"

  init(_ options: GlobalOptions) throws {
    self.options = options
    interruption = try Interruption.install()
    folder = try DistilledFolder.make()
  }

  /// Where `fetch` puts the daemon's student.
  var student: String { "\(folder.path)/\(Self.givenFile)" }

  func row(of line: LineID) async throws -> LineRow {
    let lines = try await options.daemon.ask(.lines, as: LinesReply.self).reply.lines
    guard let row = lines.first(where: { $0.line == line.text }) else {
      throw Failure(.noInput, "there is no line \"\(line)\".", next: .kaizenctl(["lines"]))
    }
    return row
  }

  /// Writes the student's bytes into the folder.
  func fetch(_ line: LineID, _ version: ModelVersion) async throws -> ModelBytesReply {
    let reply = try await options.daemon.ask(.modelBytes(line, version), as: ModelBytesReply.self).reply
    guard let bytes = OperatorCoding.bytes(base64: reply.bytes) else {
      throw Failure(.software, "the daemon's answer holds no student.")
    }
    try folder.write(bytes, Self.givenFile)
    return reply
  }

  func write(_ card: ModelCard) throws { try folder.write([UInt8](try JSONEncoder().encode(card)), Self.cardFile) }

  func run(_ verb: Distillation.Verb, _ arguments: [String]) throws {
    try Distillation(
      verb: verb, arguments: arguments + ["--card=\(folder.path)/\(Self.cardFile)"],
      display: ProgressDisplay(output: options.output), interruption: interruption
    ).run()
  }

  /// The last moment to turn back.
  func checkInterruption(_ verb: Distillation.Verb) throws {
    if interruption.hasCome { throw verb.interrupted }
  }
}

/// What the training program is told of a line.
struct ModelCard: Encodable {
  let classes: [String]
  let features: [String]
  let notes: [String: String]?

  init(_ row: LineRow, notes: [String: String]?) {
    classes = row.classes
    features = row.features
    self.notes = notes
  }
}

/// What the training program says of a file it read.
struct ImportSummary: Decodable {
  let sha256: String
  let remarks: [String]

  static let file = "import.json"
}
