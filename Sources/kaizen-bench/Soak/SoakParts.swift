import Domain
import UnixSocket
import Wire

/// The requests of the soak that carry parts, with the answers they must get.
struct SoakParts {
  let bench: BenchLines
  let socket: String

  private static let unknownGroupCount = 10
  private static let batchKindCount = 4

  /// - Returns: of each kind.
  func requests() async throws -> [SoakKind: [RequestKind]] {
    var parts: [SoakKind: [RequestKind]] = [:]
    parts[.json] = try await Encoding.json.requests(bench, socket: socket).kinds
    parts[.binary] = try await Encoding.binary.requests(bench, socket: socket).kinds
    var strangers = Array(bench.parts.prefix(Self.unknownGroupCount))
    for index in strangers.indices { strangers[index].product = "Z\(index)" }
    let unknown = BenchLines(lines: bench.lines, student: bench.student, parts: strangers)
    parts[.unknownGroup] = try await Encoding.json.requests(unknown, socket: socket).kinds
    parts[.batch] = try await batches()
    return parts
  }

  private func batches() async throws -> [RequestKind] {
    let client = try await HTTPUnixClient.connect(path: socket)
    var kinds: [RequestKind] = []
    for number in 0..<Self.batchKindCount {
      let chosen = (0..<SoakPlan.batchCount).map {
        bench.parts[(number * SoakPlan.batchCount + $0) % bench.parts.count]
      }
      let probe = InferMessage(json: request(chosen, id: "probe-batch-\(number)"), line: bench.lines[0])
      let answer = try await client.send(method: .post, path: probe.path, body: probe.body)
      guard answer.isSuccess else { throw BenchFailure("a batch was refused: \(answer.errorSentence)") }
      let outputs = try InferReply(parsing: answer.body).outputs
      guard case .bytes(let labels)? = outputs.first(where: { $0.name == "label" })?.data,
        let probabilities = outputs.first(where: { $0.name == "probabilities" })?.data.asFloats,
        labels == chosen.map(\.label), probabilities == chosen.flatMap(\.probabilities)
      else { throw BenchFailure("batch \(number) was not answered what the student says") }
      let bytes = InferMessage(json: request(chosen, id: RequestBytes.idPlaceholder), line: bench.lines[0]).bytes
      kinds.append(
        RequestKind(
          bytes: bytes, idOffset: RequestBytes.idOffset(in: bytes),
          expected: .answer(status: 200, ending: try Encoding.ending(answer))))
    }
    await client.close()
    return kinds
  }

  /// Without a tensor of ids: part k of request ID is `ID/k`.
  private func request(_ parts: [BenchPart], id: String) -> InferRequest {
    let tensor = InputTensor(
      name: InferBatch.featuresName, shape: [parts.count, parts[0].values.count], datatype: .fp32,
      data: .floats(parts.flatMap(\.values)))
    return InferRequest(
      id: id, parameters: ["product": .text(parts[0].product)], inputs: [tensor], outputs: ["label", "probabilities"])
  }
}
