import Domain
import Engine
import NeuralNet
import UnixSocket
import Wire

/// Answers `infer.sock`: every call of the protocol in one place, decoded before and encoded after it.
struct InferenceDesk: Sendable {
  let plant: Plant
  let clock: DaemonClock
  let counters = InferenceCounters()

  func answer(_ request: WireRequest, from peer: Peer, reply: @escaping @Sendable (WireResponse) -> Void) {
    do throws(WireFault) {
      try dispatch(try InferenceCall.decode(request), from: peer, reply: reply)
    } catch {
      reply(error.response)
    }
  }

  private func dispatch(
    _ call: InferenceCall, from peer: Peer, reply: @escaping @Sendable (WireResponse) -> Void
  ) throws(WireFault) {
    switch call {
    case .live: reply(HealthReply(live: true, ready: true).response(asking: .live))
    case .ready: reply(HealthReply(live: true, ready: true).response(asking: .ready))
    case .serverMetadata: reply(ServerMetadata(name: "kaizend", version: daemonVersion).response)
    case .modelMetadata(let line, let version): reply(try metadata(line, version).response)
    case .modelReady(let line, let version):
      _ = try live(line, version)
      reply(ModelReadyReply(name: line.text, ready: true).response)
    case .infer(let line, let version, let request):
      do throws(WireFault) {
        try infer(line, version, request, peer: peer, reply: reply)
      } catch {
        if plant.serving.snapshot(line) != nil { counters.failed(line) }
        throw error
      }
    case .outcomes(let line, let items):
      record(items, line: line, plant: plant, receipt: clock.receipt(peer), reply: reply)
    case .repositoryIndex:
      reply(
        RepositoryEntry.response(
          plant.serving.lineIDs.compactMap { plant.serving.snapshot($0) }.flatMap { snapshot in
            snapshot.liveVersions.map {
              RepositoryEntry(name: snapshot.definition.id.text, version: $0.description, isReady: true)
            }
          }))
    case .modelStats(let line):
      let snapshot = try live(line, nil)
      reply(ModelStatistics.response([counters.statistics(line, version: snapshot.champion)]))
    }
  }

  private func live(_ line: LineID, _ version: ModelVersion?) throws(WireFault) -> LineSnapshot {
    guard let snapshot = plant.serving.snapshot(line) else {
      throw plant.serving.reasonClosed(line).map { .notReady($0) } ?? .unknownLine(line.text)
    }
    if let version, snapshot.students[version] == nil {
      throw .unknownVersion(line: line.text, version: version.description)
    }
    return snapshot
  }

  private func metadata(_ line: LineID, _ version: ModelVersion?) throws(WireFault) -> ModelMetadata {
    let snapshot = try live(line, version)
    let definition = snapshot.definition
    return ModelMetadata(
      name: line.text, versions: (version.map { [$0] } ?? snapshot.liveVersions).map(\.description),
      platform: "kaizend_student",
      inputs: [
        TensorMetadata(name: InferBatch.featuresName, datatype: .fp32, shape: [-1] + definition.input.sizes)
      ],
      outputs: InferAnswer.outputs(classCount: definition.classNames.count))
  }

  private func infer(
    _ line: LineID, _ version: ModelVersion?, _ request: InferRequest, peer: Peer,
    reply: @escaping @Sendable (WireResponse) -> Void
  ) throws(WireFault) {
    let receipt = clock.receipt(peer)
    let snapshot = try live(line, version)
    let batch = try InferBatch(request, definition: snapshot.definition)
    let requestID = request.id ?? uuidVersion7(receipt.wallClock)
    let queries = try PartQueries.read(request, batch: batch, requestID: requestID)
    let wanted = try InferAnswer.checkedOutputs(request.outputs)
    let predictions: [Prediction]
    do {
      predictions = try plant.serving.predict(line: line, version: version, parts: queries, receipt: receipt)
    } catch {
      throw wireFault(error, line: line)
    }
    plant.record(predictions) { [clock, counters] result in
      switch result {
      case .success(let parts):
        let latency = clock.monotonicMicroseconds() - receipt.monotonicMicroseconds
        counters.succeeded(line, parts: parts.count, microseconds: latency, at: receipt.wallClock)
        reply(
          InferAnswer(snapshot: snapshot, requestID: requestID, parts: parts, latencyMicroseconds: latency)
            .reply(outputs: wanted).response)
      case .failure(let fault):
        counters.failed(line)
        reply(wireFault(fault).response)
      }
    }
  }
}

/// Hands outcomes to the plant and answers with one status each; both sockets take them.
func record(
  _ items: [OutcomeItem], line: LineID, plant: Plant, receipt: Receipt,
  reply: @escaping @Sendable (WireResponse) -> Void
) {
  let reports = items.map {
    OutcomeReport(part: $0.id, label: $0.label.text, observedAt: $0.observedAt, source: $0.source, amends: $0.amends)
  }
  plant.record(line: line, outcomes: reports, receipt: receipt) { result in
    switch result {
    case .success(let statuses):
      reply(OutcomesReply(rows: zip(items, statuses).map { .init(id: $0.id, status: $1) }).response)
    case .failure(let fault): reply(wireFault(fault).response)
    }
  }
}

func wireFault(_ fault: ServingFault, line: LineID) -> WireFault {
  switch fault {
  case .unknownLine(let name): .unknownLine(name)
  case .unknownVersion(let version, _): .unknownVersion(line: line.text, version: version.description)
  case .unusableAnswer: .internalFailure(fault.sentence)
  case .wrongFeatureCount, .nonFiniteInput, .badAttribute, .badPartID, .eventTimeInFuture: .badMessage(fault.sentence)
  }
}

func wireFault(_ fault: RecordingFault) -> WireFault {
  switch fault {
  case .busy: .queueFull(retryAfterSeconds: 1)
  case .conflict(let part): .idConflict(part)
  case .storage(let sentence): .notReady(sentence)
  case .unknownLine(let name): .unknownLine(name)
  }
}
