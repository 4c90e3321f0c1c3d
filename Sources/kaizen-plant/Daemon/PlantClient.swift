import Domain
import Foundation
import NeuralNet
import PlantSimulation
import UnixSocket
import Wire

/// A daemon's two sockets as the plant uses them.
struct PlantClient: Sendable {
  private let infer: HTTPUnixClient
  private let control: HTTPUnixClient

  /// Where the service's sockets are.
  static let serviceDirectory = "/run/kaizend"
  static let stateDirectoryVariable = "KAIZEN_STATE_DIR"

  /// - Parameter stateDirectory: as given on the command line; else the environment's, else the service's sockets.
  static func connect(stateDirectory: String?) async throws -> PlantClient {
    let environment = ProcessInfo.processInfo.environment[stateDirectoryVariable].flatMap { $0.isEmpty ? nil : $0 }
    let directory = (stateDirectory ?? environment).map { $0 + "/run" } ?? serviceDirectory
    do {
      return PlantClient(
        infer: try await HTTPUnixClient.connect(path: directory + "/infer.sock"),
        control: try await HTTPUnixClient.connect(path: directory + "/control.sock"))
    } catch {
      throw PlantFault(.unavailable, "\(error)")
    }
  }

  var isReady: Bool {
    get async {
      (try? await infer.send(InferenceCall.ready.outgoing).status) == 200
    }
  }

  func status() async throws -> StatusReply { try await get(.status) }

  func runs(line: String) async throws -> [RunRow] {
    let reply: RunsReply = try await get(.runs(try Self.lineID(line)))
    return reply.runs
  }

  func models(line: String) async throws -> [ModelRow] {
    let reply: ModelsReply = try await get(.models(try Self.lineID(line)))
    return reply.models
  }

  /// A student in base64.
  func modelBytes(line: String, version: Int) async throws -> String {
    let reply: ModelBytesReply = try await get(.modelBytes(try Self.lineID(line), ModelVersion(version)))
    return reply.bytes
  }

  /// What the trainer told of a run; nil where it did not get that far.
  func report(run: Int) async throws -> TrainingReport? {
    let reply: ExplainReply = try await get(.explainRun(run))
    return reply.report
  }

  /// All monitored sets of parts.
  func groups(line: String) async throws -> [GroupRow] {
    let reply: GroupsReply = try await get(.groups(try Self.lineID(line)))
    return reply.groups
  }

  /// The newest entries of the audit trail, oldest first.
  func audit(limit: Int) async throws -> [AuditRow] {
    let reply: AuditReply = try await get(.audit(line: nil, run: nil, group: nil, limit: limit))
    return reply.entries
  }

  /// The line of that name and the student that serves it now.
  func line(_ name: String) async throws -> (row: LineRow, streamed: StreamedLine) {
    let reply: LinesReply = try await get(.lines)
    guard let row = reply.lines.first(where: { $0.line == name }) else {
      let known = reply.lines.isEmpty ? "it has none yet" : "it has \(reply.lines.map(\.line).joined(separator: ", "))"
      throw PlantFault(.noInput, "the daemon has no line \"\(name)\" (\(known)); make one with 'kaizenctl line add'")
    }
    guard row.time == TimeSource.event.rawValue else {
      throw PlantFault(
        .usage, "line \(name) goes by the clock; parts of other times need a line added with '--time event'")
    }
    guard row.champion >= 1 else { throw PlantFault(.software, "line \(name) has no student") }
    let model: ModelBytesReply = try await get(.modelBytes(try Self.lineID(name), ModelVersion(row.champion)))
    guard let bytes = OperatorCoding.bytes(base64: model.bytes) else {
      throw PlantFault(.software, "the daemon's copy of version \(row.champion) is no base64")
    }
    let student: Student
    do {
      student = try Student(bytes: bytes)
    } catch {
      throw PlantFault(.software, "version \(row.champion) of \(name) cannot be read: \(error)")
    }
    let streamed = StreamedLine(
      name: name, attributes: row.attributes, classNames: row.classes, frozenVersion: row.champion, frozen: student)
    return (row, streamed)
  }

  /// States of a run in which the trainer computes.
  private static let trainingStates: Set<String> = ["training", "evaluating"]
  /// Between two questions whether it still does.
  private static let pause: Duration = .milliseconds(50)
  /// How often the streamer may pause: ten minutes for one retraining.
  static let pausesMaximum = 12_000

  var calls: DaemonCalls {
    DaemonCalls(
      infer: { try await ask($0, $1) }, outcomes: { try await deliver($0, $1) },
      isTraining: {
        guard let job = try await status().job, Self.trainingStates.contains(job.state) else { return false }
        // A training on a busy machine outlasts the daemon's patience with a connection that says nothing.
        _ = await isReady
        return true
      },
      pause: { try await Task.sleep(for: Self.pause) })
  }

  private func ask(_ line: StreamedLine, _ part: Part) async throws -> Answer {
    var parameters = Parameters()
    for (name, value) in zip(line.attributes, part.cell.values) { parameters[name] = .text(value) }
    parameters[InferRequest.observedAtParameter] = .text("\(part.time)")
    let features = InputTensor(
      name: InferBatch.featuresName, shape: [1] + line.shape, datatype: .fp32, data: .floats(part.features))
    let request = InferRequest(id: part.id, parameters: parameters, inputs: [features])
    let bytes = try await exchange(infer, InferenceCall.infer(try Self.lineID(line.name), nil, request).outgoing)
    let reply: InferReply
    do {
      reply = try InferReply(parsing: bytes)
    } catch {
      throw PlantFault(.software, "the answer to part \(part.id) cannot be read: \(error)")
    }
    guard let label = reply.outputs.first(where: { $0.name == "label" })?.data.asTexts.first,
      let predicted = line.classNames.firstIndex(of: label), let version = Int(reply.modelVersion)
    else {
      throw PlantFault(.software, "the answer to part \(part.id) names no class of the line or no version")
    }
    var confidence: Double?
    if case .number(let value) = reply.parameters["confidence"] { confidence = value }
    let reasons = reply.parameters["advice_reasons"]?.text ?? ""
    guard let advice = Advice(reasonNames: reasons), advice.verdict == reply.parameters["advice"]?.text else {
      throw PlantFault(.software, "the answer to part \(part.id) advises for reasons \"\(reasons)\", which do not fit")
    }
    return Answer(predictedClass: predicted, version: version, confidence: confidence, advice: advice)
  }

  private func deliver(_ line: StreamedLine, _ outcomes: [PendingOutcome]) async throws -> [OutcomeStatus] {
    let items = outcomes.map { outcome in
      OutcomeItem(
        id: outcome.part, label: .text(line.classNames[outcome.label]), observedAt: outcome.observedAt,
        source: outcome.source)
    }
    let bytes = try await exchange(infer, InferenceCall.outcomes(try Self.lineID(line.name), items).outgoing)
    do {
      return try OutcomesReply(parsing: bytes).rows.map(\.status)
    } catch {
      throw PlantFault(.software, "the answer to \(items.count) outcomes cannot be read: \(error)")
    }
  }

  private static func lineID(_ name: String) throws(PlantFault) -> LineID {
    do {
      return try LineID(name)
    } catch {
      throw PlantFault(.usage, error.sentence)
    }
  }

  private func get<Reply: Decodable>(_ call: OperatorCall) async throws -> Reply {
    let request = try call.outgoing()
    let bytes = try await exchange(control, request)
    do {
      return try OperatorCoding.message(Reply.self, from: bytes)
    } catch {
      throw PlantFault(.software, "the daemon's answer to \(request.path) cannot be read: \(error)")
    }
  }

  private func exchange(_ client: HTTPUnixClient, _ request: OutgoingRequest) async throws -> [UInt8] {
    let response: WireResponse
    do {
      response = try await client.send(request)
    } catch {
      throw PlantFault(.unavailable, "\(error)")
    }
    guard response.isSuccess else {
      throw PlantFault(.data, "the daemon refused \(request.path) (\(response.status)): \(response.errorSentence)")
    }
    return response.body
  }
}
