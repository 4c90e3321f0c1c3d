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
    let times = RequestTimes(received: clock.nanoseconds(), read: request.readNanoseconds)
    var send = reply
    if let accepted = request.headers["Accept-Encoding"] {
      send = { reply($0.compressed(accepting: accepted)) }
    }
    do throws(WireFault) {
      try dispatch(try InferenceCall.decode(request), times, from: peer, reply: send)
    } catch {
      send(error.response)
    }
  }

  private func dispatch(
    _ call: InferenceCall, _ times: RequestTimes, from peer: Peer, reply: @escaping @Sendable (WireResponse) -> Void
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
      let snapshot = try live(line, version)
      do throws(WireFault) {
        try infer(snapshot, version, request, times, peer: peer, reply: reply)
      } catch {
        counters.failed(
          line, version: version ?? snapshot.champion, nanoseconds: clock.nanoseconds() - times.received)
        throw error
      }
    case .outcomes(let line, let items):
      record(items, line: line, plant: plant, receipt: clock.receipt(peer), reply: reply)
    case .repositoryIndex(let readyOnly):
      reply(RepositoryEntry.response(repositoryIndex.filter { $0.isReady || !readyOnly }))
    case .modelStats(let line, let version): reply(ModelStatistics.response(try statistics(line, version)))
    }
  }

  /// Versions that do not serve are no longer loaded, and so are not in the index.
  private var repositoryIndex: [RepositoryEntry] {
    plant.serving.lineIDs.compactMap { plant.serving.snapshot($0) }.flatMap { snapshot in
      snapshot.liveVersions.map {
        RepositoryEntry(name: snapshot.definition.id.text, version: $0.description, isReady: true)
      }
    }
  }

  private func statistics(_ line: LineID?, _ version: ModelVersion?) throws(WireFault) -> [ModelStatistics] {
    var snapshots: [LineSnapshot] = []
    if let line {
      snapshots = [try live(line, version)]
    } else {
      snapshots = plant.serving.lineIDs.compactMap { plant.serving.snapshot($0) }
    }
    return snapshots.flatMap { snapshot in
      (version.map { [$0] } ?? snapshot.liveVersions).map {
        counters.statistics(snapshot.definition.id, version: $0)
      }
    }
  }

  private func live(_ line: LineID, _ version: ModelVersion?) throws(WireFault) -> LineSnapshot {
    guard let snapshot = plant.serving.snapshot(line) else {
      throw plant.serving.reasonClosed(line).map { .notReady($0) } ?? .unknownLine(line.text)
    }
    if let version, !snapshot.serves(version) {
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
    _ snapshot: LineSnapshot, _ version: ModelVersion?, _ request: InferRequest, _ times: RequestTimes, peer: Peer,
    reply: @escaping @Sendable (WireResponse) -> Void
  ) throws(WireFault) {
    let line = snapshot.definition.id
    let receipt = clock.receipt(peer)
    let batch = try InferBatch(request, definition: snapshot.definition)
    let requestID = request.id ?? uuidVersion7(receipt.wallClock)
    let queries = try PartQueries.read(request, batch: batch, requestID: requestID)
    let wanted = try InferAnswer.checkedOutputs(request.outputs)
    var times = times
    times.decoded = clock.nanoseconds()
    let parts: ServedParts
    do {
      parts = try plant.serving.predict(on: snapshot, version: version, parts: queries, receipt: receipt)
    } catch {
      throw wireFault(error, line: line)
    }
    times.inferred = clock.nanoseconds()
    plant.queue(parts) { [clock, counters, times, binary = request.binaryOutputs] result in
      var times = times
      switch result {
      case .success(let parts):
        times.committed = clock.nanoseconds()
        let latency = clock.monotonicMicroseconds() - receipt.monotonicMicroseconds
        var response = InferAnswer(snapshot: snapshot, requestID: requestID, parts: parts, latencyMicroseconds: latency)
          .reply(outputs: wanted).response(binary)
        times.encoded = clock.nanoseconds()
        response.times = times.stages
        counters.succeeded(line, parts: parts, times: times, at: receipt.wallClock)
        reply(response)
      case .failure(let fault):
        counters.failed(
          line, version: version ?? snapshot.champion, nanoseconds: clock.nanoseconds() - times.received)
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
