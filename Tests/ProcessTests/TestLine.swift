import Domain
import Foundation
import NeuralNet
import Testing
import UnixSocket
import Wire

/// A line of two features, two classes and the products A and B, whose student says "good" where x > 0: not so surely
/// that it could not learn the opposite.
enum TestLine {
  static let cells = [Cell(["A"]), Cell(["B"])]

  static func id() throws -> LineID { try LineID("press-1") }

  static func definition(_ name: String = "press-1") throws -> LineDefinition {
    LineDefinition(
      id: try LineID(name), schema: try GroupSchema(attributes: ["product"], includesOutcome: false),
      featureNames: ["x", "y"],
      classNames: ["bad", "good"])
  }

  /// - Parameter width: hidden units of a student with random parameters; nil for the one described above.
  static func addition(
    _ settings: LineSettings, name: String = "press-1", width: Int? = nil, advice: AdviceBounds? = nil
  ) throws -> AddLineRequest {
    let shape = try StudentShape(inputCount: 2, hiddenWidths: width.map { [$0, $0] } ?? [], classCount: 2)
    let identity = Standardizer(identity: 2)
    let student =
      width == nil
      ? try #require(Student(shape: shape, standardizer: identity, parameters: [-0.5, 0.5, 0, 0, 0, 0]))
      : Student(shape: shape, standardizer: identity, seed: 1)
    let report = TrainingReport(
      folds: cells.map { FoldCounts(group: GroupKey(cell: $0), train: 100, select: 20, heldOut: 20) },
      teacher: TeacherExamination(name: "none", scores: [], verdict: .absent, sentence: "no teacher"), arms: [],
      chosenArm: nil, heldOutScores: [], pairs: [], seed: 1, instructionSet: "-", seconds: 0,
      remarks: ["made by hand, for a test"], advice: advice)
    return AddLineRequest(
      definition: try definition(name), settings: settings, student: OperatorCoding.base64(student.bytes),
      teacher: .columns(prefix: "t"), report: report, source: "a test")
  }

  static func features(_ x: [Float]) -> Tensor {
    Tensor(name: "features", shape: [x.count, 2], datatype: .fp32, data: .floats(x.flatMap { [$0, 0] }))
  }

  /// One part.
  static func infer(_ part: String, x: Float, product: String = "A") throws -> InferenceCall {
    .infer(
      try id(), nil, InferRequest(id: part, parameters: ["product": .text(product)], inputs: [features([x])]))
  }

  /// One part as the bytes of a request, to be written behind others.
  static func pipelined(_ part: String) throws -> String { bytes(try infer(part, x: 0.5)) }

  private static func bytes(_ call: InferenceCall) -> String {
    let request = call.outgoing
    return "POST \(request.path) HTTP/1.1\r\nHost: a\r\nKaizen-Deadline-Ms: 20000\r\n"
      + "Content-Length: \(request.body.count)\r\n\r\n" + String(decoding: request.body, as: UTF8.self)
  }

  static func outcome(_ part: String, _ label: String) throws -> InferenceCall {
    .outcomes(try id(), [OutcomeItem(id: part, label: .text(label))])
  }

  static func outcomeStatus(_ answer: WireResponse) throws -> OutcomeStatus {
    try #require(try OutcomesReply(parsing: answer.body).rows.first).status
  }
}

/// What a client remembers of an answer to one part.
struct PartAnswer: Equatable, Sendable {
  let id: String
  let label: String
  let version: String
  let confidence: Double?
  let recorded: Bool

  init(_ answer: WireResponse) throws {
    let reply = try InferReply(parsing: answer.body)
    id = reply.id ?? ""
    label = reply.outputs.first { $0.name == "label" }?.data.asTexts.first ?? ""
    version = reply.modelVersion
    if case .number(let value) = reply.parameters["confidence"] { confidence = value } else { confidence = nil }
    recorded = reply.parameters["recorded"] == .flag(true)
  }
}

extension TestedDaemon {
  func add(_ line: AddLineRequest) async throws {
    let reply: AddLineReply = try await operate(.addLine(line))
    try #require(reply.version == 1)
  }

  func predictions() async throws -> Int { try await status().ledger.predictions }
}
